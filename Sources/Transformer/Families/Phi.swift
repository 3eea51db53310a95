import Checkpoints
import LinearAlgebra

extension Family {
  /// Phi-1, 1.5 and 2: attention and MLP side by side after one norm, rotary positions of a part of
  /// each head, biases everywhere.
  static let phi = Family(
    modelType: "phi",
    architecture: { config in
      try config.refuse("qk_layernorm", unless: false, default: false)
      let width = try config.size("hidden_size", default: 2048)
      let heads = try config.size("num_attention_heads", default: 32)
      let size = try config.headSize(width: width, heads: heads)
      let share = try config.rotaryShare(older: "partial_rotary_factor", default: 0.5)
      return Architecture(
        family: "phi", layers: try config.size("num_hidden_layers", default: 24), heads: heads,
        sharedKeyValueHeads: try config.size("num_key_value_heads", default: heads),
        headSize: size, width: width,
        innerWidth: try config.size("intermediate_size", default: 8192),
        vocabulary: try config.size("vocab_size", default: 51200),
        context: try config.size("max_position_embeddings", default: 2048),
        normEpsilon: Float(try config.double("layer_norm_eps", default: 1e-5)),
        positions: .rotary(try config.rotary(size: try config.turned(share, of: size))),
        activation: try config.activation("hidden_act", default: "gelu_new"), isParallel: true,
        scoreScale: 1 / Float(size).squareRoot(),
        tiedHead: try config.bool("tie_word_embeddings", default: false))
    },
    weights: { architecture, reader in
      let (C, inner) = (architecture.width, architecture.innerWidth)
      let (H, G, d) = (architecture.heads, architecture.keyValueHeads, architecture.headSize)
      let layers = try (0..<architecture.layers).map { layer in
        let block = "model.layers.\(layer)."
        let attention = block + "self_attn."
        return LayerWeights(
          attentionNorm: try reader.layerNorm(block + "input_layernorm", C),
          query: try reader.linear(attention + "q_proj", C, H * d, bias: true),
          key: try reader.linear(attention + "k_proj", C, G * d, bias: true),
          value: try reader.linear(attention + "v_proj", C, G * d, bias: true),
          attentionOutput: try reader.linear(attention + "dense", H * d, C, bias: true),
          mlpNorm: nil,
          up: try reader.linear(block + "mlp.fc1", C, inner, bias: true),
          down: try reader.linear(block + "mlp.fc2", inner, C, bias: true))
      }
      let embedding = try reader.matrix("model.embed_tokens.weight", architecture.vocabulary, C)
      return DecoderWeights(
        tokenEmbedding: embedding, layers: layers,
        finalNorm: try reader.layerNorm("model.final_layernorm", C),
        head: try reader.head("lm_head.weight", architecture, embedding: embedding),
        headBias: try reader.vector("lm_head.bias", architecture.vocabulary))
    })
}
