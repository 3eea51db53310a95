import Files

extension Prompt {
  /// The prompt as `save` writes it; see `help save` for the members.
  ///
  /// `answer` is the label word of the right class; `query` and `answer` are null if not known.
  public var json: JSONValue {
    .object(
      JSONObject([
        ("text", .string(text)),
        ("tokens", .integers(tokens)),
        ("pieces", .strings(pieces)),
        ("roles", .strings(roles.map(\.rawValue))),
        ("label_positions", .array(labelPositions.map(JSONValue.integers))),
        ("target", .integer(target)),
        ("demonstrations", .integers(demonstrations)),
        ("query", query.map(JSONValue.integer) ?? .null),
        ("label_words", .strings(labelWords)),
        ("answer", answer.map { .string(labelWords[$0]) } ?? .null),
      ]))
  }
}

extension JSONValue {
  fileprivate static func integers(_ values: [Int]) -> JSONValue {
    .array(values.map(JSONValue.integer))
  }

  fileprivate static func strings(_ values: [String]) -> JSONValue {
    .array(values.map(JSONValue.string))
  }
}
