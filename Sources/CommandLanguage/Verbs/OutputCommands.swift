/// Writes to standard output.
struct PrintCommand: Command {
  static let group = "session"
  static let summary = "Writes values to standard output, with spaces between them."
  static let examples = [#"print "the answer is" 42"#]

  @Input("What to write.") var values: [Value] = []

  func run(in session: Session) -> Value {
    session.write(values.map(\.plainText).joined(separator: " ") + "\n", to: .output)
    return .nothing
  }
}

/// Writes to standard error.
struct WarnCommand: Command {
  static let group = "session"
  static let summary = "Writes values to standard error, with spaces between them."
  static let examples = [#"warn "few samples""#]

  @Input("What to write.") var values: [Value] = []

  func run(in session: Session) -> Value {
    session.write(values.map(\.plainText).joined(separator: " ") + "\n", to: .error)
    return .nothing
  }
}

/// Clears the cell's output.
struct ClearCommand: Command {
  static let group = "session"
  static let summary = "Clears what the cell has shown so far."
  static let examples = ["clear"]

  func run(in session: Session) -> Value {
    session.output.clear()
    return .nothing
  }
}
