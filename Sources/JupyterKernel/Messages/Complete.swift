/// `complete_request`.
struct CompleteRequest: Decodable {
  let code: String
  let cursor: Int

  enum CodingKeys: String, CodingKey {
    case code
    case cursor = "cursor_pos"
  }
}

/// Answer to `complete_request`.
struct CompleteReply: Encodable {
  let completions: Completions

  enum CodingKeys: String, CodingKey {
    case status, matches, metadata
    case start = "cursor_start"
    case end = "cursor_end"
  }

  private enum MetadataKeys: String, CodingKey {
    case types = "_jupyter_types_experimental"
  }

  private struct TypedMatch: Encodable {
    let start: Int
    let end: Int
    let text: String
    let type: String
    let signature: String?
  }

  func encode(to encoder: any Encoder) throws {
    let range = completions.range
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode("ok", forKey: .status)
    try container.encode(completions.matches.map(\.text), forKey: .matches)
    try container.encode(range.lowerBound, forKey: .start)
    try container.encode(range.upperBound, forKey: .end)
    var metadata = container.nestedContainer(keyedBy: MetadataKeys.self, forKey: .metadata)
    guard completions.matches.contains(where: { $0.type != nil || $0.signature != nil }) else {
      return
    }
    let typed = completions.matches.map {
      TypedMatch(
        start: range.lowerBound, end: range.upperBound, text: $0.text, type: $0.type ?? "",
        signature: $0.signature)
    }
    try metadata.encode(typed, forKey: .types)
  }
}
