import Synchronization

/// Hands items to a thread that polls a pipe beside its sockets.
final class Mailbox<Item: Sendable>: Sendable {
  private let items = Mutex<[Item]>([])
  private let pipe: WakePipe

  init() throws(TransportError) {
    pipe = try WakePipe()
  }

  deinit {
    pipe.close()
  }

  /// The descriptor to poll.
  var descriptor: Int32 { pipe.reader }

  func post(_ item: Item) {
    let wasEmpty = items.withLock { items in
      items.append(item)
      return items.count == 1
    }
    if wasEmpty { pipe.wake() }
  }

  /// Everything posted so far, in order.
  func take() -> [Item] {
    // The pipe first: a wake for items taken now is then at worst one too many, never one too few.
    pipe.drain()
    return items.withLock { items in
      defer { items = [] }
      return items
    }
  }
}
