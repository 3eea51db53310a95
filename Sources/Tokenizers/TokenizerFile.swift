import Files
import Foundation

/// A tokenizer.json: one object with a member for each stage.
struct TokenizerFile {
  let path: String
  let json: JSONValue

  init(_ url: URL) throws(TokenizerError) {
    path = url.path
    json = try JSONValue(file: url)
  }

  func malformed(_ reason: String) -> TokenizerError { .malformed(path: path, reason: reason) }

  func unsupported(_ part: String, _ found: String, supported: String) -> TokenizerError {
    .unsupported(path: path, part: part, found: found, supported: supported)
  }

  /// A stage as the list of its steps: none if null, those of a Sequence, or itself.
  func steps(
    of stage: JSONValue?, list: String, part: String, depth: Int = 0
  ) throws(TokenizerError) -> [(type: String, step: JSONValue)] {
    guard let stage, !stage.isNull else { return [] }
    guard let type = stage["type"]?.string else { throw malformed("the \(part) has no type") }
    guard type == "Sequence" else { return [(type, stage)] }
    guard let members = stage[list]?.array, depth < 8 else {
      throw malformed("the \(part)'s Sequence has no list \(list)")
    }
    var steps: [(type: String, step: JSONValue)] = []
    for member in members {
      steps += try self.steps(of: member, list: list, part: part, depth: depth + 1)
    }
    return steps
  }
}

extension TokenizerParts {
  /// Reads the stages of a tokenizer.json.
  init(file: TokenizerFile, settings: TokenizerSettings) throws(TokenizerError) {
    let isByteLevel = try file.isByteLevel()
    // Of another kind of tokenizer the model is what is foreign, and not the stages around it.
    _ = try file.bytePairs()
    let decoder = isByteLevel ? try file.byteLevelDecoder() : try file.pieceDecoder()
    let model = try file.model(isByteLevel: isByteLevel)
    let (prefix, suffix) = try file.postProcessor()
    self.init(
      model: model, normalizer: try file.normalizer(isByteLevel: isByteLevel),
      preTokenizer: isByteLevel ? try file.byteLevelPreTokenizer() : try file.piecePreTokenizer(),
      addedTokens: try file.addedTokens(), prefix: prefix, suffix: suffix,
      endOfText: settings.token("eos_token"), decoder: decoder)
  }
}

// MARK: - Stages

extension TokenizerFile {
  /// Whether the vocabulary is written in GPT-2's byte alphabet; else it is SentencePiece's kind.
  func isByteLevel() throws(TokenizerError) -> Bool {
    let preTokenizers = try steps(
      of: json["pre_tokenizer"], list: "pretokenizers", part: "pre-tokenizer")
    let decoders = try steps(of: json["decoder"], list: "decoders", part: "decoder")
    return (preTokenizers + decoders).contains { $0.type == "ByteLevel" }
  }

  func byteLevelPreTokenizer() throws(TokenizerError) -> PreTokenizer {
    var result = PreTokenizer(steps: [], prefixSpaceStep: nil)
    var isByteLevel = false
    let steps = try steps(
      of: json["pre_tokenizer"], list: "pretokenizers", part: "pre-tokenizer")
    for (type, step) in steps {
      // What follows ByteLevel would see its alphabet instead of the text.
      if isByteLevel {
        throw unsupported("pre-tokenizer", "\(type) after ByteLevel", supported: Self.preTokenizers)
      }
      switch type {
      case "ByteLevel":
        isByteLevel = true
        if step["add_prefix_space"]?.bool ?? true { result.prefixSpaceStep = result.steps.count }
        if step["use_regex"]?.bool ?? true { result.steps.append(.words(.gpt2)) }
      case "Split": result.steps.append(.words(try pattern(of: step)))
      case "Digits":
        result.steps.append(.digits(individually: step["individual_digits"]?.bool ?? false))
      default: throw unsupported("pre-tokenizer", type, supported: Self.preTokenizers)
      }
    }
    guard isByteLevel else {
      throw unsupported("pre-tokenizer", "not byte-level", supported: Self.preTokenizers)
    }
    return result
  }

  private static let preTokenizers =
    "ByteLevel, alone or last in a Sequence after Split and Digits"

