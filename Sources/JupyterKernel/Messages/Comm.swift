/// Answer to `comm_info_request`: there are never any comms.
struct CommInfoReply: Encodable {
  let status = "ok"
  let comms: [String: String] = [:]
}

/// `comm_open` and `comm_close`, as far as they have to be understood to be refused.
struct CommIdentity: Codable {
  let id: String

  enum CodingKeys: String, CodingKey {
    case id = "comm_id"
  }
}

/// `comm_close`: the answer to every `comm_open`, since no target is known.
struct CommClose: Encodable {
  let id: String
  let data: [String: String] = [:]

  enum CodingKeys: String, CodingKey {
    case data
    case id = "comm_id"
  }
}
