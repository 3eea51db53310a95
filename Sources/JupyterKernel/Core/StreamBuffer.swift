/// Gathers the text of a stream into few messages without changing the order of anything.
///
/// Text leaves the buffer when the stream or the cell changes, before any other message of the
/// same cell (displays, results, errors, replies, idle), when there is much of it, and when the
/// owner's timer asks for it.
struct StreamBuffer: Sendable {
  /// Text of this many bytes does not wait for more.
  static let limit = 64 * 1_024

  private var text = ""
  private var stream = Output.Stream.standardOutput
  private var parent = Parent.none

  var isEmpty: Bool { text.isEmpty }

  /// Takes what was emitted and hands on, in order, the messages that are ready to go.
  mutating func take(_ emission: Emission, send: (Message) -> Void) {
    switch emission {
    case .message(let message):
      if message.parent == parent { flush(send: send) }
      send(message)
    case .text(let addition, let name, let owner):
      if name != stream || owner.messageID != parent.messageID { flush(send: send) }
      stream = name
      parent = owner
      text += addition
      if text.utf8.count >= Self.limit { flush(send: send) }
    }
  }

  /// Hands on the text that waits, if any does.
  mutating func flush(send: (Message) -> Void) {
    guard !text.isEmpty else { return }
    send(.publish(.stream, StreamText(name: stream, text: text), for: parent))
    text = ""
  }
}
