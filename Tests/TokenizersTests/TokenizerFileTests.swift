import Files
import Foundation
import Testing
import Tokenizers

@Suite("Tokenizer files")
struct TokenizerFileTests {
  private let folder: URL
  private let valid: String
  private let pieces: String

  init() throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("fathom-tokenizers-\(UUID().uuidString)", isDirectory: true)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    valid = try String(
      contentsOf: Goldens.folder.appendingPathComponent("small/qwen2/tokenizer.json"),
      encoding: .utf8)
    pieces = try String(
      contentsOf: Goldens.folder.appendingPathComponent("pieces/mistral/tokenizer.json"),
      encoding: .utf8)
  }

  private func load(_ text: String, settings: String? = nil) throws -> Tokenizer {
    try AtomicFile.write(text, to: folder.appendingPathComponent("tokenizer.json"))
    if let settings {
      try AtomicFile.write(settings, to: folder.appendingPathComponent("tokenizer_config.json"))
    }
    return try Tokenizer(folder: folder)
  }

  private func cleanUp() { try? FileManager.default.removeItem(at: folder) }

  /// The valid file with some members of some stage set to something else.
  private func changed(
    _ path: [String], of file: String? = nil, to value: JSONValue
  ) throws -> String {
    func set(_ json: JSONValue, _ path: ArraySlice<String>) -> JSONValue {
      guard let key = path.first else { return value }
      var members = json.object?.members ?? []
      let inner = set(json[key] ?? nil, path.dropFirst())
      members.removeAll { $0.key == key }
      return .object(JSONObject(members + [(key: key, value: inner)]))
    }
    return set(try JSONValue(parsing: file ?? valid), path[...]).text
  }

  @Test("A folder without a tokenizer says which files it needs")
  func missing() throws {
    defer { cleanUp() }
    let error = #expect(throws: TokenizerError.self) { try Tokenizer(folder: folder) }
    #expect(error == .noTokenizer(folder: folder.path))
    #expect(error?.description.contains("merges.txt") == true)
  }

  @Test("Other files of tokenizers are named, with how to get the one that is read")
  func otherFiles() throws {
    defer { cleanUp() }
    for name in ["tokenizer.model", "vocab.json"] {
      try AtomicFile.write("{}", to: folder.appendingPathComponent(name))
    }
    let error = #expect(throws: TokenizerError.self) { try Tokenizer(folder: folder) }
    #expect(error == .noTokenizer(folder: folder.path, others: ["vocab.json", "tokenizer.model"]))
    #expect(error?.description.contains("save_pretrained") == true)
  }

  @Test("Of a tokenizer of another kind the model is named, and not what goes with it")
  func foreignModel() throws {
    defer { cleanUp() }
    let text = """
      {"model": {"type": "WordPiece", "vocab": {"a": 0}}, "added_tokens": [],
       "normalizer": {"type": "BertNormalizer"}, "pre_tokenizer": {"type": "BertPreTokenizer"},
       "decoder": {"type": "WordPiece"}}
      """
    let error = #expect(throws: TokenizerError.self) { try load(text) }
    guard case .unsupported(_, "model", "WordPiece", "BPE") = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("A composed character that is cut into tokens is whole in each of them")
  func composedCharacter() throws {
    defer { cleanUp() }
    // No token is "é" or its bytes together, but each byte is one.
    let text = try changed(["model", "merges"], to: [])
    let tokens = try load(text).encode("xe\u{301}y")
    #expect(tokens.map(\.bytes) == [0..<1, 1..<4, 1..<4, 4..<5])
  }

  struct Change: Sendable, CustomTestStringConvertible {
    let path: [String]
    let value: JSONValue
    let mentions: String

    init(_ path: String..., to value: JSONValue, mentions: String) {
      self.path = path
      self.value = value
      self.mentions = mentions
    }

    var testDescription: String { path.joined(separator: ".") + ": " + mentions }
  }

  @Test(
    "What would change the ids and is not computed is refused by name",
    arguments: [
      Change("model", "type", to: "WordPiece", mentions: "WordPiece"),
      Change("model", "dropout", to: 0.1, mentions: "dropout"),
      Change("model", "byte_fallback", to: true, mentions: "byte_fallback"),
      Change("model", "continuing_subword_prefix", to: "##", mentions: "##"),
      Change("model", "end_of_word_suffix", to: "</w>", mentions: "</w>"),
      Change("normalizer", to: ["type": "Lowercase"], mentions: "Lowercase"),
      Change("pre_tokenizer", to: ["type": "Metaspace"], mentions: "Metaspace"),
      Change("pre_tokenizer", to: nil, mentions: "not byte-level"),
      Change(
        "pre_tokenizer",
        to: ["type": "Split", "pattern": ["Regex": "\\w+"], "behavior": "Isolated"],
        mentions: "\\w+"),
      Change("post_processor", to: ["type": "Other"], mentions: "Other"),
      Change("decoder", to: ["type": "Metaspace"], mentions: "Metaspace"),
      Change("decoder", to: nil, mentions: "none"),
    ])
  func unsupported(_ change: Change) throws {
    defer { cleanUp() }
    let error = #expect(throws: TokenizerError.self) {
      try load(try changed(change.path, to: change.value))
    }
    guard case .unsupported(_, _, let found, let supported) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(error?.description.contains(change.mentions) == true, "\(found)")
    #expect(!supported.isEmpty)
  }

  @Test(
    "What SentencePiece's kind of tokenizer does not compute is refused by name",
    arguments: [
      Change("model", "type", to: "Unigram", mentions: "Unigram"),
      Change("model", "unk_token", to: "<none>", mentions: "<none>"),
      Change("normalizer", to: ["type": "Precompiled"], mentions: "Precompiled"),
      Change(
        "normalizer", to: ["type": "Replace", "pattern": ["Regex": " {2,}"], "content": "x"],
        mentions: "{2,}"),
      Change(
        "normalizer", to: ["type": "Replace", "pattern": ["String": ""], "content": "x"],
        mentions: "not empty"),
      Change("pre_tokenizer", to: ["type": "Whitespace"], mentions: "Whitespace"),
      Change(
        "pre_tokenizer",
        to: ["type": "Metaspace", "replacement": "▁", "prepend_scheme": "second"],
        mentions: "second"),
      Change(
        "pre_tokenizer",
        to: ["type": "Split", "pattern": ["String": " "], "behavior": "Contiguous"],
        mentions: "Contiguous"),
      Change(
        "pre_tokenizer",
        to: ["type": "Split", "pattern": ["Regex": "\\d"], "behavior": "Isolated"],
        mentions: "\\d"),
      Change("pre_tokenizer", to: ["type": "ByteLevel"], mentions: "Replace"),
      Change("post_processor", to: ["type": "Other"], mentions: "Other"),
      Change("decoder", to: ["type": "WordPiece"], mentions: "WordPiece"),
      Change("decoder", to: ["type": "ByteLevel"], mentions: "byte_fallback"),
      Change("decoder", to: nil, mentions: "none"),
      Change("model", "merges", to: [["<unk>", "a"]], mentions: "unknown text"),
    ])
  func unsupportedPieces(_ change: Change) throws {
    defer { cleanUp() }
    var text = try changed(change.path, of: pieces, to: change.value)
    // Where there are tokens for all bytes nothing is unknown.
    if change.path.last == "unk_token" {
      text = text.replacingOccurrences(of: "<0x41>", with: "<>")
    }
    if change.path.last == "merges" {
      text = text.replacingOccurrences(of: "\"<0x41>\"", with: "\"<unk>a\"")
    }
    let error = #expect(throws: TokenizerError.self) { try load(text) }
    #expect(error?.description.contains(change.mentions) == true, "\(error?.description ?? "")")
  }

  @Test(
    "What SentencePiece's kind of tokenizer lacks is refused",
    arguments: [
      Change(
        "decoder", to: ["type": "Strip", "content": " ", "start": -1, "stop": 0], mentions: ""),
      Change("decoder", to: ["type": "Strip", "content": "", "start": 1, "stop": 0], mentions: ""),
      Change("decoder", to: ["type": "Replace", "pattern": ["String": "x"]], mentions: ""),
      Change("normalizer", to: ["type": "Prepend"], mentions: ""),
      Change("pre_tokenizer", to: ["type": "Metaspace"], mentions: ""),
      Change("pre_tokenizer", to: ["type": "Metaspace", "replacement": "ab"], mentions: ""),
      Change(
        "pre_tokenizer",
        to: ["type": "Metaspace", "replacement": "▁", "add_prefix_space": false], mentions: ""),
    ])
  func malformedPieces(_ change: Change) throws {
    defer { cleanUp() }
    #expect(throws: TokenizerError.self) {
      try load(try changed(change.path, of: pieces, to: change.value))
    }
  }

  @Test(
    "What is missing or of another kind is refused",
    arguments: [
      Change("model", to: nil, mentions: ""), Change("model", "vocab", to: [], mentions: ""),
      Change("model", "vocab", to: [:], mentions: ""),
      Change("model", "vocab", "Ā", to: -1, mentions: ""),
      Change("model", "vocab", "Ā", to: .integer(1 << 40), mentions: ""),
      // A table of that length would take 130 MB, for a file of 10 kB.
      Change("model", "vocab", "Ā", to: .integer(1 << 24 - 1), mentions: ""),
      Change("model", "vocab", "Ā", to: 1.5, mentions: ""),
      Change("model", "merges", to: [["a"]], mentions: ""),
      Change("model", "merges", to: ["ab"], mentions: ""),
      Change("model", "merges", to: [["Q", "QQQQQ"]], mentions: ""),
      Change("added_tokens", to: [["content": "x"]], mentions: ""),
      Change("added_tokens", to: [["content": "", "id": 1]], mentions: ""),
      Change("added_tokens", to: [["content": "x", "id": -1]], mentions: ""),
      Change("normalizer", to: [:], mentions: ""),
      Change("pre_tokenizer", to: ["type": "Sequence"], mentions: ""),
      Change(
        "post_processor", to: ["type": "TemplateProcessing", "single": []], mentions: ""),
    ])
  func malformed(_ change: Change) throws {
    defer { cleanUp() }
    #expect(throws: TokenizerError.self) {
      try load(try changed(change.path, to: change.value))
    }
  }

  @Test("Merges may be written as texts or as pairs")
  func mergeForms() throws {
    defer { cleanUp() }
    let pairs = try #require(try JSONValue(parsing: valid)["model"]?["merges"]?.array)
    let lines = pairs.compactMap(\.array).map { pair in
      JSONValue.string(pair.compactMap(\.string).joined(separator: " "))
    }
    #expect(lines.count == pairs.count)
    let text = "The film's 1234 very, very good scenes"
    let expected = try load(valid).ids(text)
    #expect(try load(try changed(["model", "merges"], to: .array(lines))).ids(text) == expected)
  }

  @Test("tokenizer_config.json says which token ends a text")
  func settings() throws {
    defer { cleanUp() }
    #expect(try load(valid).endOfText == nil)
    #expect(try load(valid, settings: #"{"eos_token": "<s>"}"#).endOfText == 0)
    #expect(try load(valid, settings: #"{"eos_token": {"content": "<s>"}}"#).endOfText == 0)
  }
}
