import Checkpoints
import LinearAlgebra

extension Family {
  /// GPT-2 (and DistilGPT-2): learned positions, pre-norm with biases, one fused input projection
  /// [q | k | v], matrices stored input-major, head tied to the embedding.
  static let gpt2 = Family(
    modelType: "gpt2",
    architecture: { config in
      let width = try config.size("n_embd", default: 768)
      let heads = try config.size("n_head", default: 12)
      let size = try config.headSize(width: width, heads: heads)
      if try config.bool("add_cross_attention", default: false) {
        throw ModelError.configuration(
          path: config.path, "add_cross_attention is true; Fathom runs decoders without an encoder")
      }
      let scales = try config.bool("scale_attn_weights", default: true)
      return Architecture(
        family: "gpt2",
        layers: try config.size("n_layer", default: 12),
        heads: heads,
        headSize: size,
        width: width,
        innerWidth: try config.size("n_inner", default: 4 * width),
        vocabulary: try config.size("vocab_size", default: 50257),
        context: try config.size("n_positions", default: 1024),
        normEpsilon: Float(try config.double("layer_norm_epsilon", default: 1e-5)),
        activation: try config.activation("activation_function", default: "gelu_new"),
        scoreScale: scales ? 1 / Float(size).squareRoot() : 1,
        dividesScoresByLayer: try config.bool("scale_attn_by_inverse_layer_idx", default: false),
        tiedHead: try config.bool("tie_word_embeddings", default: true))
    },
    weights: { architecture, reader in
      let (C, inner) = (architecture.width, architecture.innerWidth)
      // Masks that old checkpoints keep as buffers; the causal mask is computed.
      reader.ignore { $0.hasSuffix(".attn.bias") || $0.hasSuffix(".attn.masked_bias") }
      let embedding = try reader.matrix("transformer.wte.weight", architecture.vocabulary, C)
      let layers = try (0..<architecture.layers).map { layer in
        let block = "transformer.h.\(layer)."
        let fused = try reader.inputMajorLinear(block + "attn.c_attn", C, 3 * C)
        return LayerWeights(
          attentionNorm: try reader.layerNorm(block + "ln_1", C),
          query: fused.outputs(0..<C), key: fused.outputs(C..<2 * C),
          value: fused.outputs(2 * C..<3 * C),
          attentionOutput: try reader.inputMajorLinear(block + "attn.c_proj", C, C),
          mlpNorm: try reader.layerNorm(block + "ln_2", C),
          up: try reader.inputMajorLinear(block + "mlp.c_fc", C, inner),
          down: try reader.inputMajorLinear(block + "mlp.c_proj", inner, C))
      }
      return DecoderWeights(
        tokenEmbedding: embedding,
        positionEmbedding: try reader.matrix("transformer.wpe.weight", architecture.context, C),
        layers: layers,
        finalNorm: try reader.layerNorm("transformer.ln_f", C),
        head: try reader.head("lm_head.weight", architecture, embedding: embedding))
    })
}
