/// Standard output or standard error.
public enum TextStream: String, Sendable { case output, error }

/// Where what commands show goes: a notebook, or a terminal.
///
/// Calls may come from any thread, one at a time for each display.
public protocol SessionOutput: Sendable {
  func write(_ text: String, to stream: TextStream)
  /// Shows something; a display with an id can be updated in place.
  func display(_ display: Display, id: String?)
  func updateDisplay(_ display: Display, id: String)
  /// Clears what the cell has shown.
  func clear()
  /// One line about a long command; by default a display that is updated.
  func progress(_ line: String, id: String, stage: ProgressStage)
}

/// Where a line of progress is in its life.
public enum ProgressStage: Sendable { case began, went, ended }

extension SessionOutput {
  public func progress(_ line: String, id: String, stage: ProgressStage) {
    switch stage {
    case .began: display(Display(plain: line), id: id)
    case .went, .ended: updateDisplay(Display(plain: line), id: id)
    }
  }
}

/// Throws everything away; what a session without a client writes to.
public struct NoOutput: SessionOutput {
  public init() {}
  public func write(_ text: String, to stream: TextStream) {}
  public func display(_ display: Display, id: String?) {}
  public func updateDisplay(_ display: Display, id: String) {}
  public func clear() {}
}
