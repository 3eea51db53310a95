import Checkpoints
import LinearAlgebra

extension Family {
  /// GPT-NeoX and Pythia: rotary positions of a part of each head, attention and MLP side by side with
  /// a norm each, query, key and value stored head by head.
  static let gptNeoX = Family(
    modelType: "gpt_neox",
    architecture: { config in
      let width = try config.size("hidden_size")
      let heads = try config.size("num_attention_heads")
      let size = try config.headSize(width: width, heads: heads)
      let share = try config.rotaryShare(older: "rotary_pct", default: 0.25)
      return Architecture(
        family: "gpt_neox", layers: try config.size("num_hidden_layers"), heads: heads,
        headSize: size, width: width, innerWidth: try config.size("intermediate_size"),
        vocabulary: try config.size("vocab_size"),
        context: try config.size("max_position_embeddings", default: 2048),
        normEpsilon: Float(try config.double("layer_norm_eps", default: 1e-5)),
        positions: .rotary(
          try config.rotary(size: try config.turned(share, of: size), base: "rotary_emb_base")),
        activation: try config.activation("hidden_act", default: "gelu"),
        isParallel: try config.bool("use_parallel_residual", default: true),
        scoreScale: 1 / Float(size).squareRoot(),
        tiedHead: try config.bool("tie_word_embeddings", default: false))
    },
    weights: { architecture, reader in
      let (C, inner) = (architecture.width, architecture.innerWidth)
      reader.ignore {
        $0.hasSuffix(".attention.bias") || $0.hasSuffix(".attention.masked_bias")
          || $0.hasSuffix(".rotary_emb.inv_freq")
      }
      try reader.config.refuse("attention_bias", unless: true, default: true)
      let layers = try (0..<architecture.layers).map { layer in
        let block = "gpt_neox.layers.\(layer)."
        let parts = try reader.linearByHead(
          block + "attention.query_key_value", C, heads: architecture.heads,
          size: architecture.headSize)
        return LayerWeights(
          attentionNorm: try reader.layerNorm(block + "input_layernorm", C),
          query: parts[0], key: parts[1], value: parts[2],
          attentionOutput: try reader.linear(block + "attention.dense", C, C, bias: true),
          mlpNorm: try reader.layerNorm(block + "post_attention_layernorm", C),
          up: try reader.linear(block + "mlp.dense_h_to_4h", C, inner, bias: true),
          down: try reader.linear(block + "mlp.dense_4h_to_h", inner, C, bias: true))
      }
      let embedding = try reader.matrix("gpt_neox.embed_in.weight", architecture.vocabulary, C)
      return DecoderWeights(
        tokenEmbedding: embedding, layers: layers,
        finalNorm: try reader.layerNorm("gpt_neox.final_layer_norm", C),
        // transformers 5 calls it as every other family's is called.
        head: try reader.head(
          reader.has("lm_head.weight") ? "lm_head.weight" : "embed_out.weight", architecture,
          embedding: embedding))
    })
}
