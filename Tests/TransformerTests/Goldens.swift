import Checkpoints
import Files
import Foundation
import Testing

@testable import Transformer

/// Goldens written by make.py in Tests/Goldens/gpt2, families and gguf: tiny checkpoints and their float64
/// references.
struct GoldenCase: Sendable, CustomTestStringConvertible {
  private static let goldens = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Goldens")
  static let folder = goldens.appendingPathComponent("gpt2")

  struct Prompt: Sendable {
    let name: String
    let labels: [Int]
    let answer: Int
    let loss: Double
    let tensors: [String]
  }

  let name: String
  let checkpoint: URL
  let reference: URL
  let prompts: [Prompt]
  let json: JSONValue

  var testDescription: String { name }

  static let all = folders + gguf
  /// With a config.json; the others are GGUF files.
  static let folders = gpt2 + families
  static let gpt2 = read(folder)
  static let families = read(goldens.appendingPathComponent("families"))
  static let gguf = read(goldens.appendingPathComponent("gguf"))

  private static func read(_ folder: URL) -> [GoldenCase] {
    guard
      let file = try? MappedFile(folder.appendingPathComponent("cases.json")),
      let json = try? JSONValue(parsing: file.bytes)
    else { return [] }
    return (json["cases"]?.array ?? []).map { json in
      GoldenCase(
        name: json["name"]!.string!,
        checkpoint: folder.appendingPathComponent(json["checkpoint"]!.string!),
        reference: folder.appendingPathComponent(json["reference"]!.string!),
        prompts: json["prompts"]!.array!.map { prompt in
          Prompt(
            name: prompt["name"]!.string!, labels: prompt["label_tokens"]!.array!.map { $0.int! },
            answer: prompt["answer"]!.int!, loss: prompt["loss"]!.double!,
            tensors: prompt["tensors"]!.array!.map { $0.string! })
        },
        json: json)
    }
  }

  static func named(_ name: String) -> GoldenCase { all.first { $0.name == name }! }
}

/// The tensors of one golden prompt.
struct Reference {
  let file: SafetensorsFile
  let prompt: GoldenCase.Prompt

  init(_ golden: GoldenCase, _ prompt: GoldenCase.Prompt) throws {
    file = try SafetensorsFile(golden.reference)
    self.prompt = prompt
  }

  func floats(_ name: String) throws -> [Float] {
    try #require(file.tensors["\(prompt.name).\(name)"]).floatArray()
  }

  var tokens: [Int] {
    get throws {
      let entry = try #require(file.tensors["\(prompt.name).tokens"])
      return (0..<entry.count).map {
        Int(entry.bytes.loadUnaligned(fromByteOffset: $0 * 8, as: Int64.self))
      }
    }
  }
}

/// How far from the float64 reference a float32 result may be, and why.
enum Tolerance {
  /// Twenty roundings of logits of size 1 to 10; PyTorch's own float32 is within 5e-6.
  static let logits: Float = 1e-4
  static let logitsRelative: Float = 1e-5
  /// Attention is at most 1: a few roundings of 6e-8. PyTorch's own float32 is off by up to 1.3e-6 where
  /// positions are rotary, for it rounds angles of up to 32 radians to 2e-6; ours are reckoned in double
  /// precision.
  static let attention: Float = 1e-6
  /// Relative to the layer's largest entry: gradients pass through every layer above.
  static let gradient: Float = 1e-4
  /// Of saliency, relative to the largest gradient of attention: of a single token's heads, whose
  /// attention is 1, the gradients may reach 0.7 and their sum 0.004. Some twenty roundings.
  static let cancelled: Float = 1e-6
}

func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
  guard a.count == b.count else { return .infinity }
  return zip(a, b).map { abs($0 - $1) }.max() ?? 0
}

func size(_ a: [Float]) -> Float { a.map(abs).max() ?? 0 }
