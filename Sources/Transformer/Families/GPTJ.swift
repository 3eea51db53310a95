import Checkpoints
import LinearAlgebra

extension Family {
  /// GPT-J: rotary positions of neighbouring pairs, attention and MLP side by side after one norm, a
  /// head with a bias.
  static let gptJ = Family(
    modelType: "gptj",
    architecture: { config in
      let width = try config.size("n_embd", default: 4096)
      let heads = try config.size("n_head", default: 16)
      let size = try config.headSize(width: width, heads: heads)
      let turned = try config.size("rotary_dim", default: size)
      guard turned <= size else {
        throw ModelError.configuration(
          path: config.path, "rotary_dim is \(turned), more than a head of \(size) has")
      }
      var rotary = Rotary(frequencies: Rotary.frequencies(base: 10_000, size: turned))
      rotary.isInterleaved = true
      return Architecture(
        family: "gptj", layers: try config.size("n_layer", default: 28), heads: heads,
        headSize: size, width: width, innerWidth: try config.size("n_inner", default: 4 * width),
        vocabulary: try config.size("vocab_size", default: 50400),
        context: try config.size("n_positions", default: 2048),
        normEpsilon: Float(try config.double("layer_norm_epsilon", default: 1e-5)),
        positions: .rotary(rotary),
        activation: try config.activation("activation_function", default: "gelu_new"),
        isParallel: true, scoreScale: 1 / Float(size).squareRoot(),
        tiedHead: try config.bool("tie_word_embeddings", default: false))
    },
    weights: { architecture, reader in
      let (C, inner) = (architecture.width, architecture.innerWidth)
      reader.ignore {
        $0.hasSuffix(".attn.bias") || $0.hasSuffix(".attn.masked_bias")
          || $0.hasSuffix(".attn.embed_positions")
      }
      let layers = try (0..<architecture.layers).map { layer in
        let block = "transformer.h.\(layer)."
        return LayerWeights(
          attentionNorm: try reader.layerNorm(block + "ln_1", C),
          query: try reader.linear(block + "attn.q_proj", C, C, bias: false),
          key: try reader.linear(block + "attn.k_proj", C, C, bias: false),
          value: try reader.linear(block + "attn.v_proj", C, C, bias: false),
          attentionOutput: try reader.linear(block + "attn.out_proj", C, C, bias: false),
          mlpNorm: nil,
          up: try reader.linear(block + "mlp.fc_in", C, inner, bias: true),
          down: try reader.linear(block + "mlp.fc_out", inner, C, bias: true))
      }
      let embedding = try reader.matrix("transformer.wte.weight", architecture.vocabulary, C)
      return DecoderWeights(
        tokenEmbedding: embedding, layers: layers,
        finalNorm: try reader.layerNorm("transformer.ln_f", C),
        head: try reader.head("lm_head.weight", architecture, embedding: embedding),
        headBias: try reader.vector("lm_head.bias", architecture.vocabulary))
    })
}
