import Foundation
import Fuzzing
import Testing
import Tokenizers
import Transformer

@testable import Commands

@Suite("Fuzzed models", .serialized)
struct FuzzTests {
  /// The tables of a tokenizer, and what a pass works in.
  private static let allowance = 8 << 20

  @Test("GGUF: any bytes are refused, or make a model that computes and a tokenizer that reads")
  func gguf() throws {
    let folder = Shell.repository.appendingPathComponent("Tests/Goldens/gguf/checkpoints")
    let originals = try ["llama", "gpt2", "llama3", "gemma2"].map {
      [UInt8](try Data(contentsOf: folder.appendingPathComponent($0 + ".gguf")))
    }
    let report = try FuzzRun.run("model.gguf") { number, mutator in
      let original = originals[number % originals.count]
      let focus = number % 3 == 0 ? 0..<1_500 : 0..<original.count / 5
      return mutator.mutate(
        original, donor: originals[(number + 1) % originals.count], focus: focus)
    } read: { file in
      let model = try Model(folder: file)
      _ = model.fingerprint
      if let tokenizer = model.tokenizer {
        let ids = tokenizer.ids("The film's 2nd half  wasn't\n\ngood: \u{E9}\u{301}東京🎈 </s>")
        _ = tokenizer.decode(ids)
      }
      let tokens = [1, 5, 2].map { min($0, model.architecture.vocabulary - 1) }
      if model.architecture.context >= tokens.count {
        _ = try? model.decoder.run(Pass(tokens: tokens, captures: .logits))
      }
    }
    #expect(report.slowest < 1, "\(report)")
    #expect(report.memory < Self.allowance, "\(report)")
    #expect(report.accepted > 0 && report.accepted < report.cases, "\(report)")
  }
}
