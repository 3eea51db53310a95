import CZeroMQ
import Foundation

/// Waits for any of several sockets and pipes to have something to read.
struct Poll {
  private var items: [zmq_pollitem_t]

  init(sockets: [Socket], pipes: [Int32]) {
    items =
      sockets.map {
        zmq_pollitem_t(socket: $0.raw, fd: 0, events: Int16(ZMQ_POLLIN), revents: 0)
      }
      + pipes.map { zmq_pollitem_t(socket: nil, fd: $0, events: Int16(ZMQ_POLLIN), revents: 0) }
  }

  /// Waits, and returns false if the time is over or a signal came.
  ///
  /// - Parameter milliseconds: the longest wait; nil for no limit.
  mutating func wait(milliseconds: Int?) -> Bool {
    for index in items.indices { items[index].revents = 0 }
    return zmq_poll(&items, Int32(items.count), milliseconds ?? -1) > 0
  }

  /// Whether the socket or pipe has something to read; sockets are counted before pipes.
  func isReady(_ index: Int) -> Bool {
    items[index].revents & Int16(ZMQ_POLLIN) != 0
  }
}
