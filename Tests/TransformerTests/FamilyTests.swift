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
    ("no cap of scores", { $0.scoreCap = nil }),
    ("no cap of logits", { $0.logitCap = nil }),
    ("embeddings as they are", { $0.embeddingScale = 1 }),
    ("norms before only", { $0.normPlacement = .before }),
    ("norms after the stream", { if $0.normPlacement == .around { $0.normPlacement = .after } }),
    ("the frequencies of short prompts", { $0.changeRotary { $0.long = nil } }),
    ("values that are turned only", { $0.changeRotary { $0.magnitude = 1 } }),
  ]

  @Test(
    "A wrong norm, scale, rotary or window fails the comparison",
    arguments: GoldenCase.families + GoldenCase.gguf)
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

  @Test(
    "Norm weights taken as they are stored fail the comparison", arguments: ["gemma", "gemma2"])
  func normOffset(name: String) throws {
    let golden = GoldenCase.named(name)
    let right = try Decoder(folder: golden.checkpoint)
    let config = try ConfigFile(folder: golden.checkpoint)
    let reader = TensorReader(right.checkpoint, config: config)
    var architecture = right.architecture
    architecture.normOffset = 0
    let weights = try Family.named(by: config).weights(architecture, reader)
    let wrong = Decoder(right, computingAs: architecture, weights: weights)
    #expect(try logits(wrong, golden) > Tolerance.logits)
    withExtendedLifetime(reader) {}
  }

  private func architecture(_ json: JSONValue) throws -> Architecture {
    let config = try ConfigFile(json, path: "config.json")
    return try Family.named(by: config).architecture(config)
  }

  @Test("DistilGPT-2 is a GPT-2 of six layers, with a classifier's leftovers in its config.json")
  func distilled() throws {
    let json = try JSONValue(
      parsing: #"""
        {"_num_labels": 1, "activation_function": "gelu_new", "architectures": ["GPT2LMHeadModel"],
         "attn_pdrop": 0.1, "bos_token_id": 50256, "embd_pdrop": 0.1, "eos_token_id": 50256,
         "id2label": {"0": "LABEL_0"}, "initializer_range": 0.02, "label2id": {"LABEL_0": 0},
         "layer_norm_epsilon": 1e-05, "model_type": "gpt2", "n_ctx": 1024, "n_embd": 768,
         "n_head": 12, "n_layer": 6, "n_positions": 1024, "resid_pdrop": 0.1,
         "summary_activation": null, "summary_first_dropout": 0.1, "summary_proj_to_labels": true,
         "summary_type": "cls_index", "summary_use_proj": true,
         "task_specific_params": {"text-generation": {"do_sample": true, "max_length": 50}},
         "vocab_size": 50257}
        """#)
    let found = try architecture(json)
    let gpt2 = try architecture(JSONValue(parsing: #"{"model_type": "gpt2"}"#))
    var expected = gpt2
    expected.layers = 6
    #expect(found == expected)
    #expect(found.width == 768 && found.heads == 12 && found.headSize == 64)
    #expect(found.innerWidth == 3072 && found.vocabulary == 50257 && found.context == 1024)
  }

  @Test("LongRoPE's first name is understood, and null is no window and no cap")
  func otherSpellings() throws {
    let json = try #require(GoldenCase.named("phi3_long").json["hub_config"])
    let right = try architecture(json)
    let scaling = try #require(json["rope_scaling"]?.object)
    let renamed = scaling.members.map {
      (key: $0.key, value: $0.key == "type" ? try! JSONValue(parsing: "\"su\"") : $0.value)
    }
    #expect(
      try architecture(replacing("rope_scaling", .object(JSONObject(renamed)), in: json)) == right)

    let gemma2 = try #require(GoldenCase.named("gemma2").json["hub_config"])
    let keys = ["sliding_window", "attn_logit_softcapping", "final_logit_softcapping"]
    let bare = try architecture(keys.reduce(gemma2) { replacing($1, .null, in: $0) })
    #expect(bare.windows == [nil, nil] && bare.scoreCap == nil && bare.logitCap == nil)
    let silent = try architecture(keys.reduce(gemma2) { replacing($1, nil, in: $0) })
    #expect(silent.windows == [4096, nil] && silent.scoreCap == 50 && silent.logitCap == 30)
  }

  private func replacing(_ key: String, _ value: JSONValue?, in json: JSONValue) -> JSONValue {
    let members = (json.object?.members ?? []).filter { $0.key != key }
    return .object(JSONObject(members + (value.map { [(key: key, value: $0)] } ?? [])))
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
      ("opt", "enable_bias", "false"), ("phi", "qk_layernorm", "true"),
      ("bloom", "apply_residual_connection_post_layernorm", "true"),
      ("pythia", "quantization_config", #"{"bits": 4}"#),
      ("gemma", "use_bidirectional_attention", "true"),
      ("gemma2", "layer_types", #"["chunked_attention", "full_attention"]"#),
      ("gemma2", "query_pre_attn_scalar", "0"), ("gemma2", "attn_logit_softcapping", "0"),
      ("phi3_long", "rope_scaling", #"{"type": "longrope", "short_factor": [1, 2]}"#),
      ("qwen3", "rope_parameters", #"{"full_attention": {"rope_theta": 1e6}}"#),
    ] {
      let golden = GoldenCase.named(name)
      let object = try #require(golden.json["hub_config"]?.object)
      let changed = replacing(key, try JSONValue(parsing: value), in: .object(object))
      let error = #expect(throws: (any Error).self, "\(name) \(key)") {
        _ = try architecture(changed)
      }
      let said = error.map { "\($0)" } ?? ""
      #expect(said.contains(key) || said.contains("yarn"), "\(said)")
    }
  }
}

extension Architecture {
  fileprivate mutating func changeRotary(_ change: (inout Rotary) -> Void) {
    guard case .rotary(var rotary) = positions else { return }
    change(&rotary)
    positions = .rotary(rotary)
  }
}
