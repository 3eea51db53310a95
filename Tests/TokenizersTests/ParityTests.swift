import Files
import Foundation
import Testing

@testable import Tokenizers

@Suite("Parity with Hugging Face's tokenizers")
struct ParityTests {
  @Test("Every line of the data sets has the same ids", arguments: Goldens.large)
  func lines(name: String) throws {
    let tokenizer = try Goldens.tokenizer(name)
    let golden = try Goldens.json("lines.json")
    let block = try #require(golden["block"]?.int)
    var count = 0
    for part in try #require(golden["parts"]?.array) {
      let dataset = try #require(part["dataset"]?.string)
      let split = try #require(part["part"]?.string)
      let lines = try Goldens.texts(dataset, split, limit: try #require(part["lines"]?.int))
      let hashes = try #require(part["hashes"]?[name]?.array)
      for (index, expected) in hashes.enumerated() {
        var hash = IdHash()
        for line in lines[(index * block)...].prefix(block) {
          for id in tokenizer.ids(line) { hash.add(id) }
          hash.add(-1)
        }
        #expect(hash.text == expected.string, "\(dataset) \(split), block \(index)")
      }
      count += lines.count
    }
    #expect(count >= 20_000)
  }

  @Test("Hostile Unicode has the same ids", arguments: Goldens.large)
  func hostile(name: String) throws {
    let tokenizer = try Goldens.tokenizer(name)
    let golden = try Goldens.json("hostile.json")
    let expected = try #require(golden["ids"]?[name]?.array)
    for (text, ids) in zip(try #require(golden["texts"]?.array), expected) {
      let text = try #require(text.string)
      #expect(tokenizer.ids(text) == ids.array?.compactMap(\.int), "\(text.debugDescription)")
    }
  }

  @Test("Each feature gives the same ids on hostile Unicode", arguments: Goldens.little)
  func features(name: String) throws {
    let tokenizer = try Goldens.tokenizer(name)
    let golden = try Goldens.json("hostile.json")
    let expected = try #require(golden["hashes"]?[name]?.array)
    for (text, hash) in zip(try #require(golden["texts"]?.array), expected) {
      let text = try #require(text.string)
      #expect(IdHash.of(tokenizer.ids(text)) == hash.string, "\(text.debugDescription)")
    }
  }

  @Test(
    "A line of a megabyte, perhaps a single word, has the same ids", .timeLimit(.minutes(1)),
    arguments: Goldens.large + ["ignore-merges"])
  func megabyte(name: String) throws {
    let tokenizer = try Goldens.tokenizer(name)
    let golden = try #require(try Goldens.json("hostile.json")["megabyte"]?[name]?.object)
    for (text, hash) in golden.members {
      let line = String(repeating: text, count: 1_000_000 / text.unicodeScalars.count)
      #expect(IdHash.of(tokenizer.ids(line)) == hash.string, "\(text.debugDescription)")
    }
  }

  @Test("Normalisation form C is the same for all marks and all composed characters")
  func composition() throws {
    for pair in try #require(try Goldens.json("composition.json").array) {
      let text = Array(try #require(pair.array?[0].string).utf8)
      let expected = Array(try #require(pair.array?[1].string).utf8)
      let found = text.withUnsafeBufferPointer {
        NormalizedText($0, .canonicalComposition)?.bytes ?? text
      }
      #expect(found == expected, "\(pair.text)")
    }
  }

  @Test("Letters, numbers and white space are what the regex engine takes for them")
  func classes() throws {
    var classes = [ScalarClass](repeating: .other, count: 0x110000)
    for range in try #require(try Goldens.json("classes.json").array) {
      let first = try #require(range.array?[0].int)
      let last = try #require(range.array?[1].int)
      let kind: ScalarClass =
        switch range.array?[2].string {
        case "letter": .letter
        case "number": .number
        default: .space
        }
      for value in first...last { classes[value] = kind }
    }
    var differing: [String] = []
    for value in UInt32(0)..<0x110000 where ScalarClass(value) != classes[Int(value)] {
      differing.append(String(value, radix: 16))
    }
    #expect(differing == [], "\(differing.count)")
  }
}
