import Checkpoints
import LinearAlgebra

extension Family {
  /// LLaMA 1 to 3: rotary positions, root-mean-square norms, a gated MLP, keys and values shared by
  /// several heads.
  static let llama = llamaLike("llama") { config in
    Biases(
      attention: try config.bool("attention_bias", default: false),
      mlp: try config.bool("mlp_bias", default: false))
  }

  /// Mistral: LLaMA whose queries may see a window only.
  static let mistral = llamaLike(
    "mistral",
    architecture: { config in
      var architecture = try config.llamaLike("mistral")
      if let window = try config.slidingWindow(default: 4096) {
        architecture.windows = Array(repeating: window, count: architecture.layers)
      }
      return architecture
    })

  /// Qwen2: LLaMA with biases of query, key and value.
  static let qwen2 = llamaLike("qwen2") { _ in
    Biases(attention: true, attentionOutput: false)
  } architecture: { config in
    try config.refuse("use_sliding_window", unless: false, default: false)
    return try config.llamaLike("qwen2")
  }

  /// Qwen3: LLaMA with a norm of each head's query and key.
  static let qwen3 = llamaLike("qwen3", biases: Biases.ofAttention) { config in
    try config.refuse("use_sliding_window", unless: false, default: false)
    var architecture = try config.llamaLike("qwen3")
    architecture.hasQueryKeyNorm = true
    return architecture
  }

  /// Which linear maps of a block have a bias.
  struct Biases {
    var attention = false
    /// nil: as the others of attention.
    var attentionOutput: Bool?
    var mlp = false

    /// Those of attention as the file says.
    @Sendable
    static func ofAttention(_ config: ConfigFile) throws -> Biases {
      Biases(attention: try config.bool("attention_bias", default: false))
    }
  }

  /// A family whose checkpoints name their tensors as LLaMA's do.
  static func llamaLike(
    _ modelType: String,
    biases: @escaping @Sendable (ConfigFile) throws -> Biases = { _ in Biases() },
    architecture: (@Sendable (ConfigFile) throws -> Architecture)? = nil
  ) -> Family {
    Family(
      modelType: modelType, architecture: architecture ?? { try $0.llamaLike(modelType) },
      weights: { architecture, reader in
        reader.ignore { $0.hasSuffix("rotary_emb.inv_freq") }
        let biases = try biases(reader.config)
        let layers = try (0..<architecture.layers).map {
          try reader.llamaLayer("model.layers.\($0).", architecture, biases)
        }
        return try reader.llamaWeights(layers, architecture)
      })
  }
}

extension ConfigFile {
  /// What LLaMA and its descendants have in common.
  ///
  /// - Parameters:
  ///   - epsilon: of norms, if the file does not say.
  ///   - rotary: positions of a head of the given size; nil for those of the whole head.
  func llamaLike(
    _ family: String, headSize size: Int? = nil, activation: Activation? = nil,
    epsilon: Double = 1e-6, tied: Bool = false, rotary: ((Int) throws -> Rotary)? = nil
  ) throws -> Architecture {
    let width = try self.size("hidden_size")
    let heads = try self.size("num_attention_heads")
    let size = try size ?? headSize(width: width, heads: heads)
    return Architecture(
      family: family, layers: try self.size("num_hidden_layers"), heads: heads,
      sharedKeyValueHeads: try self.size("num_key_value_heads", default: heads),
      headSize: size, width: width, innerWidth: try self.size("intermediate_size"),
      vocabulary: try self.size("vocab_size"),
      context: try self.size("max_position_embeddings", default: 2048),
      normalization: .rootMeanSquare,
      normEpsilon: Float(try double("rms_norm_eps", default: epsilon)),
      positions: .rotary(try rotary?(size) ?? self.rotary(size: size)),
      activation: try activation ?? self.activation("hidden_act", default: "silu"), isGated: true,
      scoreScale: 1 / Float(size).squareRoot(),
      tiedHead: try bool("tie_word_embeddings", default: tied))
  }
}

extension TensorReader {
  /// One block, under the names that LLaMA, Mistral, Qwen and Gemma share.
  fileprivate func llamaLayer(
    _ block: String, _ architecture: Architecture, _ biases: Family.Biases
  ) throws -> LayerWeights {
    let (C, inner) = (architecture.width, architecture.innerWidth)
    let (H, G, d) = (architecture.heads, architecture.keyValueHeads, architecture.headSize)
    let attention = block + "self_attn."
    func norm(_ name: String, _ width: Int, if isThere: Bool = true) throws -> NormWeights? {
      guard isThere else { return nil }
      return try rootMeanSquareNorm(name, width, offset: architecture.normOffset)
    }
    // With norms all around, the one after attention is not the one before the MLP.
    let around = architecture.normPlacement == .around
    let mlpNorm = around ? "pre_feedforward_layernorm" : "post_attention_layernorm"
    return LayerWeights(
      attentionNorm: try norm(block + "input_layernorm", C),
      query: try linear(attention + "q_proj", C, H * d, bias: biases.attention),
      key: try linear(attention + "k_proj", C, G * d, bias: biases.attention),
      value: try linear(attention + "v_proj", C, G * d, bias: biases.attention),
      queryNorm: try norm(attention + "q_norm", d, if: architecture.hasQueryKeyNorm),
      keyNorm: try norm(attention + "k_norm", d, if: architecture.hasQueryKeyNorm),
      attentionOutput: try linear(
        attention + "o_proj", H * d, C, bias: biases.attentionOutput ?? biases.attention),
      attentionOutputNorm: try norm(block + "post_attention_layernorm", C, if: around),
      mlpNorm: try norm(block + mlpNorm, C),
      gate: try linear(block + "mlp.gate_proj", C, inner, bias: biases.mlp),
      up: try linear(block + "mlp.up_proj", C, inner, bias: biases.mlp),
      down: try linear(block + "mlp.down_proj", inner, C, bias: biases.mlp),
      mlpOutputNorm: try norm(block + "post_feedforward_layernorm", C, if: around))
  }

  /// What stands around the blocks.
  func llamaWeights(_ layers: [LayerWeights], _ architecture: Architecture) throws
    -> DecoderWeights
  {
    let embedding = try matrix(
      "model.embed_tokens.weight", architecture.vocabulary, architecture.width)
    return DecoderWeights(
      tokenEmbedding: embedding, layers: layers,
      finalNorm: try rootMeanSquareNorm(
        "model.norm", architecture.width, offset: architecture.normOffset),
      head: try head("lm_head.weight", architecture, embedding: embedding))
  }
}
