import Dispatch
import Foundation
import Logging

/// The thread that owns shell and stdin: it queues cells and answers everything else at once.
final class ShellLoop: Sendable {
  enum Item: Sendable {
    case send(Message)
    /// Ring once every message that has arrived by now is read.
    case readAll(DispatchSemaphore)
    case end
  }

  private let shell: Socket
  private let stdin: Socket
  private let wire: Wire
  private let core: MessageCore
  private let queue: CellQueue
  private let mailbox: Mailbox<Item>

  init(shell: Socket, stdin: Socket, wire: Wire, core: MessageCore, queue: CellQueue)
    throws(TransportError)
  {
    self.shell = shell
    self.stdin = stdin
    self.wire = wire
    self.core = core
    self.queue = queue
    mailbox = try Mailbox()
  }

  /// Sends a message on shell or stdin. Any thread.
  func post(_ message: Message) {
    mailbox.post(.send(message))
  }

  /// Waits until every cell that has arrived is in the queue. Not on the loop's own thread.
  func readAll() {
    let bell = DispatchSemaphore(value: 0)
    mailbox.post(.readAll(bell))
    bell.wait()
  }

  /// Has the thread end once it has sent everything posted before.
  func end() {
    mailbox.post(.end)
  }

  /// The body of the thread.
  ///
  /// - Parameters:
  ///   - publish: takes messages for iopub.
  ///   - shutdown: called when a client has asked the kernel to end.
  func run(publish: (Message) -> Void, shutdown: (_ restart: Bool) -> Void) {
    defer {
      shell.close()
      stdin.close()
    }
    var poll = Poll(sockets: [shell, stdin], pipes: [mailbox.descriptor])
    while true {
      guard poll.wait(milliseconds: nil) else { continue }
      if poll.isReady(1) { readAnswers() }
      if poll.isReady(0) { readRequests(publish: publish, shutdown: shutdown) }
      guard poll.isReady(2) else { continue }
      for item in mailbox.take() {
        switch item {
        case .send(let message):
          (message.channel == .stdin ? stdin : shell).send(wire.seal(message))
        case .readAll(let bell):
          readRequests(publish: publish, shutdown: shutdown)
          bell.signal()
        case .end: return
        }
      }
    }
  }

  private func readRequests(publish: (Message) -> Void, shutdown: (Bool) -> Void) {
    while let parts = shell.receive() {
      let request: Request
      do {
        request = try wire.open(parts, from: .shell)
      } catch {
        core.log.warning("ignored a message on shell: \(error)")
        continue
      }
      if request.header.type == RequestType.execute.rawValue {
        queue.append(request)
        continue
      }
      let effect = core.answer(request) { message in
        if message.channel == .iopub { publish(message) } else { shell.send(wire.seal(message)) }
      }
      if case .shutdown(let restart) = effect { shutdown(restart) }
    }
  }

  private func readAnswers() {
    while let parts = stdin.receive() {
      do {
        let reply = try wire.open(parts, from: .stdin)
        guard reply.header.type == "input_reply",
          let content = Content.decode(InputReply.self, from: reply.content)
        else { continue }
        core.desk.deliver(.success(content.value))
      } catch {
        core.log.warning("ignored a message on stdin: \(error)")
      }
    }
  }
}
