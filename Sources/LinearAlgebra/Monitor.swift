/// How long work is watched and stopped: it asks ``isCancelled`` at least every few milliseconds and
/// says how far it has come.
public struct Monitor: Sendable {
  public let isCancelled: @Sendable () -> Bool
  /// Called with the number of pieces done so far and of all pieces, from any thread.
  public let advanced: @Sendable (_ done: Int, _ total: Int) -> Void

  public init(
    isCancelled: @escaping @Sendable () -> Bool = { false },
    advanced: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) {
    self.isCancelled = isCancelled
    self.advanced = advanced
  }

  /// Work that nobody watches.
  public static let none = Monitor()

  /// Stops as this one does, and tells nobody how far it has come.
  public var quiet: Monitor { Monitor(isCancelled: isCancelled) }

  /// The same, for a part of the work that comes after some of all its pieces.
  public func after(_ done: Int, of total: Int) -> Monitor {
    Monitor(isCancelled: isCancelled) { count, _ in advanced(done + count, total) }
  }

  /// - Throws: ``Cancelled`` once the work has been cancelled.
  public func check() throws(Cancelled) {
    if isCancelled() { throw Cancelled() }
  }
}

/// Work was stopped from outside before it was done.
public struct Cancelled: Error, Sendable, Equatable {
  public init() {}
}
