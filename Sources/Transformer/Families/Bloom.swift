import Checkpoints
import Foundation
import LinearAlgebra

extension Family {
  /// BLOOM: scores that fall with distance, a norm of the embeddings, query, key and value stored head
  /// by head.
  static let bloom = Family(
    modelType: "bloom",
    architecture: { config in
      try config.refuse(
        "apply_residual_connection_post_layernorm", unless: false, default: false)
      let width = try config.size(
        "hidden_size", default: try config.size("n_embed", default: 64))
      let heads = try config.size(
        "n_head", default: try config.size("num_attention_heads", default: 8))
      let size = try config.headSize(width: width, heads: heads)
      return Architecture(
        family: "bloom",
        layers: try config.size(
          "n_layer", default: try config.size("num_hidden_layers", default: 2)),
        heads: heads, headSize: size, width: width, innerWidth: 4 * width,
        vocabulary: try config.size("vocab_size", default: 250_880),
        // Nothing limits it but what it was trained on.
        context: try config.size("seq_length", default: 2048),
        normEpsilon: Float(try config.double("layer_norm_epsilon", default: 1e-5)),
        positions: .linearBias(slopes: slopes(heads: heads)), activation: .geluTanh,
        scoreScale: 1 / Float(size).squareRoot(),
        tiedHead: try config.bool("tie_word_embeddings", default: true))
    },
    weights: { architecture, reader in
      let (C, inner) = (architecture.width, architecture.innerWidth)
      let layers = try (0..<architecture.layers).map { layer in
        let block = "transformer.h.\(layer)."
        let parts = try reader.linearByHead(
          block + "self_attention.query_key_value", C, heads: architecture.heads,
          size: architecture.headSize)
        return LayerWeights(
          attentionNorm: try reader.layerNorm(block + "input_layernorm", C),
          query: parts[0], key: parts[1], value: parts[2],
          attentionOutput: try reader.linear(block + "self_attention.dense", C, C, bias: true),
          mlpNorm: try reader.layerNorm(block + "post_attention_layernorm", C),
          up: try reader.linear(block + "mlp.dense_h_to_4h", C, inner, bias: true),
          down: try reader.linear(block + "mlp.dense_4h_to_h", inner, C, bias: true))
      }
      let embedding = try reader.matrix(
        "transformer.word_embeddings.weight", architecture.vocabulary, C)
      return DecoderWeights(
        tokenEmbedding: embedding,
        embeddingNorm: try reader.layerNorm("transformer.word_embeddings_layernorm", C),
        layers: layers, finalNorm: try reader.layerNorm("transformer.ln_f", C),
        head: try reader.head("lm_head.weight", architecture, embedding: embedding))
    })

  /// A geometric series; where the number of heads is no power of two, the heads beyond the last such
  /// number take every other slope of the series twice as fine (Press et al. 2022, section 3).
  @Sendable
  static func slopes(heads: Int) -> [Float] {
    var power = 1
    while 2 * power <= heads { power *= 2 }
    let series = (1...power).map { pow(2, -8 * Double($0) / Double(power)) }
    let finer = (0..<heads - power).map { pow(2, -8 * Double(2 * $0 + 1) / Double(2 * power)) }
    return (series + finer).map(Float.init)
  }
}
