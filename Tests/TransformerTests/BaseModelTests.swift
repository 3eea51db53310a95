import Checkpoints
import Foundation
import Testing

@testable import Transformer

/// Checkpoints of a base model, without the head, leave the first part of the tensors' names out.
@Suite("Checkpoints of the base model alone")
struct BaseModelTests {
  private static let cases = GoldenCase.all.filter { golden in
    let path = golden.checkpoint.appendingPathComponent("model.safetensors").path
    return FileManager.default.fileExists(atPath: path)
  }

  @Test("Names without their first part mean the same tensors", arguments: cases)
  func shortNames(golden: GoldenCase) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("fathom-\(UUID().uuidString)")
    try FileManager.default.copyItem(at: golden.checkpoint, to: folder)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("model.safetensors")
    let data = try Data(contentsOf: file)
    let length = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    var header = try #require(String(data: data[8..<8 + length], encoding: .utf8))
    for part in ["transformer", "model", "gpt_neox"] {
      header = header.replacing("\"\(part).", with: "\"")
    }
    header += String(repeating: " ", count: length - header.utf8.count)
    try (data.prefix(8) + Data(header.utf8) + data.dropFirst(8 + length)).write(to: file)

    let prompt = try #require(golden.prompts.first)
    let reference = try Reference(golden, prompt)
    let pass = Pass(tokens: try reference.tokens, captures: .logits)
    let whole = try Decoder(folder: golden.checkpoint).run(pass)
    #expect(try Decoder(folder: folder).run(pass).logits == whole.logits)
  }
}
