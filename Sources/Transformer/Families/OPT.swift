import Checkpoints
import LinearAlgebra

extension Family {
  /// OPT: GPT-2 with separate projections, ReLU, and positions that begin at row 2 of their table.
  static let opt = Family(
    modelType: "opt",
    architecture: { config in
      try config.refuse("do_layer_norm_before", unless: true, default: true)
      try config.refuse("_remove_final_layer_norm", unless: false, default: false)
      try config.refuse("enable_bias", unless: true, default: true)
      try config.refuse("layer_norm_elementwise_affine", unless: true, default: true)
      let width = try config.size("hidden_size", default: 768)
      guard try config.size("word_embed_proj_dim", default: width) == width else {
        throw ModelError.configuration(
          path: config.path,
          "word_embed_proj_dim is not hidden_size; Fathom computes models where it is")
      }
      let heads = try config.size("num_attention_heads", default: 12)
      let size = try config.headSize(width: width, heads: heads)
      return Architecture(
        family: "opt", layers: try config.size("num_hidden_layers", default: 12), heads: heads,
        headSize: size, width: width, innerWidth: try config.size("ffn_dim", default: 3072),
        vocabulary: try config.size("vocab_size", default: 50272),
        context: try config.size("max_position_embeddings", default: 2048), normEpsilon: 1e-5,
        positions: .learned(offset: 2),
        activation: try config.activation("activation_function", default: "relu"),
        scoreScale: 1 / Float(size).squareRoot(),
        tiedHead: try config.bool("tie_word_embeddings", default: true))
    },
    weights: { architecture, reader in
      let (C, inner) = (architecture.width, architecture.innerWidth)
      let root = reader.has("decoder.embed_tokens.weight") ? "decoder." : "model.decoder."
      let layers = try (0..<architecture.layers).map { layer in
        let block = "\(root)layers.\(layer)."
        let attention = block + "self_attn."
        return LayerWeights(
          attentionNorm: try reader.layerNorm(block + "self_attn_layer_norm", C),
          query: try reader.linear(attention + "q_proj", C, C, bias: true),
          key: try reader.linear(attention + "k_proj", C, C, bias: true),
          value: try reader.linear(attention + "v_proj", C, C, bias: true),
          attentionOutput: try reader.linear(attention + "out_proj", C, C, bias: true),
          mlpNorm: try reader.layerNorm(block + "final_layer_norm", C),
          up: try reader.linear(block + "fc1", C, inner, bias: true),
          down: try reader.linear(block + "fc2", inner, C, bias: true))
      }
      let embedding = try reader.matrix(
        root + "embed_tokens.weight", architecture.vocabulary, C)
      return DecoderWeights(
        tokenEmbedding: embedding,
        positionEmbedding: try reader.matrix(
          root + "embed_positions.weight", architecture.context + 2, C),
        layers: layers, finalNorm: try reader.layerNorm(root + "final_layer_norm", C),
        head: try reader.head("lm_head.weight", architecture, embedding: embedding))
    })
}
