import Checkpoints
import LinearAlgebra

extension Family {
  /// Phi-3: LLaMA with query, key and value in one map, gate and up in another, rotary positions of a
  /// part of each head in some sizes, and LongRoPE in those of a long context.
  static let phi3 = Family(
    modelType: "phi3",
    architecture: { config in
      let share = try config.rotaryShare(older: "partial_rotary_factor", default: 1)
      var architecture = try config.llamaLike("phi3", epsilon: 1e-5) { size in
        try config.rotary(size: try config.turned(share, of: size), trained: 4096)
      }
      if let window = try config.slidingWindow(default: nil) {
        architecture.windows = Array(repeating: window, count: architecture.layers)
      }
      return architecture
    },
    weights: { architecture, reader in
      let (C, inner) = (architecture.width, architecture.innerWidth)
      let (H, G, d) = (architecture.heads, architecture.keyValueHeads, architecture.headSize)
      let layers = try (0..<architecture.layers).map { layer in
        let block = "model.layers.\(layer)."
        let fused = try reader.linear(
          block + "self_attn.qkv_proj", C, (H + 2 * G) * d, bias: false)
        let gateAndUp = try reader.linear(block + "mlp.gate_up_proj", C, 2 * inner, bias: false)
        return LayerWeights(
          attentionNorm: try reader.rootMeanSquareNorm(block + "input_layernorm", C),
          query: fused.outputs(0..<H * d), key: fused.outputs(H * d..<(H + G) * d),
          value: fused.outputs((H + G) * d..<(H + 2 * G) * d),
          attentionOutput: try reader.linear(block + "self_attn.o_proj", H * d, C, bias: false),
          mlpNorm: try reader.rootMeanSquareNorm(block + "post_attention_layernorm", C),
          gate: gateAndUp.outputs(0..<inner), up: gateAndUp.outputs(inner..<2 * inner),
          down: try reader.linear(block + "mlp.down_proj", inner, C, bias: false))
      }
      return try reader.llamaWeights(layers, architecture)
    })
}
