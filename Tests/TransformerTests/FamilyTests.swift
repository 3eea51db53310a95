import Checkpoints
import Files
import Foundation
import Testing

@testable import Transformer

@Suite("Families of decoders")
struct FamilyTests {
  private func logits(_ decoder: Decoder, _ golden: GoldenCase) throws -> Float {
    let prompt = try #require(golden.prompts.last)
    let reference = try Reference(golden, prompt)
    let trace = try decoder.run(Pass(tokens: try reference.tokens, captures: .logits))
    return largestDifference(trace.logits, try reference.floats("logits"))
  }

  /// What a family does differently, undone.
  private static let mistakes: [(name: String, wrong: @Sendable (inout Architecture) -> Void)] = [
    ("a wrong norm", { $0.normEpsilon = 0.05 }),
    ("a wrong scale", { $0.scoreScale *= 1.02 }),
    (
      "wrong positions",
      { architecture in
        switch architecture.positions {
        case .learned(let offset): architecture.positions = .learned(offset: offset == 0 ? 1 : 0)
        case .rotary(var rotary):
          rotary.isInterleaved.toggle()
          architecture.positions = .rotary(rotary)
        case .linearBias(let slopes):
          architecture.positions = .linearBias(slopes: slopes.reversed())
        }
      }
    ),
    ("no window", { $0.windows = $0.windows.map { _ in nil } }),
  ]

  @Test(
    "A wrong norm, scale, rotary or window fails the comparison", arguments: GoldenCase.families)
  func theComparisonCanFail(golden: GoldenCase) throws {
    let right = try Decoder(folder: golden.checkpoint)
    #expect(right.architecture.family == golden.json["family"]?.string)
    #expect(try logits(right, golden) <= Tolerance.logits)
    for mistake in Self.mistakes {
      var architecture = right.architecture
      mistake.wrong(&architecture)
      guard architecture != right.architecture else { continue }
      #expect(
        try logits(Decoder(right, computingAs: architecture), golden) > Tolerance.logits,
        "\(golden.name): \(mistake.name)")
    }
  }

  @Test("The older form of config.json says the same", arguments: GoldenCase.families)
  func olderConfig(golden: GoldenCase) throws {
    guard let older = golden.json["hub_config"], !older.isNull else { return }
    let config = try ConfigFile(older, path: "config.json")
    let right = try Decoder(folder: golden.checkpoint).architecture
    #expect(try Family.named(by: config).architecture(config) == right)
  }

  @Test("What would change the mathematics and is not computed is an error that names it")
  func refused() throws {
    for (name, key, value) in [
      ("llama", "rope_scaling", #"{"rope_type": "yarn", "factor": 2.0}"#),
      ("llama", "hidden_act", #""mish""#), ("qwen2", "use_sliding_window", "true"),
      ("opt", "do_layer_norm_before", "false"), ("phi", "qk_layernorm", "true"),
      ("bloom", "apply_residual_connection_post_layernorm", "true"),
      ("pythia", "quantization_config", #"{"bits": 4}"#),
    ] {
      let golden = GoldenCase.named(name)
      let object = try #require(golden.json["hub_config"]?.object)
      let members =
        object.members.filter { $0.key != key } + [(key: key, value: try JSONValue(parsing: value))]
      let config = try ConfigFile(.object(JSONObject(members)), path: "config.json")
      let error = #expect(throws: ModelError.self, "\(name) \(key)") {
        _ = try Family.named(by: config).architecture(config)
      }
      let said = error?.description ?? ""
      #expect(said.contains(key) || said.contains("yarn"), "\(said)")
    }
  }
}
