import Files
import Foundation

extension TokenizerParts {
  /// Reads vocab.json and merges.txt, the files that came before tokenizer.json.
  ///
  /// They do not say how text is cut into words; the class that tokenizer_config.json names does,
  /// and GPT-2's rules hold where it names none.
  init(
    vocabulary: URL, merges: URL, settings: TokenizerSettings
  ) throws(TokenizerError) {
    var builder = BytePairBuilder(path: vocabulary.path)
    guard let object = try JSONValue(file: vocabulary).object else {
      throw .malformed(path: vocabulary.path, reason: "the vocabulary is not an object")
    }
    try builder.setVocabulary(object)
    try Self.readMerges(merges, into: &builder)
    let model = try builder.model(ignoresMerges: false)

    let (pattern, normalizer) = try Self.rules(settings)
    var addedTokens: [AddedToken] = []
    for (id, value) in settings.addedTokens {
      addedTokens.append(try AddedToken(value, id: id, path: settings.path))
    }
    // Of the files of GPT-2 itself none says that this is not ordinary text.
    let endOfText = Array((settings.token("eos_token") ?? "<|endoftext|>").utf8)
    if addedTokens.isEmpty, let id = model.vocabulary.id(of: endOfText) {
      addedTokens.append(AddedToken(special: endOfText, id: id))
    }
    var prefix: [Int] = []
    if settings.flag("add_bos_token"), let content = settings.token("bos_token"),
      let id = model.vocabulary.id(of: Array(content.utf8))
    {
      prefix = [id]
    }
    self.init(
      model: model, normalizer: normalizer,
      preTokenizer: PreTokenizer(
        steps: [.words(pattern)], prefixSpaceStep: settings.flag("add_prefix_space") ? 0 : nil),
      addedTokens: addedTokens, prefix: prefix, suffix: [], endOfText: settings.token("eos_token"))
  }

  private static func rules(
    _ settings: TokenizerSettings
  ) throws(TokenizerError) -> (WordPattern, Normalizer) {
    switch settings.tokenizerClass {
    case nil, "GPT2Tokenizer", "GPT2TokenizerFast", "CodeGenTokenizer", "CodeGenTokenizerFast",
      "PreTrainedTokenizerFast":
      return (.gpt2, .none)
    case "Qwen2Tokenizer", "Qwen2TokenizerFast": return (.qwen2, .canonicalComposition)
    case let name?:
      throw .unsupported(
        path: settings.path, part: "tokenizer_class", found: name,
        supported: "GPT2Tokenizer, CodeGenTokenizer, Qwen2Tokenizer, and any with a tokenizer.json")
    }
  }

  private static func readMerges(
    _ url: URL, into builder: inout BytePairBuilder
  ) throws(TokenizerError) {
    let file: MappedFile
    do {
      file = try MappedFile(url)
    } catch {
      throw .file(error)
    }
    guard let text = String(validating: file.bytes, as: UTF8.self) else {
      throw .malformed(path: url.path, reason: "it is not valid UTF-8")
    }
    var isFirst = true
    for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
      var line = Substring(line)
      if line.utf8.last == UInt8(ascii: "\r") { line = Substring(line.utf8.dropLast()) }
      let isVersion = isFirst && line.utf8.starts(with: "#version".utf8)
      isFirst = false
      if isVersion || line.isEmpty { continue }
      try builder.addMerge(line: line)
    }
  }
}

extension TokenizerParts.AddedToken {
  /// A special token that no file describes.
  init(special content: [UInt8], id: Int) {
    entry = AddedTokens.Entry(
      id: id, content: content, takesLeft: false, takesRight: false, isWord: false)
    isNormalized = false
  }
}
