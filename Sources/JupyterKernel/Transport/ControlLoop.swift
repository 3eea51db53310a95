import Foundation
import Logging
import Synchronization

/// The thread that owns control, and looks after SIGINT and the parent process beside it.
final class ControlLoop: Sendable {
  private let socket: Socket
  private let wire: Wire
  private let core: MessageCore
  private let signal: InterruptSignal
  private let parent: ParentProcess?
  private let pipe: WakePipe

  init(
    socket: Socket, wire: Wire, core: MessageCore, signal: InterruptSignal, parent: ParentProcess?
  ) throws(TransportError) {
    self.socket = socket
    self.wire = wire
    self.core = core
    self.signal = signal
    self.parent = parent
    pipe = try WakePipe()
  }

  deinit {
    pipe.close()
  }

  /// Has the thread end.
  func end() {
    pipe.wake()
  }

  /// The body of the thread.
  ///
  /// - Parameters:
  ///   - publish: takes messages for iopub.
  ///   - stop: called when a client has asked the kernel to end, or its parent has gone.
  func run(publish: (Message) -> Void, stop: (Kernel.End) -> Void) {
    defer { socket.close() }
    var poll = Poll(sockets: [socket], pipes: [signal.descriptor, pipe.reader])
    var isOrphan = false
    while true {
      let patience = parent == nil || isOrphan ? nil : ParentProcess.interval
      let ready = poll.wait(milliseconds: patience)
      if let parent, !isOrphan, !parent.isAlive {
        isOrphan = true
        core.log.notice("the parent process has gone: the kernel ends")
        stop(.parentGone)
      }
      guard ready else { continue }
      if poll.isReady(2) { return }
      if poll.isReady(1), signal.drain() { core.interrupt() }
      if poll.isReady(0) { readRequests(publish: publish, stop: stop) }
    }
  }

  private func readRequests(publish: (Message) -> Void, stop: (Kernel.End) -> Void) {
    while let parts = socket.receive() {
      let request: Request
      do {
        request = try wire.open(parts, from: .control)
      } catch {
        core.log.warning("ignored a message on control: \(error)")
        continue
      }
      let effect = core.answer(request) { message in
        if message.channel == .iopub { publish(message) } else { socket.send(wire.seal(message)) }
      }
      if case .shutdown(let restart) = effect { stop(.requested(restart: restart)) }
    }
  }
}
