import Files

/// What models of one `general.architecture` call what config.json and Hugging Face's tensors call
/// otherwise: a table, so that the families of decoders need know nothing of GGUF.
struct GGUFArchitecture: Sendable {
  /// A key of the metadata, without the architecture's name in front.
  struct Key: Sendable {
    let stored: String
    /// What config.json calls it.
    let name: String
    let isRequired: Bool

    init(_ stored: String, _ name: String, isRequired: Bool = true) {
      self.stored = stored
      self.name = name
      self.isRequired = isRequired
    }
  }

  /// Tensors of one kind: a weight and, where there is one, a bias; `#` is the layer's number.
  struct Name: Sendable {
    let stored: String
    /// What Hugging Face calls them.
    let name: String
    let arrangement: Arrangement

    init(_ stored: String, _ name: String, _ arrangement: Arrangement = .usual) {
      self.stored = stored
      self.name = name
      self.arrangement = arrangement
    }
  }

  /// How the numbers of a tensor lie; see ``TensorEntry/Arrangement``.
  enum Arrangement: Sendable {
    case usual
    case transposed
    /// The rows of each of so many heads, which the key names, interleaved.
    case interleavedHeads(String)
    case partByPart
    case raised
  }

  /// `general.architecture`.
  let name: String
  /// `model_type` in config.json.
  let modelType: @Sendable (GGUFModel) -> String
  let keys: [Key]
  /// Keys that say nothing beyond the others, or that `further` reads.
  var silentKeys: Set<String> = []
  let names: [Name]
  /// Tensors that are no weights: `further` reads them.
  var buffers: Set<String> = []
  /// What else config.json has to say.
  let further: @Sendable (GGUFModel) throws(GGUFViolation) -> [String: JSONValue]

  /// The architectures that are read.
  static let all: [GGUFArchitecture] = [
    .llama, .gpt2, .qwen2, .qwen3, .gemma, .gemma2, .phi3, .phi2, .bloom, .gptNeoX,
  ]

  /// Keys that may stand in a file of any architecture and change nothing that is computed.
  static let silentKeys: Set<String> = [
    "vocab_size", "tensor_data_layout", "rope.scaling.finetuned", "pooling_type",
    // Read by `further`, or checked for all.
    "attention.key_length", "attention.value_length", "attention.causal", "expert_count",
    "expert_used_count", "rope.dimension_count",
  ]
}

// MARK: - What several have in common

extension GGUFArchitecture {
  /// Sizes, as LLaMA's config.json and most others call them.
  static let sizes: [Key] = [
    Key("block_count", "num_hidden_layers"), Key("context_length", "max_position_embeddings"),
    Key("embedding_length", "hidden_size"), Key("feed_forward_length", "intermediate_size"),
    Key("attention.head_count", "num_attention_heads"),
    Key("attention.head_count_kv", "num_key_value_heads", isRequired: false),
  ]

  /// What LLaMA and its descendants say.
  static let llamaKeys: [Key] =
    sizes + [
      Key("attention.layer_norm_rms_epsilon", "rms_norm_eps"),
      Key("rope.freq_base", "rope_theta", isRequired: false),
    ]

  /// The keys of positions that `GGUFModel.ropeScaling` reads.
  static let ropeKeys: Set<String> = [
    "rope.scaling.type", "rope.scaling.factor", "rope.scale_linear",
    "rope.scaling.original_context_length",
  ]

  /// The tensors of LLaMA and its descendants.
  ///
  /// - Parameters:
  ///   - norm: how norms' weights lie.
  ///   - heads: how rows of query and key lie, for a key with the number of heads.
  static func llamaNames(
    norm: Arrangement = .usual, heads: (String) -> Arrangement = { _ in .usual }
  ) -> [Name] {
    let block = "model.layers.#."
    return [
      Name("token_embd", "model.embed_tokens"), Name("output", "lm_head"),
      Name("output_norm", "model.norm", norm),
      Name("blk.#.attn_norm", block + "input_layernorm", norm),
      Name("blk.#.attn_q", block + "self_attn.q_proj", heads("attention.head_count")),
      Name("blk.#.attn_k", block + "self_attn.k_proj", heads("attention.head_count_kv")),
      Name("blk.#.attn_v", block + "self_attn.v_proj"),
      Name("blk.#.attn_output", block + "self_attn.o_proj"),
      Name("blk.#.ffn_norm", block + "post_attention_layernorm", norm),
      Name("blk.#.ffn_gate", block + "mlp.gate_proj"),
      Name("blk.#.ffn_up", block + "mlp.up_proj"),
      Name("blk.#.ffn_down", block + "mlp.down_proj"),
    ]
  }
}
