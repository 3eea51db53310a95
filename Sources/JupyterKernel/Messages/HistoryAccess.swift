/// `history_request`.
struct HistoryRequest: Decodable {
  enum Access: Sendable, Equatable {
    case tail(count: Int)
    case range(session: Int, start: Int, stop: Int?)
    case search(pattern: String, count: Int?, unique: Bool)
  }

  let access: Access
  /// Whether results are wanted beside the code.
  let wantsOutput: Bool

  enum CodingKeys: String, CodingKey {
    case output, session, start, stop, n, pattern, unique
    case access = "hist_access_type"
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    wantsOutput = try container.decodeIfPresent(Bool.self, forKey: .output) ?? false
    let count = try container.decodeIfPresent(Int.self, forKey: .n)
    switch try container.decode(String.self, forKey: .access) {
    case "tail":
      access = .tail(count: count ?? 10)
    case "range":
      access = .range(
        session: try container.decodeIfPresent(Int.self, forKey: .session) ?? 0,
        start: try container.decodeIfPresent(Int.self, forKey: .start) ?? 1,
        stop: try container.decodeIfPresent(Int.self, forKey: .stop))
    case "search":
      access = .search(
        pattern: try container.decodeIfPresent(String.self, forKey: .pattern) ?? "*",
        count: count,
        unique: try container.decodeIfPresent(Bool.self, forKey: .unique) ?? false)
    case let other:
      throw DecodingError.dataCorruptedError(
        forKey: .access, in: container,
        debugDescription: "'\(other)' is not tail, range or search")
    }
  }
}

/// Answer to `history_request`: rows of (session, line, input) or (session, line, (input, output)).
struct HistoryReply: Encodable {
  let status = "ok"
  let history: [Row]

  struct Row: Encodable {
    let entry: History.Entry
    let wantsOutput: Bool

    func encode(to encoder: any Encoder) throws {
      var row = encoder.unkeyedContainer()
      try row.encode(History.session)
      try row.encode(entry.line)
      guard wantsOutput else { return try row.encode(entry.input) }
      var pair = row.nestedUnkeyedContainer()
      try pair.encode(entry.input)
      try pair.encode(entry.output)
    }
  }
}
