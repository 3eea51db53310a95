import Dispatch
import Synchronization

/// Where a cell that has asked a question waits for the answer, which comes on another thread.
final class InputDesk: Sendable {
  private enum State {
    case quiet
    case waiting
    case done(Result<String, InputError>)
  }

  private let turn = Mutex(())
  private let state = Mutex(State.quiet)
  private let bell = DispatchSemaphore(value: 0)

  /// Puts a question and waits for the answer. Threads that ask at the same time take turns.
  ///
  /// - Parameter put: sends the question, unless it finds that the cell has been interrupted, and
  ///   says whether it has. An interrupt that comes later is delivered here.
  func ask(_ put: () -> Bool) throws(InputError) -> String {
    let result: Result<String, InputError> = turn.withLock { _ in
      state.withLock { $0 = .waiting }
      if !put() { deliver(.failure(.interrupted)) }
      bell.wait()
      return state.withLock { state in
        defer { state = .quiet }
        if case .done(let result) = state { return result }
        return .failure(.interrupted)
      }
    }
    return try result.get()
  }

  /// Hands over an answer; one that nobody waits for is dropped.
  func deliver(_ result: Result<String, InputError>) {
    let isAwaited = state.withLock { state in
      guard case .waiting = state else { return false }
      state = .done(result)
      return true
    }
    // One ring for each question, so that none hears the bell of an earlier one.
    if isAwaited { bell.signal() }
  }
}
