import Dispatch
import Foundation

/// The threads of a kernel: one for each socket (shell and stdin share one), one for the cells.
///
/// ```
/// shell ──▶ queue ──▶ execution ──▶ publisher ──▶ iopub
///   ▲                                   │
///   └────────────── replies ────────────┘
/// ```
final class KernelThreads: Sendable {
  private let core: MessageCore
  private let kernel: Kernel
  private let heartbeat: Socket
  private let queue = CellQueue()
  private let shell: ShellLoop
  private let control: ControlLoop
  private let publisher: Publisher
  private let loops = DispatchGroup()
  private let execution = DispatchGroup()
  private let publishing = DispatchGroup()
  private let heart = DispatchGroup()

  /// How long the cells of one "run all" may take to arrive.
  static let burst = Duration.milliseconds(20)

  init(sockets: Sockets, kernel: Kernel) throws(TransportError) {
    let wire = Wire(key: kernel.connection.key)
    core = kernel.core
    self.kernel = kernel
    heartbeat = sockets.heartbeat
    let shell = try ShellLoop(
      shell: sockets.shell, stdin: sockets.stdin, wire: wire, core: core, queue: queue)
    self.shell = shell
    publisher = try Publisher(socket: sockets.iopub, wire: wire) { shell.post($0) }
    control = try ControlLoop(
      socket: sockets.control, wire: wire, core: core, signal: try InterruptSignal(),
      parent: kernel.options.followsParent ? ParentProcess() : nil)
  }

  func start() {
    let publish: @Sendable (Message) -> Void = { [publisher] in publisher.post(.message($0)) }
    let stop: @Sendable (Kernel.End) -> Void = { [kernel] in kernel.stop($0) }
    start("heartbeat", in: heart) { [heartbeat] in
      heartbeat.echo()
      heartbeat.close()
    }
    start("iopub", in: publishing) { [publisher] in publisher.run() }
    start("control", in: loops) { [control] in control.run(publish: publish, stop: stop) }
    start("execution", stackBytes: kernel.options.stackBytes, in: execution) { [self] in
      while let request = queue.next() { execute(request) }
    }
    start("shell", in: loops) { [shell] in
      shell.run(publish: publish) { stop(.requested(restart: $0)) }
    }
  }

  /// Ends every thread, and says whether the running cell has stopped as well.
  func stop(_ end: Kernel.End, context: SocketContext) -> Bool {
    queue.close()
    core.interrupt()
    let hasStopped = execution.wait(timeout: .now() + Kernel.grace) == .success
    if hasStopped { core.interpreter.shutdown(restart: end == .requested(restart: true)) }
    // The publisher hands replies to shell, so it has to end first; the heartbeat knows no other
    // end than that of the context, which the others could not send anything after.
    publisher.end()
    publishing.wait()
    shell.end()
    control.end()
    loops.wait()
    context.stop()
    heart.wait()
    return hasStopped
  }

  /// Runs one cell, and gives up those behind it if it failed and the client wants that.
  private func execute(_ request: Request) {
    let emit: @Sendable (Emission) -> Void = { [publisher] in publisher.post($0) }
    let began = ContinuousClock.now
    let conclusion = core.execute(request, emit: emit)
    var abandoned: [Request] = []
    if conclusion.stopsQueue {
      // Given up is what arrives before the reply leaves: a cell that is sent in answer to it is
      // executed. "Run all" sends its cells in a burst, through a server; a cell that fails within
      // microseconds waits for the rest of the burst, or they would be executed in spite of it.
      let rest = Self.burst - (.now - began)
      if rest > .zero { usleep(UInt32(rest / .microseconds(1))) }
      shell.readAll()
      abandoned = queue.removeAll()
    }
    for message in conclusion.messages { emit(.message(message)) }
    for message in abandoned.flatMap(core.abort) { emit(.message(message)) }
  }

  private func start(
    _ name: String, stackBytes: Int = 1 << 20, in group: DispatchGroup,
    body: @escaping @Sendable () -> Void
  ) {
    group.enter()
    let thread = Thread {
      body()
      group.leave()
    }
    thread.name = name
    thread.stackSize = stackBytes
    thread.start()
  }
}
