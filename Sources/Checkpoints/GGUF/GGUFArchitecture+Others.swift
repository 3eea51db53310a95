import Files

extension GGUFArchitecture {
  /// GPT-2. Its linear maps, which transformers stores (in, out), are stored (out, in).
  static let gpt2 = GGUFArchitecture(
    name: "gpt2", modelType: { _ in "gpt2" },
    keys: [
      Key("block_count", "n_layer"), Key("context_length", "n_positions"),
      Key("embedding_length", "n_embd"), Key("feed_forward_length", "n_inner"),
      Key("attention.head_count", "n_head"),
      Key("attention.layer_norm_epsilon", "layer_norm_epsilon"),
    ],
    silentKeys: ["attention.head_count_kv"],
    names: [
      Name("token_embd", "transformer.wte"), Name("position_embd", "transformer.wpe"),
      Name("output", "lm_head"), Name("output_norm", "transformer.ln_f"),
      Name("blk.#.attn_norm", "transformer.h.#.ln_1"),
      Name("blk.#.attn_qkv", "transformer.h.#.attn.c_attn", .transposed),
      Name("blk.#.attn_output", "transformer.h.#.attn.c_proj", .transposed),
      Name("blk.#.ffn_norm", "transformer.h.#.ln_2"),
      Name("blk.#.ffn_up", "transformer.h.#.mlp.c_fc", .transposed),
      Name("blk.#.ffn_down", "transformer.h.#.mlp.c_proj", .transposed),
    ],
    further: { model throws(GGUFViolation) in
      try model.requireAsManyKeyValueHeads()
      return model.commonConfig()
    })

  static let phi2 = GGUFArchitecture(
    name: "phi2", modelType: { _ in "phi" },
    keys: sizes + [
      Key("attention.layer_norm_epsilon", "layer_norm_eps"),
      Key("rope.freq_base", "rope_theta", isRequired: false),
    ],
    silentKeys: ropeKeys,
    names: [
      Name("token_embd", "model.embed_tokens"), Name("output", "lm_head"),
      Name("output_norm", "model.final_layernorm"),
      Name("blk.#.attn_norm", "model.layers.#.input_layernorm"),
      Name("blk.#.attn_q", "model.layers.#.self_attn.q_proj"),
      Name("blk.#.attn_k", "model.layers.#.self_attn.k_proj"),
      Name("blk.#.attn_v", "model.layers.#.self_attn.v_proj"),
      Name("blk.#.attn_output", "model.layers.#.self_attn.dense"),
      Name("blk.#.ffn_up", "model.layers.#.mlp.fc1"),
      Name("blk.#.ffn_down", "model.layers.#.mlp.fc2"),
    ],
    further: { model throws(GGUFViolation) in
      try model.commonConfig().merging(model.partlyTurned()) { $1 }
    })

  /// BLOOM. Query, key and value, which transformers stores head by head, come one after another.
  static let bloom = GGUFArchitecture(
    name: "bloom", modelType: { _ in "bloom" },
    keys: [
      Key("block_count", "n_layer"), Key("context_length", "seq_length"),
      Key("embedding_length", "hidden_size"), Key("attention.head_count", "n_head"),
      Key("attention.layer_norm_epsilon", "layer_norm_epsilon"),
    ],
    // The inner width is always four times the width: the shapes of tensors are checked.
    silentKeys: ["feed_forward_length", "attention.head_count_kv"],
    names: [
      Name("token_embd", "transformer.word_embeddings"), Name("output", "lm_head"),
      Name("token_embd_norm", "transformer.word_embeddings_layernorm"),
      Name("output_norm", "transformer.ln_f"),
      Name("blk.#.attn_norm", "transformer.h.#.input_layernorm"),
      Name("blk.#.attn_qkv", "transformer.h.#.self_attention.query_key_value", .partByPart),
      Name("blk.#.attn_output", "transformer.h.#.self_attention.dense"),
      Name("blk.#.ffn_norm", "transformer.h.#.post_attention_layernorm"),
      Name("blk.#.ffn_up", "transformer.h.#.mlp.dense_h_to_4h"),
      Name("blk.#.ffn_down", "transformer.h.#.mlp.dense_4h_to_h"),
    ],
    further: { model throws(GGUFViolation) in
      try model.requireAsManyKeyValueHeads()
      return model.commonConfig()
    })

  /// GPT-NeoX and Pythia, with query, key and value as BLOOM's.
  static let gptNeoX = GGUFArchitecture(
    name: "gptneox", modelType: { _ in "gpt_neox" },
    keys: sizes.filter { $0.stored != "attention.head_count_kv" } + [
      Key("attention.layer_norm_epsilon", "layer_norm_eps"),
      Key("rope.freq_base", "rope_theta", isRequired: false),
      Key("use_parallel_residual", "use_parallel_residual", isRequired: false),
    ],
    silentKeys: ropeKeys.union(["attention.head_count_kv"]),
    names: [
      Name("token_embd", "gpt_neox.embed_in"), Name("output", "embed_out"),
      Name("output_norm", "gpt_neox.final_layer_norm"),
      Name("blk.#.attn_norm", "gpt_neox.layers.#.input_layernorm"),
      Name("blk.#.attn_qkv", "gpt_neox.layers.#.attention.query_key_value", .partByPart),
      Name("blk.#.attn_output", "gpt_neox.layers.#.attention.dense"),
      Name("blk.#.ffn_norm", "gpt_neox.layers.#.post_attention_layernorm"),
      Name("blk.#.ffn_up", "gpt_neox.layers.#.mlp.dense_h_to_4h"),
      Name("blk.#.ffn_down", "gpt_neox.layers.#.mlp.dense_4h_to_h"),
    ],
    further: { model throws(GGUFViolation) in
      try model.requireAsManyKeyValueHeads()
      return try model.commonConfig().merging(model.partlyTurned()) { $1 }
    })
}
