/// `execute_request`.
struct ExecuteRequest: Decodable {
  let code: String
  let silent: Bool
  let storeHistory: Bool
  let userExpressions: [String: String]
  let allowStdin: Bool
  let stopOnError: Bool

  enum CodingKeys: String, CodingKey {
    case code, silent
    case storeHistory = "store_history"
    case userExpressions = "user_expressions"
    case allowStdin = "allow_stdin"
    case stopOnError = "stop_on_error"
  }

  /// Everything but the code has a default in the protocol.
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    code = try container.decode(String.self, forKey: .code)
    silent = try container.decodeIfPresent(Bool.self, forKey: .silent) ?? false
    storeHistory = try container.decodeIfPresent(Bool.self, forKey: .storeHistory) ?? true
    userExpressions =
      try container.decodeIfPresent([String: String].self, forKey: .userExpressions) ?? [:]
    allowStdin = try container.decodeIfPresent(Bool.self, forKey: .allowStdin) ?? true
    stopOnError = try container.decodeIfPresent(Bool.self, forKey: .stopOnError) ?? true
  }
}

/// Answer to an `execute_request` whose cell ran to its end.
struct ExecuteReply: Encodable {
  let status = "ok"
  let executionCount: Int
  let userExpressions: [String: ExpressionResult]
  let payload: [Payload]

  enum CodingKeys: String, CodingKey {
    case status, payload
    case executionCount = "execution_count"
    case userExpressions = "user_expressions"
  }

  /// The value of one of the request's expressions, or why it has none.
  enum ExpressionResult: Encodable {
    case value(MIMEBundle)
    case failure(Failure)

    func encode(to encoder: any Encoder) throws {
      switch self {
      case .value(let bundle): try Display(bundle, status: "ok").encode(to: encoder)
      case .failure(let failure): try ErrorReply(failure).encode(to: encoder)
      }
    }
  }

  /// What the front end is to do after the cell.
  struct Payload: Encodable {
    let payload: Output.Payload

    enum CodingKeys: String, CodingKey {
      case source, data, start, text, replace
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      switch payload {
      case .page(let bundle, let start):
        try container.encode("page", forKey: .source)
        try container.encode(bundle.data, forKey: .data)
        try container.encode(start, forKey: .start)
      case .nextInput(let code, let replace):
        try container.encode("set_next_input", forKey: .source)
        try container.encode(code, forKey: .text)
        try container.encode(replace, forKey: .replace)
      }
    }
  }
}

/// Answer to a request that failed, or was given up.
struct ErrorReply: Encodable {
  let status: String
  let name: String
  let message: String
  let traceback: [String]
  /// Only in answers to `execute_request`.
  let executionCount: Int?
  /// Empty lists of what clients expect in an answer to `execute_request`.
  let payload: [String]?
  let userExpressions: [String: String]?

  enum CodingKeys: String, CodingKey {
    case status, traceback, payload
    case name = "ename"
    case message = "evalue"
    case executionCount = "execution_count"
    case userExpressions = "user_expressions"
  }

  init(_ failure: Failure, status: String = "error", executionCount: Int? = nil) {
    self.status = status
    name = failure.name
    message = failure.message
    traceback = failure.traceback
    self.executionCount = executionCount
    payload = executionCount == nil ? nil : []
    userExpressions = executionCount == nil ? nil : [:]
  }
}
