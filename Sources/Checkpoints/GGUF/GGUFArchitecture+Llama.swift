import Files

extension GGUFArchitecture {
  /// LLaMA 1 to 3 and Mistral, whose queries see a window where the file says so. The rows of each head's
  /// query and key are interleaved, so that the two values that are turned together are neighbours.
  static let llama = GGUFArchitecture(
    name: "llama",
    modelType: { $0.int("attention.sliding_window", default: 0) > 0 ? "mistral" : "llama" },
    keys: llamaKeys + [Key("attention.sliding_window", "sliding_window", isRequired: false)],
    silentKeys: ropeKeys,
    names: llamaNames { .interleavedHeads($0) },
    buffers: ["rope_freqs.weight"],
    further: { model throws(GGUFViolation) in
      try model.llamaConfig().merging([
        "attention_bias": .boolean(model.hasTensor("blk.0.attn_q.bias")),
        "mlp_bias": .boolean(model.hasTensor("blk.0.ffn_up.bias")),
      ]) { $1 }
    })

  /// Qwen2 and Qwen2.5.
  static let qwen2 = GGUFArchitecture(
    name: "qwen2", modelType: { _ in "qwen2" }, keys: llamaKeys,
    // Early converters wrote it, of a model that has nothing of the kind.
    silentKeys: ropeKeys.union(["use_parallel_residual"]),
    names: llamaNames(),
    further: { model throws(GGUFViolation) in try model.llamaConfig() })

  static let qwen3 = GGUFArchitecture(
    name: "qwen3", modelType: { _ in "qwen3" }, keys: llamaKeys, silentKeys: ropeKeys,
    names: llamaNames() + [
      Name("blk.#.attn_q_norm", "model.layers.#.self_attn.q_norm"),
      Name("blk.#.attn_k_norm", "model.layers.#.self_attn.k_norm"),
    ],
    further: { model throws(GGUFViolation) in
      try model.llamaConfig().merging([
        "attention_bias": .boolean(model.hasTensor("blk.0.attn_q.bias"))
      ]) { $1 }
    })

  /// Gemma. One was added to the weights of its norms when the file was made.
  static let gemma = GGUFArchitecture(
    name: "gemma", modelType: { _ in "gemma" }, keys: llamaKeys, silentKeys: ropeKeys,
    names: llamaNames(norm: .raised),
    further: { model throws(GGUFViolation) in try model.llamaConfig() })

  static let gemma2 = GGUFArchitecture(
    name: "gemma2", modelType: { _ in "gemma2" },
    keys: llamaKeys + [
      Key("attention.sliding_window", "sliding_window", isRequired: false),
      Key("attn_logit_softcapping", "attn_logit_softcapping", isRequired: false),
      Key("final_logit_softcapping", "final_logit_softcapping", isRequired: false),
    ],
    silentKeys: ropeKeys,
    names: llamaNames(norm: .raised).filter { $0.stored != "blk.#.ffn_norm" } + [
      Name("blk.#.post_attention_norm", "model.layers.#.post_attention_layernorm", .raised),
      Name("blk.#.ffn_norm", "model.layers.#.pre_feedforward_layernorm", .raised),
      Name("blk.#.post_ffw_norm", "model.layers.#.post_feedforward_layernorm", .raised),
    ],
    further: { model throws(GGUFViolation) in
      var config = try model.llamaConfig()
      // Queries are scaled by the size of a head, but in the largest model by the width a head's share
      // is of; the file does not say it, and its number of layers tells, as in llama.cpp.
      let heads = max(1, try model.requiredInt("attention.head_count"))
      let isLargest = try model.requiredInt("block_count") == 46
      config["query_pre_attn_scalar"] = .integer(
        isLargest ? try model.requiredInt("embedding_length") / heads : try model.headSize())
      return config
    })

  /// Phi-3: query, key and value in one map, gate and up in another; factors of LongRoPE as tensors.
  static let phi3 = GGUFArchitecture(
    name: "phi3", modelType: { _ in "phi3" },
    keys: llamaKeys,
    silentKeys: ropeKeys.union(["rope.scaling.attn_factor", "attention.sliding_window"]),
    names: llamaNames() + [
      Name("blk.#.attn_qkv", "model.layers.#.self_attn.qkv_proj"),
      Name("blk.#.ffn_up", "model.layers.#.mlp.gate_up_proj"),
    ],
    buffers: ["rope_factors_long.weight", "rope_factors_short.weight"],
    further: { model throws(GGUFViolation) in
      var config = try model.llamaConfig(turnsWholeHeads: false)
      let window = model.int("attention.sliding_window", default: 0)
      config["sliding_window"] = window > 0 ? .integer(window) : .null
      return config
    })
}
