import Checkpoints
import Foundation
import Testing

@testable import Transformer

/// That the goldens of GGUF files notice what is special about these.
@Suite("Decoders from GGUF files")
struct GGUFTests {
  /// How far from the reference a file's logits are after the bytes of one of its tensors were changed.
  private func difference(
    _ name: String, _ tensor: String, _ change: (inout [UInt8], TensorEntry) -> Void
  ) throws -> Float {
    let golden = GoldenCase.named("gguf " + name)
    let file = try GGUFFile(golden.checkpoint)
    let entry = try #require(file.tensors[tensor])
    var content = Array(entry.bytes)
    change(&content, entry)
    let begin = try #require(entry.bytes.baseAddress) - (try #require(file.file.bytes.baseAddress))
    var bytes = Array(file.file.bytes)
    bytes.replaceSubrange(begin..<begin + content.count, with: content)
    let place = FileManager.default.temporaryDirectory
      .appendingPathComponent("fathom-\(UUID().uuidString).gguf")
    try Data(bytes).write(to: place)
    defer { try? FileManager.default.removeItem(at: place) }
    let reference = try Reference(golden, try #require(golden.prompts.last))
    let pass = Pass(tokens: try reference.tokens, captures: .logits)
    return largestDifference(
      try Decoder(folder: place).run(pass).logits, try reference.floats("logits"))
  }

  /// The pieces of equal size in another order.
  private static func reorder(_ bytes: inout [UInt8], size: Int, _ order: (Int) -> Int) {
    let old = bytes
    for piece in 0..<bytes.count / size {
      let from = order(piece) * size
      bytes.replaceSubrange(piece * size..<(piece + 1) * size, with: old[from..<from + size])
    }
  }

  @Test("Numbers and rows in another order fail the comparison")
  func orders() throws {
    #expect(try difference("llama", "blk.0.ffn_down.weight") { _, _ in } <= Tolerance.logits)
    // The two numbers of each byte.
    for (name, tensor) in [
      ("llama", "blk.0.ffn_down.weight"), ("llama", "blk.1.ffn_down.weight"),
      ("llama", "blk.0.attn_output.weight"), ("qwen3", "blk.1.ffn_down.weight"),
    ] {
      let type = try GGUFFile(GoldenCase.named("gguf " + name).checkpoint).tensors[tensor]?.type
      #expect(type == .q4K || type == .q5K || type == .q6K, "\(name) \(tensor)")
      let moved = try difference(name, tensor) { bytes, entry in
        let size = entry.type.block.bytes
        let first = entry.type == .q4K ? 16 : entry.type == .q5K ? 48 : 0
        for place in bytes.indices where (first..<first + 128).contains(place % size) {
          bytes[place] = bytes[place] << 4 | bytes[place] >> 4
        }
      }
      #expect(moved > Tolerance.logits, "\(name) \(tensor)")
    }
    // Rows of queries as Hugging Face has them, and as the file has them where it should not.
    for name in ["llama", "llama3", "mistral", "qwen2"] {
      let moved = try difference(name, "blk.0.attn_q.weight") { bytes, entry in
        let rows = entry.shape[0]
        let half = rows / 4 / 2
        Self.reorder(&bytes, size: bytes.count / rows) { row in
          let (head, place) = (row / (2 * half), row % (2 * half))
          return head * 2 * half + place % 2 * half + place / 2
        }
      }
      #expect(moved > Tolerance.logits, "\(name)")
    }
    for name in ["bloom", "pythia"] {
      let moved = try difference(name, "blk.0.attn_qkv.weight") { bytes, entry in
        let rows = entry.shape[0]
        let heads = name == "bloom" ? 4 : 2
        let size = rows / 3 / heads
        Self.reorder(&bytes, size: bytes.count / rows) { row in
          let (piece, place) = (row / size, row % size)
          return (piece % heads * 3 + piece / heads) * size + place
        }
      }
      #expect(moved > Tolerance.logits, "\(name)")
    }
  }

  @Test("What is mapped is what the file holds of weights")
  func memory() throws {
    let decoder = try Decoder(folder: GoldenCase.named("gguf llama").checkpoint)
    let file = try #require(decoder.checkpoint.gguf)
    let memory = decoder.weightMemory
    #expect(
      memory.mapped + memory.mappedEmbedding + memory.mappedHead
        == file.tensors.values.reduce(0) { $0 + $1.bytes.count })
    #expect(memory.widened == 0)
    #expect(
      memory.mappedEmbedding == decoder.checkpoint.tensors["model.embed_tokens.weight"]?.bytes.count
    )
    #expect(decoder.checkpoint.parameterCount == file.tensors.values.reduce(0) { $0 + $1.count })
  }
}
