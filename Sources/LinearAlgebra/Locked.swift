import Synchronization

/// A value that several threads share, one at a time.
public final class Locked<Value>: @unchecked Sendable {
  // Unchecked: the value is only reached with the lock held.
  private let mutex = Mutex(())
  private var value: Value

  public init(_ value: Value) { self.value = value }

  public func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    try mutex.withLock { _ in try body(&value) }
  }
}
