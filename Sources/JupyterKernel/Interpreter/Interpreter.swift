/// A language, as the kernel needs it: the one protocol a kernel author implements.
///
/// Everything is synchronous. ``execute(_:output:)`` and ``evaluate(_:)`` are called on one thread
/// of their own with a large stack, one cell after another. ``interrupt()`` comes from another
/// thread while a cell runs, and ``complete(_:at:)``, ``inspect(_:at:detail:)`` and
/// ``completeness(of:)`` come from a third, also while a cell runs: those should answer within
/// milliseconds, from what is known at that moment.
public protocol Interpreter: AnyObject, Sendable {
  /// What the kernel says about itself. Asked for once.
  var information: KernelInformation { get }

  /// Runs a cell, and returns when it has ended.
  ///
  /// Output goes through `output` while the cell runs; what is written after the return is
  /// dropped. The value of the cell is the outcome's result and is not to be displayed as well.
  func execute(_ cell: Cell, output: Output) -> Outcome

  /// The ways to go on from a cursor.
  ///
  /// - Parameter cursor: an offset in Unicode scalars, within `0...code.unicodeScalars.count`.
  func complete(_ code: String, at cursor: Int) -> Completions

  /// Documentation of what stands at a cursor; nil if nothing is known about it.
  ///
  /// - Parameters:
  ///   - cursor: an offset in Unicode scalars, within `0...code.unicodeScalars.count`.
  ///   - detail: 0 for the documentation, 1 if the person asked for more.
  func inspect(_ code: String, at cursor: Int, detail: Int) -> MIMEBundle?

  /// Whether a console should run the code or let the person go on typing.
  func completeness(of code: String) -> Completeness

  /// The value of an expression, asked for beside a cell (`user_expressions`).
  ///
  /// Called on the execution thread, after the cell has succeeded.
  func evaluate(_ expression: String) -> Outcome

  /// Wakes a running cell that waits for something and cannot look at ``Output/isInterrupted``.
  ///
  /// Called from another thread, only while a cell runs, after that property has become true. It
  /// must return at once. Most interpreters do not need it.
  func interrupt()

  /// Says that the kernel is about to end. Called once, after the last cell.
  ///
  /// - Parameter restart: whether the client will start the kernel again at once.
  func shutdown(restart: Bool)
}

extension Interpreter {
  public func complete(_ code: String, at cursor: Int) -> Completions { Completions(at: cursor) }

  public func inspect(_ code: String, at cursor: Int, detail: Int) -> MIMEBundle? { nil }

  public func completeness(of code: String) -> Completeness { .unknown }

  public func evaluate(_ expression: String) -> Outcome {
    .failure(
      Failure(
        name: "NotSupported",
        message: "\(information.implementation) evaluates no expressions beside a cell"))
  }

  public func interrupt() {}

  public func shutdown(restart: Bool) {}
}
