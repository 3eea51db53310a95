import Checkpoints
import LinearAlgebra

extension Family {
  /// GPT-Neo: GPT-2 with separate projections, scores that are not scaled, and layers some of which see
  /// a window only.
  static let gptNeo = Family(
    modelType: "gpt_neo",
    architecture: { config in
      let width = try config.size("hidden_size", default: 2048)
      let heads = try config.size("num_heads", default: 16)
      let layers = try config.size("num_layers", default: 24)
      return Architecture(
        family: "gpt_neo", layers: layers, heads: heads,
        headSize: try config.headSize(width: width, heads: heads), width: width,
        innerWidth: try config.size("intermediate_size", default: 4 * width),
        vocabulary: try config.size("vocab_size", default: 50257),
        context: try config.size("max_position_embeddings", default: 2048),
        normEpsilon: Float(try config.double("layer_norm_epsilon", default: 1e-5)),
        activation: try config.activation("activation_function", default: "gelu_new"),
        windows: try windows(config, layers: layers), scoreScale: 1,
        tiedHead: try config.bool("tie_word_embeddings", default: true))
    },
    weights: { architecture, reader in
      let (C, inner) = (architecture.width, architecture.innerWidth)
      reader.ignore {
        $0.hasSuffix(".attention.bias") || $0.hasSuffix(".attention.masked_bias")
      }
      let layers = try (0..<architecture.layers).map { layer in
        let block = "transformer.h.\(layer)."
        let attention = block + "attn.attention."
        return LayerWeights(
          attentionNorm: try reader.layerNorm(block + "ln_1", C),
          query: try reader.linear(attention + "q_proj", C, C, bias: false),
          key: try reader.linear(attention + "k_proj", C, C, bias: false),
          value: try reader.linear(attention + "v_proj", C, C, bias: false),
          attentionOutput: try reader.linear(attention + "out_proj", C, C, bias: true),
          mlpNorm: try reader.layerNorm(block + "ln_2", C),
          up: try reader.linear(block + "mlp.c_fc", C, inner, bias: true),
          down: try reader.linear(block + "mlp.c_proj", inner, C, bias: true))
      }
      let embedding = try reader.matrix("transformer.wte.weight", architecture.vocabulary, C)
      return DecoderWeights(
        tokenEmbedding: embedding,
        positionEmbedding: try reader.matrix(
          "transformer.wpe.weight", architecture.context, C),
        layers: layers, finalNorm: try reader.layerNorm("transformer.ln_f", C),
        head: try reader.head("lm_head.weight", architecture, embedding: embedding))
    })

  /// `attention_types` is a list of [kinds, times]: [[["global", "local"], 12]].
  @Sendable
  private static func windows(_ config: ConfigFile, layers: Int) throws -> [Int?] {
    let window = try config.size("window_size", default: 256)
    let types = try config.array("attention_types") ?? []
    var windows: [Int?] = []
    for type in types {
      let kinds = type.array?.first?.array ?? []
      let times = min(type.array?.last?.int ?? 0, layers)
      for _ in 0..<max(times, 0) where windows.count <= layers {
        windows += kinds.map { $0.string == "local" ? window : nil }
      }
    }
    guard types.isEmpty || windows.count == layers else {
      throw ModelError.configuration(
        path: config.path,
        "attention_types describes \(windows.count) layers and num_layers is \(layers)")
    }
    return types.isEmpty ? (0..<layers).map { $0 % 2 == 1 ? window : nil } : windows
  }
}
