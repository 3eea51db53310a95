import Files
import Foundation
import Fuzzing
import Testing

@testable import Tokenizers

@Suite("Fuzzed tokenizers", .serialized)
struct FuzzTests {
  private static let names =
    Goldens.little.map { "small/" + $0 } + Goldens.pieces.map { "pieces/" + $0 }

  /// The tables of a vocabulary, which are larger than its text, and those of a run's first case.
  private static let allowance = 8 << 20

  private static func original(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: Goldens.folder.appendingPathComponent(name + "/tokenizer.json")))
  }

  private func check(_ report: FuzzRun.Report) {
    #expect(report.slowest < 1, "\(report)")
    #expect(report.memory < Self.allowance, "\(report)")
    #expect(report.accepted > 0 && report.accepted < report.cases, "\(report)")
  }

  /// Loads a tokenizer and has it read and write.
  private func use(_ url: URL) throws {
    let tokenizer = try Tokenizer(folder: url.deletingLastPathComponent())
    for text in [
      "The film's 2nd half  wasn't\n\ngood: \u{E9}\u{301}東京🎈 <|endoftext|></s>", "", " ",
    ] {
      let tokens = tokenizer.encode(text)
      _ = tokenizer.decode(tokens.map(\.id))
      for token in tokens { _ = tokenizer.piece(token.id) }
    }
    _ = tokenizer.decode([-1, 0, 1, .max, .min, tokenizer.vocabularyCount])
  }

  @Test("tokenizer.json: any bytes are refused or read")
  func bytes() throws {
    let originals = try Self.names.map(Self.original)
    // What is not vocabulary stands at the start.
    check(
      try FuzzRun.run("tokenizer.json") { number, mutator in
        mutator.mutate(
          originals[number % originals.count], donor: originals[(number + 1) % originals.count],
          focus: 0..<2_500)
      } read: {
        try use($0)
      })
  }

  @Test("tokenizer.json: any valid JSON is refused or read")
  func structure() throws {
    let originals = try Self.names.map { try JSONValue(parsing: Self.original($0)) }
    check(
      try FuzzRun.run("tokenizer.json") { number, mutator in
        Array(mutator.mutate(originals[number % originals.count]).text.utf8)
      } read: {
        try use($0)
      })
  }
}
