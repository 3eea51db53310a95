import Checkpoints
import LinearAlgebra

extension Family {
  /// LLaMA 1 to 3: rotary positions, root-mean-square norms, a gated MLP, keys and values shared by
  /// several heads.
  static let llama = llamaLike("llama") { config, _ in
    Biases(
      attention: try config.bool("attention_bias", default: false),
      mlp: try config.bool("mlp_bias", default: false))
  }

  /// Mistral: LLaMA whose queries may see a window only.
  static let mistral = llamaLike("mistral") { config, architecture in
    if config.has("sliding_window") {
      let window = try config.size("sliding_window")
      architecture.windows = Array(repeating: window, count: architecture.layers)
    }
    return Biases()
  }

  /// Qwen2: LLaMA with biases of query, key and value.
  static let qwen2 = llamaLike("qwen2") { config, _ in
    try config.refuse("use_sliding_window", unless: false, default: false)
    return Biases(attention: true, attentionOutput: false)
  }

  /// Qwen3: LLaMA with a norm of each head's query and key.
  static let qwen3 = llamaLike("qwen3") { config, architecture in
    try config.refuse("use_sliding_window", unless: false, default: false)
    architecture.hasQueryKeyNorm = true
    return Biases(attention: try config.bool("attention_bias", default: false))
  }

  private struct Biases {
    var attention = false
    /// nil: as the others of attention.
    var attentionOutput: Bool?
    var mlp = false
  }

  private static func llamaLike(
    _ modelType: String,
    _ change: @escaping @Sendable (ConfigFile, inout Architecture) throws -> Biases
  ) -> Family {
    @Sendable func architecture(_ config: ConfigFile) throws -> (Architecture, Biases) {
      let width = try config.size("hidden_size")
      let heads = try config.size("num_attention_heads")
      let size = try config.headSize(width: width, heads: heads)
      var architecture = Architecture(
        family: modelType, layers: try config.size("num_hidden_layers"), heads: heads,
        sharedKeyValueHeads: try config.size("num_key_value_heads", default: heads),
        headSize: size, width: width, innerWidth: try config.size("intermediate_size"),
        vocabulary: try config.size("vocab_size"),
        context: try config.size("max_position_embeddings", default: 2048),
        normalization: .rootMeanSquare,
        normEpsilon: Float(try config.double("rms_norm_eps", default: 1e-6)),
        positions: .rotary(try config.rotary(size: size)),
        activation: try config.activation("hidden_act", default: "silu"), isGated: true,
        scoreScale: 1 / Float(size).squareRoot(),
        tiedHead: try config.bool("tie_word_embeddings", default: false))
      let biases = try change(config, &architecture)
      return (architecture, biases)
    }
    return Family(
      modelType: modelType, architecture: { try architecture($0).0 },
      weights: { _, reader in
        let (architecture, biases) = try architecture(reader.config)
        let (C, inner) = (architecture.width, architecture.innerWidth)
        let (H, G, d) = (architecture.heads, architecture.keyValueHeads, architecture.headSize)
        reader.ignore { $0.hasSuffix("rotary_emb.inv_freq") }
        let layers = try (0..<architecture.layers).map { layer in
          let block = "model.layers.\(layer)."
          let attention = block + "self_attn."
          func linear(_ name: String, _ inputs: Int, _ outputs: Int, _ bias: Bool) throws
            -> Projection
          {
            try reader.linear(name, inputs, outputs, bias: bias)
          }
          let hasNorm = architecture.hasQueryKeyNorm
          return LayerWeights(
            attentionNorm: try reader.rootMeanSquareNorm(block + "input_layernorm", C),
            query: try linear(attention + "q_proj", C, H * d, biases.attention),
            key: try linear(attention + "k_proj", C, G * d, biases.attention),
            value: try linear(attention + "v_proj", C, G * d, biases.attention),
            queryNorm: hasNorm ? try reader.rootMeanSquareNorm(attention + "q_norm", d) : nil,
            keyNorm: hasNorm ? try reader.rootMeanSquareNorm(attention + "k_norm", d) : nil,
            attentionOutput: try linear(
              attention + "o_proj", H * d, C, biases.attentionOutput ?? biases.attention),
            mlpNorm: try reader.rootMeanSquareNorm(block + "post_attention_layernorm", C),
            gate: try linear(block + "mlp.gate_proj", C, inner, biases.mlp),
            up: try linear(block + "mlp.up_proj", C, inner, biases.mlp),
            down: try linear(block + "mlp.down_proj", inner, C, biases.mlp))
        }
        let embedding = try reader.matrix("model.embed_tokens.weight", architecture.vocabulary, C)
        return DecoderWeights(
          tokenEmbedding: embedding, layers: layers,
          finalNorm: try reader.rootMeanSquareNorm("model.norm", C),
          head: try reader.head("lm_head.weight", architecture, embedding: embedding))
      })
  }
}
