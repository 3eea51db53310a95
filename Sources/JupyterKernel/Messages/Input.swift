/// `input_request`: a question to the person at the keyboard.
struct InputRequest: Encodable {
  let prompt: String
  let password: Bool
}

/// Answer to an `input_request`.
struct InputReply: Decodable {
  let value: String
}
