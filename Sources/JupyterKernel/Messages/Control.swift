/// Answer to `interrupt_request`.
struct InterruptReply: Encodable {
  let status = "ok"
}

/// `shutdown_request`.
struct ShutdownRequest: Decodable {
  let restart: Bool

  enum CodingKeys: CodingKey {
    case restart
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    restart = try container.decodeIfPresent(Bool.self, forKey: .restart) ?? false
  }
}

/// Answer to `shutdown_request`.
struct ShutdownReply: Encodable {
  let status = "ok"
  let restart: Bool
}
