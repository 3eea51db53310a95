import Dispatch
import Foundation
import Logging

/// The thread that owns iopub.
///
/// Everything that a cell emits passes through here in order, its replies too: those are handed to
/// the shell thread once all output before them has been sent.
final class Publisher: Sendable {
  enum Item: Sendable {
    case emission(Emission)
    case end
  }

  /// How long text may wait for more text.
  static let patience = Duration.milliseconds(50)

  private let socket: Socket
  private let wire: Wire
  private let mailbox: Mailbox<Item>
  private let forward: @Sendable (Message) -> Void

  /// - Parameter forward: takes the messages that are not for iopub.
  init(socket: Socket, wire: Wire, forward: @escaping @Sendable (Message) -> Void)
    throws(TransportError)
  {
    self.socket = socket
    self.wire = wire
    self.forward = forward
    mailbox = try Mailbox()
  }

  /// Takes what a cell or a loop emits. Any thread.
  func post(_ emission: Emission) {
    mailbox.post(.emission(emission))
  }

  /// Has the thread end once it has sent everything posted before.
  func end() {
    mailbox.post(.end)
  }

  /// The body of the thread.
  func run() {
    defer { socket.close() }
    // Sent before anybody can have subscribed: late enough to be true, too early to disturb.
    send(.status(.starting, for: .none))
    var poll = Poll(sockets: [socket], pipes: [mailbox.descriptor])
    var buffer = StreamBuffer()
    var deadline: ContinuousClock.Instant?
    while true {
      let ready = poll.wait(milliseconds: deadline.map(Self.milliseconds(until:)))
      if ready, poll.isReady(0) { welcomeSubscribers() }
      if ready, poll.isReady(1) {
        for item in mailbox.take() {
          guard case .emission(let emission) = item else { return buffer.flush(send: send) }
          buffer.take(emission, send: send)
        }
      }
      if buffer.isEmpty {
        deadline = nil
      } else if let due = deadline {
        if due <= .now {
          buffer.flush(send: send)
          deadline = nil
        }
      } else {
        deadline = .now + Self.patience
      }
    }
  }

  /// Whole milliseconds to wait, rounded up so that the time is over when the wait is.
  private static func milliseconds(until deadline: ContinuousClock.Instant) -> Int {
    let (seconds, fraction) = (deadline - .now).components
    return max(0, Int(seconds) * 1_000 + Int(fraction / 1_000_000_000_000_000) + 1)
  }

  private func send(_ message: Message) {
    if message.channel == .iopub {
      socket.send(wire.seal(message))
    } else {
      forward(message)
    }
  }

  /// Answers new subscriptions (JEP 65), and drops whatever else a peer may have sent.
  private func welcomeSubscribers() {
    while let parts = socket.receive() {
      guard parts.count == 1, let frame = parts.first, frame.first == 1, frame.count <= 256 else {
        continue
      }
      // The topic goes out as it came, or the new subscriber would not receive the welcome.
      let topic = Data(frame.dropFirst())
      var message = Message.publish(
        .welcome, Welcome(subscription: String(decoding: topic, as: UTF8.self)), for: .none)
      message.identities = [topic]
      send(message)
    }
  }
}
