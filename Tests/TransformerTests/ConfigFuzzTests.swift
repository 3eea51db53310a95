import Checkpoints
import Files
import Foundation
import Fuzzing
import Testing

@testable import Transformer

@Suite("Hostile configurations")
struct ConfigFuzzTests {
  private static let hostile = [
    "0", "-1", "1", "2", "3", "7", "64", "1000000", "16777216", "16777217", "9223372036854775807",
    "-9223372036854775808", "1e300", "-1e300", "1e-300", "0.5", "2.5", "null", "true", "false",
    "\"\"", "\"gelu\"", "\"linear\"", "\"llama3\"", "[]", "{}",
    "[[[\"local\"], 9223372036854775807]]",
    "[[[\"global\", \"local\"], -5]]", "{\"rope_type\": \"linear\", \"factor\": 0}",
    "{\"rope_type\": \"llama3\", \"factor\": 8, \"low_freq_factor\": 1, \"high_freq_factor\": 1, "
      + "\"original_max_position_embeddings\": 0}",
    "{\"rope_theta\": -3, \"partial_rotary_factor\": 1e300}",
    "{\"type\": \"longrope\", \"short_factor\": [0, -1, 1e300], \"long_factor\": []}",
    "{\"type\": \"longrope\", \"short_factor\": [1, 1, 1, 1], \"long_factor\": [1e-300, 1, 1, 1], "
      + "\"original_max_position_embeddings\": 1}",
    "{\"type\": \"su\", \"short_factor\": [1, 1, 1], \"long_factor\": [1, 1, 1], \"attention_factor\": 1e300}",
    "[\"full_attention\"]", "[\"sliding_attention\", \"sliding_attention\"]",
    "{\"rope_theta\": 0, \"partial_rotary_factor\": -0.5}",
  ]

  @Test(
    "Any value of any key gives a result or an error that is said", arguments: GoldenCase.folders)
  func values(golden: GoldenCase) throws {
    let file = try ConfigFile(folder: golden.checkpoint)
    let right = try Decoder(folder: golden.checkpoint)
    let members = try MappedFile(golden.checkpoint.appendingPathComponent("config.json")).json()
    let object = try #require(members.object)
    let extra = [
      "rope_scaling", "rope_parameters", "original_max_position_embeddings", "layer_types",
      "query_pre_attn_scalar", "attn_logit_softcapping", "final_logit_softcapping",
      "word_embed_proj_dim", "head_dim", "rotary_dim", "sliding_window", "rotary_pct",
      "window_size",
    ]
    for key in Set(file.keys + extra).sorted() where key != "model_type" {
      for text in Self.hostile {
        let changed =
          object.members.filter { $0.key != key }
          + [(key: key, value: try JSONValue(parsing: text))]
        let config = try ConfigFile(.object(JSONObject(changed)), path: "config.json")
        do {
          let architecture = try Family.named(by: config).architecture(config)
          try architecture.check(path: "config.json")
          guard fits(architecture, right.architecture) else { continue }
          _ = try Decoder(right, computingAs: architecture).run(
            Pass(tokens: [1, 2, 3, 4, 5], labels: [1, 2], answer: 0, captures: .saliency))
        } catch let error as any CustomStringConvertible {
          #expect(!error.description.isEmpty)
        }
      }
    }
  }

  @Test("More layers than any model has are refused before lists of that length are made")
  func layers() throws {
    for golden in GoldenCase.folders {
      let folder = golden.checkpoint
      let json = try MappedFile(folder.appendingPathComponent("config.json")).json()
      let members = try #require(json.object).members.map { key, value in
        let isDepth = ["n_layer", "num_layers", "num_hidden_layers"].contains(key)
        return (key: key, value: isDepth ? JSONValue.integer(1 << 24) : value)
      }
      let config = try ConfigFile(.object(JSONObject(members)), path: "config.json")
      let error = #expect(throws: ModelError.self) {
        try Family.named(by: config).architecture(config)
      }
      #expect(error?.description.contains("which no model has") == true, "\(golden.name)")
    }
  }

  @Test("config.json: anything is refused or makes a model")
  func files() throws {
    let cases = GoldenCase.folders
    let originals = try cases.map {
      [UInt8](try Data(contentsOf: $0.checkpoint.appendingPathComponent("config.json")))
    }
    let report = try FuzzRun.run("config.json") { number, mutator in
      let original = originals[number % originals.count]
      return number % 2 == 0
        ? mutator.mutate(original, donor: originals[(number + 1) % originals.count])
        : Array(mutator.mutate(try JSONValue(parsing: original)).text.utf8)
    } read: { url in
      let folder = url.deletingLastPathComponent()
      let config = try ConfigFile(folder: folder)
      let family = try Family.named(by: config)
      try family.architecture(config).check(path: url.path)
      // The weights of a model of that family, which fit if little was changed.
      let weights = cases.first { $0.json["family"]?.string ?? "gpt2" == family.modelType }
      if let weights {
        let place = folder.appendingPathComponent("model.safetensors").path
        unlink(place)
        symlink(weights.checkpoint.appendingPathComponent("model.safetensors").path, place)
        _ = try Decoder(folder: folder)
      }
    }
    #expect(report.slowest < 1, "\(report)")
    #expect(report.memory < 8 << 20, "\(report)")
    #expect(report.accepted > 0 && report.accepted < report.cases, "\(report)")
  }

  /// Whether the weights that are there have the shapes that the architecture asks for.
  private func fits(_ architecture: Architecture, _ right: Architecture) -> Bool {
    var same = right
    same.normEpsilon = architecture.normEpsilon
    same.positions = architecture.positions
    same.embeddingScale = architecture.embeddingScale
    same.normOffset = architecture.normOffset
    same.scoreCap = architecture.scoreCap
    same.logitCap = architecture.logitCap
    same.windows = architecture.windows
    same.activation = architecture.activation
    same.scoreScale = architecture.scoreScale
    same.dividesScoresByLayer = architecture.dividesScoresByLayer
    same.isParallel = architecture.isParallel
    same.context = min(architecture.context, right.context)
    var shortened = architecture
    shortened.context = same.context
    // The MLP's norm is there or not; that goes with the side-by-side form.
    return shortened == same && architecture.isParallel == right.isParallel
  }
}
