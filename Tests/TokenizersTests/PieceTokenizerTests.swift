import Files
import Foundation
import Testing

@testable import Tokenizers

@Suite("Tokenizers of SentencePiece's kind")
struct PieceTokenizerTests {
  static let golden = Result { try Goldens.json("pieces.json") }

  private static func expected(_ name: String) throws -> JSONValue {
    try #require(try golden.get()["tokenizers"]?[name])
  }

  private static func texts() throws -> [String] {
    let hostile = try #require(try Goldens.json("hostile.json")["texts"]?.array)
    let extra = try #require(try golden.get()["extra"]?.array)
    return (hostile + extra).compactMap(\.string)
  }

  @Test("Hostile texts have the same ids and decode to the same", arguments: Goldens.pieces)
  func hostile(name: String) throws {
    let tokenizer = try Goldens.tokenizer(name)
    let expected = try Self.expected(name)
    let ids = try #require(expected["hostile"]?.array)
    let decoded = try #require(expected["decoded"]?.array)
    let backwards = try #require(expected["backwards"]?.array)
    let texts = try Self.texts()
    #expect(texts.count == ids.count)
    for (index, text) in texts.enumerated() {
      let found = tokenizer.ids(text)
      #expect(IdHash.of(found) == ids[index].string, "\(text.debugDescription)")
      #expect(
        Self.hash(tokenizer.decode(found)) == decoded[index].string, "\(text.debugDescription)")
      #expect(
        Self.hash(tokenizer.decode(found.reversed())) == backwards[index].string,
        "backwards \(text.debugDescription)")
    }
  }

  private static func hash(_ text: String) -> String {
    IdHash.of(text.utf8.map(Int.init) + [-1])
  }

  @Test("Lines of the data sets have the same ids and the same ends", arguments: Goldens.pieces)
  func lines(name: String) throws {
    let tokenizer = try Goldens.tokenizer(name)
    for part in try #require(try Self.expected(name)["lines"]?.array) {
      let lines = try Goldens.texts(
        try #require(part["dataset"]?.string), try #require(part["part"]?.string),
        limit: try #require(part["lines"]?.int))
      var ids = IdHash()
      var ends = IdHash()
      for line in lines {
        for id in tokenizer.ids(line) { ids.add(id) }
        ids.add(-1)
        guard line.utf8.allSatisfy({ $0 < 0x80 }), !line.hasPrefix(" ") else { continue }
        for token in tokenizer.encode(line, addSpecialTokens: false) {
          ends.add(token.bytes.upperBound)
        }
        ends.add(-1)
      }
      #expect(ids.text == part["ids"]?.string, "\(part.text)")
      #expect(ends.text == part["ends"]?.string, "\(part.text)")
    }
  }

  @Test(
    "A line of a megabyte has the same ids, and soon", .timeLimit(.minutes(1)),
    arguments: Goldens.pieces)
  func megabyte(name: String) throws {
    let tokenizer = try Goldens.tokenizer(name)
    for (text, hash) in try #require(try Self.expected(name)["megabyte"]?.object).members {
      let line = String(repeating: text, count: 1_000_000 / text.unicodeScalars.count)
      let clock = ContinuousClock()
      var ids: [Int] = []
      let time = clock.measure { ids = tokenizer.ids(line) }
      #expect(IdHash.of(ids) == hash.string, "\(text.debugDescription)")
      #expect(time < .seconds(10), "\(text.debugDescription)")
      if ProcessInfo.processInfo.environment["FATHOM_TIMES"] != nil {
        print("TIME", name, text.debugDescription, line.utf8.count, time)
      }
    }
  }

  @Test("The ranges of the tokens cover the text", arguments: Goldens.pieces)
  func ranges(name: String) throws {
    let tokenizer = try Goldens.tokenizer(name)
    for text in try Self.texts() {
      var end = 0
      for token in tokenizer.encode(text) {
        // A character that is normalised and cut is whole in each of its tokens.
        #expect(token.bytes.lowerBound == end || token.bytes.upperBound == end)
        end = token.bytes.upperBound
      }
      #expect(end == text.utf8.count, "\(text.debugDescription)")
    }
  }

  @Test("Behind the first token a token's range holds the bytes it stands for")
  func bytes() throws {
    for name in ["llama2", "mistral", "gemma"] {
      let tokenizer = try Goldens.tokenizer(name)
      let text = "Review: a fine, caf\u{E9}-like \u{1F9FF} film\tof 1994\nSentiment: Positive"
      let bytes = Array(text.utf8)
      let tokens = tokenizer.encode(text, addSpecialTokens: false)
      for token in tokens.dropFirst() {
        #expect(tokenizer.bytes(of: token.id) == Array(bytes[token.bytes]), "\(name) \(token)")
      }
      let first = try #require(tokens.first)
      let whole = try #require(tokenizer.bytes(of: first.id))
      #expect(Array(whole.suffix(first.bytes.count)) == Array(bytes[first.bytes]))
      #expect(whole.count - first.bytes.count == (name == "gemma" ? 0 : 1))
    }
  }

  @Test("A token is found by the text it stands for")
  func pieces() throws {
    for name in Goldens.pieces {
      let tokenizer = try Goldens.tokenizer(name)
      for id in 0..<tokenizer.vocabularyCount {
        guard let bytes = tokenizer.bytes(of: id),
          let text = String(validating: bytes, as: UTF8.self)
        else { continue }
        let found = try #require(tokenizer.id(of: text), "\(name) \(id)")
        #expect(tokenizer.bytes(of: found) == bytes)
        #expect(!tokenizer.piece(id).isEmpty)
      }
    }
    let tokenizer = try Goldens.tokenizer("llama2")
    let word = try #require(tokenizer.id(of: " the"))
    #expect(tokenizer.piece(word) == " the")
    #expect(tokenizer.ids("the the") == [1, word, word])
    #expect(tokenizer.id(of: "\n") == tokenizer.ids("\n").last)
    #expect(tokenizer.bytes(of: 3 + 0xE4) == [0xE4])
    #expect(tokenizer.piece(3 + 0xE4) == "\\xE4")
    #expect(tokenizer.endOfText == 2)
    #expect(tokenizer.decode([-1, word, 1 << 40]) == "the")
  }

  @Test("A label word within a prompt begins at its own byte, as a word with a space")
  func labelWords() throws {
    for name in ["llama2", "metaspace-always", "metaspace-never", "whole-words"] {
      let tokenizer = try Goldens.tokenizer(name)
      let context = "Review: fine\nSentiment:"
      let tokens = tokenizer.encode(context + " the")
      #expect(tokens.last { !$0.bytes.isEmpty }?.bytes == 23..<27)
      #expect(tokens.last { !$0.bytes.isEmpty }?.id == tokenizer.id(of: " the"))
    }
  }
}
