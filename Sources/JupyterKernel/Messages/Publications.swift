/// `status`, around every request and once at the start.
struct Status: Encodable {
  enum State: String, Encodable { case starting, busy, idle }

  let state: State

  enum CodingKeys: String, CodingKey {
    case state = "execution_state"
  }
}

/// `stream`: text on standard output or standard error.
struct StreamText: Encodable {
  let name: Output.Stream
  let text: String
}

/// `execute_input`: the code about to run, for other front ends of the same kernel.
struct ExecuteInput: Encodable {
  let code: String
  let executionCount: Int

  enum CodingKeys: String, CodingKey {
    case code
    case executionCount = "execution_count"
  }
}

/// `display_data`, `update_display_data` and `execute_result`, and values of user expressions.
struct Display: Encodable {
  let bundle: MIMEBundle
  let displayID: String?
  let executionCount: Int?
  let status: String?
  let isDisplay: Bool

  enum CodingKeys: String, CodingKey {
    case data, metadata, transient, status
    case executionCount = "execution_count"
  }

  private enum TransientKeys: String, CodingKey {
    case displayID = "display_id"
  }

  /// A value displayed while a cell runs.
  init(_ bundle: MIMEBundle, id: String?) {
    self.bundle = bundle
    displayID = id
    executionCount = nil
    status = nil
    isDisplay = true
  }

  /// The value of a cell.
  init(_ bundle: MIMEBundle, executionCount: Int) {
    self.bundle = bundle
    displayID = nil
    self.executionCount = executionCount
    status = nil
    isDisplay = false
  }

  /// The value of an expression beside a cell.
  init(_ bundle: MIMEBundle, status: String) {
    self.bundle = bundle
    displayID = nil
    executionCount = nil
    self.status = status
    isDisplay = false
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(bundle.data, forKey: .data)
    try container.encode(bundle.metadata, forKey: .metadata)
    try container.encodeIfPresent(executionCount, forKey: .executionCount)
    try container.encodeIfPresent(status, forKey: .status)
    if isDisplay {
      var transient = container.nestedContainer(keyedBy: TransientKeys.self, forKey: .transient)
      try transient.encodeIfPresent(displayID, forKey: .displayID)
    }
  }
}

/// `error`: a cell has stopped.
struct ErrorOutput: Encodable {
  let failure: Failure

  enum CodingKeys: String, CodingKey {
    case ename, evalue, traceback
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(failure.name, forKey: .ename)
    try container.encode(failure.message, forKey: .evalue)
    try container.encode(failure.traceback, forKey: .traceback)
  }
}

/// `clear_output`.
struct ClearOutput: Encodable {
  let wait: Bool
}

/// `iopub_welcome` (JEP 65): a subscription has arrived, nothing after this is lost.
struct Welcome: Encodable {
  let subscription: String
}