  private func pattern(of step: JSONValue) throws(TokenizerError) -> WordPattern {
    let expression = step["pattern"]?["Regex"]?.string
    guard let expression, let pattern = WordPattern(expression: expression) else {
      throw unsupported(
        "Split pattern", step["pattern"]?.text ?? "missing",
        supported: "those of GPT-2, Llama 3 (cl100k) and Qwen 2")
    }
    // The patterns leave no gaps, so that keeping the matches and removing the rest is the same
    // as cutting at the matches.
    switch (step["behavior"]?.string ?? "missing", step["invert"]?.bool ?? false) {
    case ("Isolated", _), ("Removed", true): return pattern
    case (let behavior, let invert):
      throw unsupported(
        "Split behavior", "\(behavior)\(invert ? ", inverted" : "")",
        supported: "Isolated; Removed, inverted")
    }
  }

  /// What is put before and behind a text.
  func postProcessor() throws(TokenizerError) -> (prefix: [Int], suffix: [Int]) {
    var prefix: [Int] = []
    var suffix: [Int] = []
    let steps = try steps(
      of: json["post_processor"], list: "processors", part: "post-processor")
    for (type, step) in steps {
      switch type {
      case "ByteLevel": break  // It changes nothing but offsets.
      case "TemplateProcessing":
        let (before, after) = try template(step)
        prefix = before + prefix
        suffix += after
      case "BertProcessing", "RobertaProcessing":
        guard let first = step["cls"]?.array?.last?.int, let last = step["sep"]?.array?.last?.int
        else { throw malformed("\(type) has no cls or no sep") }
        prefix = [first] + prefix
        suffix.append(last)
      default:
        throw unsupported(
          "post-processor", type,
          supported: "ByteLevel, TemplateProcessing, BertProcessing, RobertaProcessing, Sequence")
      }
    }
    return (prefix, suffix)
  }

  private func template(
    _ step: JSONValue
  ) throws(TokenizerError) -> (prefix: [Int], suffix: [Int]) {
    var prefix: [Int] = []
    var suffix: [Int] = []
    var isBehind = false
    for item in step["single"]?.array ?? [] {
      if item["Sequence"] != nil {
        if isBehind { throw malformed("the template has the text twice") }
        isBehind = true
        continue
      }
      guard let name = item["SpecialToken"]?["id"]?.string,
        let list = step["special_tokens"]?[name]?["ids"]?.array
      else { throw malformed("the template names a special token that it does not define") }
      for element in list {
        guard let id = element.int, id >= 0 else { throw malformed("a template id is no id") }
        if isBehind { suffix.append(id) } else { prefix.append(id) }
      }
    }
    guard isBehind else { throw malformed("the template has no place for the text") }
    return (prefix, suffix)
  }

  func byteLevelDecoder() throws(TokenizerError) -> Decoder {
    let steps = try steps(of: json["decoder"], list: "decoders", part: "decoder")
    for (type, _) in steps where type != "ByteLevel" {
      throw unsupported("byte-level tokenizer's decoder", type, supported: "ByteLevel")
    }
    if steps.isEmpty { throw unsupported("decoder", "none", supported: "ByteLevel") }
    return .byteLevel
  }

  func addedTokens() throws(TokenizerError) -> [TokenizerParts.AddedToken] {
    var tokens: [TokenizerParts.AddedToken] = []
    for value in json["added_tokens"]?.array ?? [] {
      guard let id = value["id"]?.int else { throw malformed("an added token has no id") }
      tokens.append(try TokenizerParts.AddedToken(value, id: id, path: path))
    }
    return tokens
  }
}

extension TokenizerParts.AddedToken {
  /// Reads an added token as tokenizer.json and tokenizer_config.json write it.
  init(_ value: JSONValue, id: Int, path: String) throws(TokenizerError) {
    guard let content = value["content"]?.string, !content.isEmpty else {
      throw .malformed(path: path, reason: "added token \(id) has no content")
    }
    guard (0..<Vocabulary.idLimit).contains(id) else {
      throw .malformed(path: path, reason: "the id \(id) of added token \(content) is no id")
    }
    entry = AddedTokens.Entry(
      id: id, content: Array(content.utf8), takesLeft: value["lstrip"]?.bool ?? false,
      takesRight: value["rstrip"]?.bool ?? false, isWord: value["single_word"]?.bool ?? false)
    isNormalized = value["normalized"]?.bool ?? !(value["special"]?.bool ?? false)
  }
}
