import Files

// What config.json says that is no single key of the metadata.

extension GGUFModel {
  /// What the shapes and names of tensors tell.
  func commonConfig() -> [String: JSONValue] {
    var config: [String: JSONValue] = ["tie_word_embeddings": .boolean(!hasTensor("output.weight"))]
    // Vocabularies are often padded: what the embedding has rows for is the truth.
    if let rows = file.tensors["token_embd.weight"]?.shape.first {
      config["vocab_size"] = .integer(rows)
    }
    return config
  }

  /// Values of a head.
  func headSize() throws(GGUFViolation) -> Int {
    let heads = max(1, try requiredInt("attention.head_count"))
    let size = int("attention.key_length", default: try requiredInt("embedding_length") / heads)
    guard int("attention.value_length", default: size) == size else {
      throw unsupported("attention.value_length", expected: "\(size), as that of keys")
    }
    return size
  }

  func requireAsManyKeyValueHeads() throws(GGUFViolation) {
    let heads = try requiredInt("attention.head_count")
    guard int("attention.head_count_kv", default: heads) == heads else {
      throw unsupported("attention.head_count_kv", expected: "\(heads), as many as of queries")
    }
  }

  /// What LLaMA and its descendants have in common.
  func llamaConfig(turnsWholeHeads: Bool = true) throws(GGUFViolation) -> [String: JSONValue] {
    let size = try headSize()
    var config = commonConfig()
    config["head_dim"] = .integer(size)
    if turnsWholeHeads, int("rope.dimension_count", default: size) != size {
      throw unsupported("rope.dimension_count", expected: "\(size), a whole head")
    }
    config["partial_rotary_factor"] = .number(turnedShare(of: size))
    config["rope_scaling"] = try ropeScaling()
    return config
  }

  /// Where positions turn a part of each head.
  func partlyTurned() throws(GGUFViolation) -> [String: JSONValue] {
    let share = turnedShare(of: try headSize())
    return [
      "partial_rotary_factor": .number(share), "rotary_pct": .number(share),
      "rope_scaling": try ropeScaling() ?? .null,
    ]
  }

  /// The share of a head's values that positions turn.
  private func turnedShare(of size: Int) -> Double {
    let turned = Double(int("rope.dimension_count", default: size))
    let share = turned / Double(max(size, 1))
    // What is reckoned from it is cut to a whole number, and must not lose one by rounding.
    return share * Double(size) < turned ? share.nextUp : share
  }

  /// The scaling of rotary positions; nil if there is none.
  func ropeScaling() throws(GGUFViolation) -> JSONValue? {
    var kind = "none"
    switch value("rope.scaling.type") {
    case nil: if value("rope.scale_linear") != nil { kind = "linear" }
    case .string(let name): kind = name
    default: throw unsupported("rope.scaling.type", expected: "a text")
    }
    let long = try factors("rope_factors_long.weight")
    let short = try factors("rope_factors_short.weight")
    let always = try factors("rope_freqs.weight")
    switch (kind, always, short, long) {
    case ("none", nil, nil, nil): return nil
    case ("linear", nil, nil, nil):
      guard let factor = (value("rope.scaling.factor") ?? value("rope.scale_linear"))?.json else {
        throw .missingKey(fullKey("rope.scaling.factor"))
      }
      return ["rope_type": "linear", "factor": factor]
    case ("none", let always?, nil, nil):
      // LLaMA 3's stretched waves, reckoned when the file was made: frequencies are divided by these
      // factors in texts of any length.
      return [
        "rope_type": "longrope", "short_factor": always, "long_factor": always,
        "attention_factor": 1,
        "original_max_position_embeddings": .integer(try requiredInt("context_length")),
      ]
    case ("none", nil, let short?, let long?), ("longrope", nil, let short?, let long?):
      let trained = "rope.scaling.original_context_length"
      var scaling: [(String, JSONValue)] = [
        ("rope_type", "longrope"), ("short_factor", short), ("long_factor", long),
        ("original_max_position_embeddings", .integer(try requiredInt(trained))),
      ]
      if let factor = value("rope.scaling.attn_factor")?.json {
        scaling.append(("attention_factor", factor))
      }
      return .object(JSONObject(scaling.map { (key: $0.0, value: $0.1) }))
    default:
      throw unsupported(
        "rope.scaling.type",
        expected: "none, linear or longrope, with the tensors that belong to it")
    }
  }

  /// The numbers of a tensor that is no weight; nil if it is not there.
  private func factors(_ name: String) throws(GGUFViolation) -> JSONValue? {
    guard let tensor = file.tensors[name], architecture.buffers.contains(name) else { return nil }
    // A head has no more values than this, and a wrong file shall not make long texts of numbers.
    guard tensor.count <= 1 << 16, let numbers = try? tensor.floatArray() else {
      throw .value(key: name, expected: "a factor for each frequency", found: tensor.type.rawValue)
    }
    return .array(numbers.map { .number(Double($0)) })
  }
}
