/// A piece of code to execute, and how.
public struct Cell: Sendable, Equatable {
  /// The source text.
  public var code: String
  /// The number shown beside the cell: 1 for the first cell that is kept in the history.
  public var executionCount: Int
  /// Whether the cell is to leave no trace; its output is dropped.
  public var isSilent: Bool
  /// Whether the cell becomes part of the history.
  public var isStored: Bool
  /// Whether ``Output/ask(_:password:)`` can be answered.
  public var allowsInput: Bool

  public init(
    code: String, executionCount: Int = 1, isSilent: Bool = false, isStored: Bool = true,
    allowsInput: Bool = false
  ) {
    self.code = code
    self.executionCount = executionCount
    self.isSilent = isSilent
    self.isStored = isStored
    self.allowsInput = allowsInput
  }
}

/// How a cell ended.
public enum Outcome: Sendable, Equatable {
  /// The cell ran to its end; its value, if it has one, becomes the `execute_result`.
  case success(MIMEBundle?)
  /// The cell stopped at an error.
  case failure(Failure)
  /// The cell stopped because it was interrupted.
  case interrupted
}

/// An error, as a front end shows it.
public struct Failure: Error, Sendable, Equatable {
  /// The kind of error, for example `NameError`.
  public var name: String
  /// One line that says what went wrong.
  public var message: String
  /// The lines that a notebook shows; may hold ANSI colours.
  public var traceback: [String]

  /// - Parameter traceback: nil for one line of the name and the message.
  public init(name: String, message: String, traceback: [String]? = nil) {
    self.name = name
    self.message = message
    self.traceback = traceback ?? ["\(name): \(message)"]
  }

  /// What an interrupted cell reports. The name is the one that front ends know.
  static let interruption = Failure(
    name: "KeyboardInterrupt", message: "the cell was interrupted",
    traceback: ["Interrupted."])
}

/// Whether a piece of code could be run as it stands.
public enum Completeness: Sendable, Equatable {
  case complete
  /// More is needed; the next line may begin with this text.
  case incomplete(indent: String)
  case invalid
  case unknown
}
