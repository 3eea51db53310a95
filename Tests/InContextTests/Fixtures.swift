import Files
import Foundation
import Testing
import Tokenizers

@testable import InContext

/// What the tests share: golden values, temporary files, and a digest of numbers.
enum Fixtures {
  static let goldens = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Goldens", isDirectory: true)

  private static let sources = goldens.deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Sources", isDirectory: true)

  /// GPT-2's tokenizer.
  static let gpt2 = Result {
    try Tokenizer(folder: goldens.appendingPathComponent("tokenizer/gpt2", isDirectory: true))
  }

  /// The folder of a tokenizer of SentencePiece's kind, by the name that make_pieces.py gives it.
  static func pieces(_ name: String) -> URL {
    goldens.appendingPathComponent("tokenizer/pieces/\(name)", isDirectory: true)
  }

  /// The tokenizer of the model that comes with Fathom.
  static let mini = Result {
    try Tokenizer(
      folder: sources.appendingPathComponent("Checkpoints/Resources/mini", isDirectory: true))
  }

  static func prompts() throws -> JSONValue {
    let file = try MappedFile(goldens.appendingPathComponent("incontext/prompts.json"))
    return try JSONValue(parsing: file.bytes)
  }

  private static let datasets = Dictionary(
    uniqueKeysWithValues: BuiltIn.all.map { builtIn in
      (builtIn.name, Result { try Dataset.load(builtIn) })
    })

  /// A built-in data set, loaded once for all tests.
  static func dataset(_ name: String) throws -> Dataset {
    try #require(datasets[name]).get()
  }

  /// FNV-1a over numbers, as the script that made the goldens computes it.
  static func digest(_ numbers: some Sequence<Int>) -> String {
    var value: UInt64 = 0xCBF2_9CE4_8422_2325
    for number in numbers { value = (value ^ UInt64(number)) &* 1_099_511_628_211 }
    let text = String(value, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }

  /// Runs a body with files of these names and contents in a fresh folder.
  static func withFiles<Result>(
    _ files: [String: [UInt8]], _ body: (URL) throws -> Result
  ) throws -> Result {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("fathom-\(UUID().uuidString)", isDirectory: true)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, content) in files {
      try Data(content).write(to: folder.appendingPathComponent(name))
    }
    return try body(folder)
  }

  /// Loads a single file with that content.
  static func load(
    _ name: String, _ content: String, options: Dataset.Options = .init()
  ) throws -> Dataset {
    try withFiles([name: Array(content.utf8)]) { folder in
      try Dataset.load(folder.appendingPathComponent(name).path, options: options)
    }
  }

  /// The message of the data error that reading this file ends in.
  static func message(
    _ name: String, _ content: String, options: Dataset.Options = .init()
  ) -> String {
    do {
      _ = try load(name, content, options: options)
      return "no error"
    } catch {
      return "\(error)"
    }
  }
}

extension JSONValue {
  var ints: [Int] { array?.compactMap(\.int) ?? [] }
  var intLists: [[Int]] { array?.map(\.ints) ?? [] }
}
