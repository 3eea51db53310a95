import Dispatch
import Synchronization

/// The cells that wait for the execution thread.
final class CellQueue: Sendable {
  private struct State {
    var requests: [Request] = []
    var isClosed = false
  }

  private let state = Mutex(State())
  private let bell = DispatchSemaphore(value: 0)

  func append(_ request: Request) {
    state.withLock { $0.requests.append(request) }
    bell.signal()
  }

  /// Waits for the next cell; nil once the queue is closed.
  func next() -> Request? {
    while true {
      bell.wait()
      let (request, isClosed) = state.withLock { state -> (Request?, Bool) in
        if state.isClosed { return (nil, true) }
        return (state.requests.isEmpty ? nil : state.requests.removeFirst(), false)
      }
      if isClosed { return nil }
      // The queue may have been emptied since the bell rang.
      if let request { return request }
    }
  }

  /// Takes away every cell that waits.
  func removeAll() -> [Request] {
    state.withLock { state in
      defer { state.requests = [] }
      return state.requests
    }
  }

  /// Drops every cell that waits and lets no other begin.
  func close() {
    state.withLock { $0 = State(isClosed: true) }
    bell.signal()
  }
}
