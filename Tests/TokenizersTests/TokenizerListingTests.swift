import Files
import Foundation
import Testing

@testable import Tokenizers

/// Tokenizers as GGUF files list them, against the tokenizer.json that says the same.
@Suite("Tokenizers as lists")
struct TokenizerListingTests {
  private static func json(_ name: String) throws -> JSONValue {
    try MappedFile(Goldens.folder.appendingPathComponent(name + "/tokenizer.json")).json()
  }

  /// The lists that a converter makes of a tokenizer.json.
  private static func listing(_ json: JSONValue, model: String) throws -> TokenizerListing {
    let vocabulary = try #require(json["model"]?["vocab"]?.object)
    let added = json["added_tokens"]?.array ?? []
    let count =
      (vocabulary.members.compactMap(\.value.int) + added.compactMap { $0["id"]?.int })
      .max().map { $0 + 1 } ?? 0
    var tokens = (0..<count).map { "[PAD\($0)]" }
    var kinds = [Int](repeating: 5, count: count)
    for (piece, id) in vocabulary.members {
      let id = try #require(id.int)
      tokens[id] = piece
      kinds[id] = piece.hasPrefix("<0x") && model == "llama" ? 6 : 1
    }
    for token in added {
      let id = try #require(token["id"]?.int)
      tokens[id] = try #require(token["content"]?.string)
      kinds[id] = token["special"]?.bool == true ? 3 : 4
    }
    var listing = TokenizerListing(path: "x.gguf", model: model, tokens: tokens)
    listing.kinds = kinds
    listing.merges = (json["model"]?["merges"]?.array ?? []).map { merge in
      merge.string ?? (merge.array ?? []).compactMap(\.string).joined(separator: " ")
    }
    return listing
  }

  /// The lists cannot say that a space is put in front of a text.
  private static func withoutPrefixSpace(_ name: String) throws -> Tokenizer {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("fathom-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let text = try json(name).text
      .replacing("\"add_prefix_space\":true", with: "\"add_prefix_space\":false")
    try Data(text.utf8).write(to: folder.appendingPathComponent("tokenizer.json"))
    return try Tokenizer(folder: folder)
  }

  private func compare(_ right: Tokenizer, _ listing: TokenizerListing) throws {
    let found = try Tokenizer(listing)
    for text in try #require(try Goldens.json("hostile.json")["texts"]?.array) {
      let text = try #require(text.string)
      let expected = right.encode(text, addSpecialTokens: false)
      #expect(
        found.encode(text, addSpecialTokens: false) == expected, "\(text.debugDescription)")
      #expect(found.decode(expected.map(\.id)) == right.decode(expected.map(\.id)))
    }
  }

  @Test(
    "Byte-level lists give the ids of tokenizer.json",
    arguments: [
      ("qwen2", "qwen2"), ("ignore-merges", "llama-bpe"), ("digits", "smollm"),
    ])
  func byteLevel(name: String, pre: String) throws {
    var listing = try Self.listing(Self.json("small/" + name), model: "gpt2")
    listing.preTokenizer = pre
    listing.addsBeginOfText = false
    try compare(Self.withoutPrefixSpace("small/" + name), listing)
  }

  @Test("Another way to cut words gives other ids")
  func otherWords() throws {
    var listing = try Self.listing(Self.json("small/qwen2"), model: "gpt2")
    listing.preTokenizer = "gpt-2"
    let (right, wrong) = (try Goldens.tokenizer("qwen2"), try Tokenizer(listing))
    let texts = try #require(try Goldens.json("hostile.json")["texts"]?.array)
    #expect(texts.compactMap(\.string).contains { right.ids($0) != wrong.ids($0) })
  }

  @Test("Lists that lack something, or ask for what is not computed, are refused by name")
  func refused() throws {
    func error(_ change: (inout TokenizerListing) -> Void) throws -> String {
      var listing = try Self.listing(Self.json("small/qwen2"), model: "gpt2")
      listing.preTokenizer = "qwen2"
      change(&listing)
      do {
        _ = try Tokenizer(listing)
        return ""
      } catch { return error.description }
    }
    #expect(try error { _ in } == "")
    #expect(try error { $0.preTokenizer = "tekken" }.contains("tekken"))
    #expect(try error { $0.preTokenizer = nil }.contains("tokenizer.json"))
    #expect(try error { $0.addsBeginOfText = true }.contains("bos_token_id"))
    #expect(try error { $0.merges.append("zzzz qqqq") }.contains("zzzz"))
    let pieces = TokenizerListing(path: "x.gguf", model: "llama", tokens: ["<unk>", "a"])
    #expect(throws: TokenizerError.self) { try Tokenizer(pieces) }
    let other = TokenizerListing(path: "x.gguf", model: "t5", tokens: ["a"])
    #expect(throws: TokenizerError.self) { try Tokenizer(other) }
    var wrong = pieces
    wrong.kinds = [2, 1]
    wrong.scores = [0, .nan]
    #expect(throws: TokenizerError.self) { try Tokenizer(wrong) }
  }

  @Test("The highest score is merged first, of equal ones on the left; bytes stand for the unknown")
  func scores() throws {
    let pieces: [(String, Double, Int)] =
      [("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3)]
      + (0..<256).map { ("<0x" + String(format: "%02X", $0) + ">", 0, 6) }
      + [("▁", -3, 1), ("a", -4, 1), ("b", -5, 1), ("ab", -2, 1), ("aa", -1, 1), ("▁a", -6, 1)]
    var listing = TokenizerListing(path: "x.gguf", model: "llama", tokens: pieces.map(\.0))
    listing.scores = pieces.map(\.1)
    listing.kinds = pieces.map(\.2)
    listing.beginOfText = 1
    let tokenizer = try Tokenizer(listing)
    let id = { (piece: String) in pieces.firstIndex { $0.0 == piece }! }
    #expect(tokenizer.ids("aab") == [1, id("▁"), id("aa"), id("b")])
    #expect(tokenizer.ids("aaa") == [1, id("▁"), id("aa"), id("a")])
    #expect(tokenizer.ids("ba") == [1, id("▁"), id("b"), id("a")])
    #expect(tokenizer.ids("é") == [1, id("▁"), id("<0xC3>"), id("<0xA9>")])
    #expect(tokenizer.ids("</s>a") == [1, 2, id("▁a")])
    listing.addsSpacePrefix = false
    listing.addsBeginOfText = false
    #expect(try Tokenizer(listing).ids("ab a") == [id("ab"), id("▁a")])
    #expect(try Tokenizer(listing).decode([id("ab"), id("▁a")]) == "ab a")
  }
}
