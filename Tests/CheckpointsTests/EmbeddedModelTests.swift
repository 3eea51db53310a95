import Checkpoints
import Foundation
import Testing

@Suite("The embedded model")
struct EmbeddedModelTests {
  @Test("It is there, whole, and all of it can be read")
  func readable() throws {
    let folder = try #require(EmbeddedModel.folder(name: "mini"))
    let checkpoint = try Checkpoint(folder: folder)
    #expect(try checkpoint.config.string("model_type") == "gpt_neox")
    let width = try checkpoint.config.int("hidden_size")
    let embedding = try #require(checkpoint.tensor("gpt_neox.embed_in.weight"))
    #expect(embedding.shape == [try checkpoint.config.int("vocab_size"), width])
    #expect(checkpoint.parameterCount > 1_000_000)
    for tensor in checkpoint.tensors.values {
      #expect(try tensor.floatArray().allSatisfy(\.isFinite), "\(tensor.name)")
    }
    #expect(checkpoint.fingerprint.count == 64)
    #expect(checkpoint.fingerprint == checkpoint.fingerprint)
  }

  @Test("A name that is not shipped is nil")
  func unknown() {
    #expect(EmbeddedModel.folder(name: "maxi") == nil)
    #expect(EmbeddedModel.folder(name: "../mini") == nil)
  }
}
