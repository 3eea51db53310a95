/// `is_complete_request`.
struct IsCompleteRequest: Decodable {
  let code: String
}

/// Answer to `is_complete_request`: the only one whose status is not `ok`.
struct IsCompleteReply: Encodable {
  let status: String
  let indent: String?

  init(_ completeness: Completeness) {
    switch completeness {
    case .complete: (status, indent) = ("complete", nil)
    case .incomplete(let text): (status, indent) = ("incomplete", text)
    case .invalid: (status, indent) = ("invalid", nil)
    case .unknown: (status, indent) = ("unknown", nil)
    }
  }
}
