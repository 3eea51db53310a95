import Files
import Foundation
import Testing

@testable import Tokenizers

/// The files beside Tests/Goldens/tokenizer/make.py, which says how they were made.
enum Goldens {
  static let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  static let folder = repository.appendingPathComponent("Tests/Goldens/tokenizer")

  static func json(_ name: String) throws -> JSONValue {
    try MappedFile(folder.appendingPathComponent(name)).json()
  }

  /// A tokenizer by the name that make.py gives it.
  static func tokenizer(_ name: String) throws -> Tokenizer {
    switch name {
    case "gpt2": try Tokenizer(folder: folder.appendingPathComponent("gpt2"))
    case "mini":
      try Tokenizer(
        folder: repository.appendingPathComponent("Sources/Checkpoints/Resources/mini"))
    case _ where pieces.contains(name):
      try Tokenizer(folder: folder.appendingPathComponent("pieces/\(name)"))
    default: try Tokenizer(folder: folder.appendingPathComponent("small/\(name)"))
    }
  }

  static let large = ["gpt2", "mini"]
  static let little = [
    "added", "digit-runs", "digits", "ignore-merges", "prefix-space", "qwen2", "template",
  ]

  /// Those of make_pieces.py.
  static let pieces = [
    "flags", "gemma", "llama2", "metaspace-always", "metaspace-never", "mistral", "partial-bytes",
    "whole-words",
  ]

  static func texts(_ dataset: String, _ part: String, limit: Int) throws -> [String] {
    let file = try MappedFile(
      repository.appendingPathComponent(
        "Sources/InContext/Resources/datasets/\(dataset)/\(part).jsonl"))
    return try file.bytes.split(separator: UInt8(ascii: "\n")).prefix(limit).map { line in
      try #require(try JSONValue(parsing: Array(line))["text"]?.string)
    }
  }
}

/// FNV-1a over ids as four bytes, little-endian, as in make.py.
struct IdHash {
  private var value: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func add(_ id: Int) {
    for shift in [0, 8, 16, 24] {
      value = (value ^ UInt64(truncatingIfNeeded: id >> shift & 0xFF)) &* 0x100_0000_01B3
    }
  }

  var text: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  static func of(_ ids: [Int]) -> String {
    var hash = IdHash()
    for id in ids { hash.add(id) }
    return hash.text
  }
}

/// A small seeded generator, so that a failure can be had again.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
