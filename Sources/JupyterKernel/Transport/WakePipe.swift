import Foundation

/// A pipe that wakes a thread which polls.
struct WakePipe: Sendable {
  let reader: Int32
  let writer: Int32

  init() throws(TransportError) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw TransportError("open a pipe", code: errno) }
    for end in ends {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
    reader = ends[0]
    writer = ends[1]
  }

  func wake() {
    var byte: UInt8 = 1
    // A full pipe is as good: the reader has yet to wake up.
    while write(writer, &byte, 1) < 0, errno == EINTR {}
  }

  /// Reads everything in the pipe, and says whether there was anything.
  @discardableResult
  func drain() -> Bool {
    var bytes = [UInt8](repeating: 0, count: 64)
    var found = false
    while true {
      let count = read(reader, &bytes, bytes.count)
      if count > 0 { found = true } else if count == 0 || errno != EINTR { return found }
    }
  }

  func close() {
    _ = Foundation.close(reader)
    _ = Foundation.close(writer)
  }
}
