/// `inspect_request`.
struct InspectRequest: Decodable {
  let code: String
  let cursor: Int
  let detail: Int

  enum CodingKeys: String, CodingKey {
    case code
    case cursor = "cursor_pos"
    case detail = "detail_level"
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    code = try container.decode(String.self, forKey: .code)
    cursor = try container.decode(Int.self, forKey: .cursor)
    detail = try container.decodeIfPresent(Int.self, forKey: .detail) ?? 0
  }
}

/// Answer to `inspect_request`.
struct InspectReply: Encodable {
  let status = "ok"
  let found: Bool
  let data: [String: MIMEBundle.Content]
  let metadata: [String: JSON]

  init(_ bundle: MIMEBundle?) {
    found = bundle != nil
    data = bundle?.data ?? [:]
    metadata = bundle?.metadata ?? [:]
  }
}
