import Checkpoints
import LinearAlgebra

extension Family {
  /// OPT: GPT-2 with separate projections, ReLU, and positions that begin at row 2 of their table. One
  /// size, 350m, norms the stream after attention and MLP, and has narrower embeddings.
  static let opt = Family(
    modelType: "opt",
    architecture: { config in
      try config.refuse("enable_bias", unless: true, default: true)
      try config.refuse("layer_norm_elementwise_affine", unless: true, default: true)
      let width = try config.size("hidden_size", default: 768)
      let heads = try config.size("num_attention_heads", default: 12)
      let size = try config.headSize(width: width, heads: heads)
      let before = try config.bool("do_layer_norm_before", default: true)
      let removed = try config.bool("_remove_final_layer_norm", default: false)
      let embeddingWidth = try config.size("word_embed_proj_dim", default: width)
      return Architecture(
        family: "opt", layers: try config.size("num_hidden_layers", default: 12), heads: heads,
        headSize: size, width: width, innerWidth: try config.size("ffn_dim", default: 3072),
        vocabulary: try config.size("vocab_size", default: 50272),
        context: try config.size("max_position_embeddings", default: 2048),
        normPlacement: before ? .before : .after, hasFinalNorm: before && !removed,
        normEpsilon: 1e-5,
        projectedEmbeddingWidth: embeddingWidth == width ? nil : embeddingWidth,
        positions: .learned(offset: 2),
        activation: try config.activation("activation_function", default: "relu"),
        scoreScale: 1 / Float(size).squareRoot(),
        tiedHead: try config.bool("tie_word_embeddings", default: true))
    },
    weights: { architecture, reader in
      let (C, inner) = (architecture.width, architecture.innerWidth)
      let layers = try (0..<architecture.layers).map { layer in
        let block = "model.decoder.layers.\(layer)."
        let attention = block + "self_attn."
        let attentionNorm = try reader.layerNorm(block + "self_attn_layer_norm", C)
        let mlpNorm = try reader.layerNorm(block + "final_layer_norm", C)
        let before = architecture.normPlacement == .before
        return LayerWeights(
          attentionNorm: before ? attentionNorm : nil,
          query: try reader.linear(attention + "q_proj", C, C, bias: true),
          key: try reader.linear(attention + "k_proj", C, C, bias: true),
          value: try reader.linear(attention + "v_proj", C, C, bias: true),
          attentionOutput: try reader.linear(attention + "out_proj", C, C, bias: true),
          attentionOutputNorm: before ? nil : attentionNorm, mlpNorm: before ? mlpNorm : nil,
          up: try reader.linear(block + "fc1", C, inner, bias: true),
          down: try reader.linear(block + "fc2", inner, C, bias: true),
          mlpOutputNorm: before ? nil : mlpNorm)
      }
      let embedding = try reader.matrix(
        "model.decoder.embed_tokens.weight", architecture.vocabulary, architecture.embeddingWidth)
      let isProjected = architecture.projectedEmbeddingWidth != nil
      func projection(_ name: String, _ inputs: Int, _ outputs: Int) throws -> Projection? {
        isProjected ? try reader.linear("model.decoder." + name, inputs, outputs, bias: false) : nil
      }
      return DecoderWeights(
        tokenEmbedding: embedding,
        embeddingProjection: try projection("project_in", architecture.embeddingWidth, C),
        positionEmbedding: try reader.matrix(
          "model.decoder.embed_positions.weight", architecture.context + 2, C),
        layers: layers,
        finalNorm: architecture.hasFinalNorm
          ? try reader.layerNorm("model.decoder.final_layer_norm", C) : nil,
        headProjection: try projection("project_out", C, architecture.embeddingWidth),
        head: try reader.head("lm_head.weight", architecture, embedding: embedding))
    })
}
