import Files
import Foundation
import Testing
import Tokenizers

@Suite("Tokenizers")
struct TokenizerTests {
  private static let hostile: [String] = {
    let texts = try? Goldens.json("hostile.json")["texts"]?.array?.compactMap(\.string)
    return texts.flatMap { $0 } ?? []
  }()

  @Test("Decoding gives the text back", arguments: Goldens.large + ["ignore-merges", "digit-runs"])
  func roundTrip(name: String) throws {
    let tokenizer = try Goldens.tokenizer(name)
    #expect(Self.hostile.count > 50)
    for text in Self.hostile {
      let ids = tokenizer.encode(text, addSpecialTokens: false).map(\.id)
      #expect(tokenizer.decode(ids).utf8.elementsEqual(text.utf8), "\(text.debugDescription)")
    }
  }

  @Test("The ranges of the tokens cover the text", arguments: Goldens.large + Goldens.little)
  func offsets(name: String) throws {
    let tokenizer = try Goldens.tokenizer(name)
    for text in Self.hostile {
      var end = 0
      for token in tokenizer.encode(text) {
        // A character that is normalised and cut is whole in each of its tokens.
        #expect(token.bytes.lowerBound == end || token.bytes.upperBound == end)
        end = token.bytes.upperBound
      }
      #expect(end == text.utf8.count, "\(text.debugDescription)")
    }
  }

  @Test("Where nothing is normalised or added, a token's range holds the token's bytes")
  func rangesHoldBytes() throws {
    let tokenizer = try Goldens.tokenizer("gpt2")
    for text in Self.hostile {
      let bytes = Array(text.utf8)
      for token in tokenizer.encode(text) {
        #expect(tokenizer.bytes(of: token.id) == Array(bytes[token.bytes]))
      }
    }
  }

  @Test("A composed character's tokens point to all of what it was composed of")
  func normalizedOffsets() throws {
    let tokens = try Goldens.tokenizer("qwen2").encode("ae\u{301}b")
    #expect(tokens.contains { $0.bytes == 1..<4 || $0.bytes == 0..<4 || $0.bytes == 1..<5 })
    #expect(tokens.last?.bytes.upperBound == 5)
  }

  /// The embedded model's bytes, after composition.
  private func composing() throws -> Tokenizer {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("fathom-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.copyItem(
      at: Goldens.repository.appendingPathComponent("Sources/Checkpoints/Resources/mini"),
      to: folder)
    let file = folder.appendingPathComponent("tokenizer.json")
    var json = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
    json["normalizer"] = ["type": "NFC"]
    try JSONSerialization.data(withJSONObject: json).write(to: file)
    return try Tokenizer(folder: folder)
  }

  @Test("Every token of a composed character points to all of it, also where words end within it")
  func partsOfComposed() throws {
    let tokenizer = try composing()
    // "ȩ́": the letter with its cedilla, and an accent that nothing joins it with.
    for text in ["e\u{301}\u{327}", "so e\u{301}\u{327}", "a\u{1100}\u{1161}\u{301}\u{327}b"] {
      let tokens = tokenizer.encode(text, addSpecialTokens: false)
      #expect(tokens.allSatisfy { !$0.bytes.isEmpty }, "\(tokens)")
      #expect(tokens.last?.bytes.upperBound == text.utf8.count)
    }
    let tokens = tokenizer.encode("e\u{301}\u{327}", addSpecialTokens: false)
    #expect(tokens.count > 1 && tokens.allSatisfy { $0.bytes == 0..<5 }, "\(tokens)")
  }

  @Test(
    "A letter with a great many marks is encoded in time that grows with it",
    .timeLimit(.minutes(1)),
    arguments: ["\u{301}", "\u{327}\u{301}", "\u{301}\u{327}"])
  func manyMarks(marks: String) throws {
    let tokenizer = try composing()
    let text = "e" + String(repeating: marks, count: 64_000)
    let tokens = tokenizer.encode(text, addSpecialTokens: false)
    #expect(tokens.allSatisfy { $0.bytes == 0..<text.utf8.count })
  }

  @Test("A begin-of-text token is added where the file says so, and stands for nothing")
  func template() throws {
    let tokenizer = try Goldens.tokenizer("template")
    let tokens = tokenizer.encode("ab")
    #expect(tokens.first == Token(id: 0, bytes: 0..<0))
    #expect(tokens.last == Token(id: 0, bytes: 2..<2))
    #expect(tokenizer.encode("ab", addSpecialTokens: false).allSatisfy { $0.id != 0 })
    #expect(tokenizer.ids("") == [0, 0])
  }

  @Test("GPT-2's well-known ids")
  func knownIds() throws {
    let tokenizer = try Goldens.tokenizer("gpt2")
    #expect(tokenizer.vocabularyCount == 50257)
    #expect(tokenizer.endOfText == 50256)
    #expect(tokenizer.ids("Hello world") == [15496, 995])
    #expect(tokenizer.id(of: " Positive") == 33733)
    #expect(tokenizer.id(of: " positively negative") == nil)
    #expect(tokenizer.id(of: "<|endoftext|>") == 50256)
    #expect(tokenizer.piece(995) == " world")
    #expect(tokenizer.ids("a<|endoftext|>") == [64, 50256])
  }

  @Test("Broken UTF-8 and unknown ids are shown, and never end the program")
  func pieces() throws {
    let tokenizer = try Goldens.tokenizer("gpt2")
    let half = try #require(tokenizer.encode("😀").first)
    #expect(tokenizer.piece(half.id) == "\\xF0\\x9F\\x98")
    #expect(tokenizer.decode([half.id]) == "\u{FFFD}")
    #expect(tokenizer.decode([-1, 995, 1 << 40]) == " world")
    #expect(tokenizer.bytes(of: -1) == nil)
    #expect(tokenizer.piece(50257).contains("50257"))
    for id in 0..<tokenizer.vocabularyCount { #expect(!tokenizer.piece(id).isEmpty) }
  }

  @Test("Canonically equal texts with other bytes have other ids")
  func canonicalEquivalence() throws {
    let tokenizer = try Goldens.tokenizer("gpt2")
    #expect(tokenizer.ids("\u{E9}") != tokenizer.ids("e\u{301}"))
  }

  @Test("Random bytes, repaired, are encoded and decoded")
  func randomBytes() throws {
    var generator = SplitMix(state: 3)
    for name in ["gpt2", "qwen2", "added"] {
      let tokenizer = try Goldens.tokenizer(name)
      for _ in 0..<200 {
        let bytes = (0..<Int.random(in: 0...80, using: &generator)).map { _ in
          UInt8.random(in: .min ... .max, using: &generator)
        }
        let text = String(decoding: bytes, as: UTF8.self)
        let tokens = tokenizer.encode(text)
        #expect(tokens.last?.bytes.upperBound ?? 0 == text.utf8.count)
        _ = tokenizer.decode(tokens.shuffled(using: &generator).map(\.id))
      }
    }
  }

  @Test("Threads that share a tokenizer agree")
  func threads() async throws {
    let tokenizer = try Goldens.tokenizer("gpt2")
    let text = Self.hostile.joined(separator: " ")
    let expected = tokenizer.ids(text)
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 { group.addTask { tokenizer.ids(text) == expected } }
      for await agrees in group { #expect(agrees) }
    }
  }
}
