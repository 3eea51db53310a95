import Dispatch
import Foundation
import Logging
import Synchronization

/// A Jupyter kernel: an interpreter behind the five sockets of the messaging protocol.
///
/// ```swift
/// let connection = try ConnectionFile(contentsOf: URL(fileURLWithPath: path))
/// try Kernel(connection: connection, interpreter: MyInterpreter()).run()
/// ```
public final class Kernel: Sendable {
  /// Why a kernel has ended.
  public enum End: Sendable, Equatable {
    /// A client asked for it, and will start the kernel again at once if it says restart.
    case requested(restart: Bool)
    /// The process named in `JPY_PARENT_PID` has gone.
    case parentGone
  }

  /// What may be chosen about a kernel.
  public struct Options: Sendable {
    /// How much one cell may put out.
    public var outputLimits = OutputLimits()
    /// Bytes of stack of the thread that executes cells.
    public var stackBytes = 64 << 20
    /// A client that sends a longer frame than this many bytes is disconnected.
    public var messageBytes = 64 << 20
    /// Whether the kernel ends when the process named in `JPY_PARENT_PID` does.
    public var followsParent = true

    public init() {}
  }

  let connection: ConnectionFile
  let core: MessageCore
  let options: Options
  private let end = Mutex<End?>(nil)
  private let bell = DispatchSemaphore(value: 0)

  /// Milliseconds that a client has, once the kernel ends, to take what was sent to it.
  static let linger: Int32 = 200
  /// How long the running cell has to heed the interrupt that comes with the end of the kernel.
  static let grace = DispatchTimeInterval.milliseconds(300)

  /// A kernel that does not listen yet.
  public init(
    connection: ConnectionFile, interpreter: any Interpreter, options: Options = Options(),
    log: Logger = Logger(label: "jupyter")
  ) {
    self.connection = connection
    self.options = options
    core = MessageCore(interpreter: interpreter, limits: options.outputLimits, log: log)
  }

  /// Serves clients until one of them asks the kernel to end, or its parent has gone.
  ///
  /// A cell that runs then is interrupted. If it does not stop, the process ends here with status
  /// 0, since a thread cannot be ended from outside.
  ///
  /// SIGINT interrupts the running cell from now on, and SIGPIPE is ignored.
  ///
  /// - Throws: ``TransportError`` if the kernel cannot listen, ``ConnectionFileError`` if ports were
  ///   left open and cannot be written back.
  @discardableResult
  public func run() throws -> End {
    let context = try SocketContext()
    let sockets = try Sockets(connection: connection, options: options, in: context)
    if connection.hasOpenPorts { try sockets.connection.writeBackPorts() }
    let threads = try KernelThreads(sockets: sockets, kernel: self)
    threads.start()
    bell.wait()
    let end = end.withLock { $0 } ?? .requested(restart: false)
    let hasStopped = threads.stop(end, context: context)
    context.terminate()
    if !hasStopped { _exit(EXIT_SUCCESS) }
    return end
  }

  /// Has ``run()`` return. Any thread; only the first call counts.
  public func stop(_ reason: End = .requested(restart: false)) {
    let isFirst = end.withLock { end in
      guard end == nil else { return false }
      end = reason
      return true
    }
    if isFirst { bell.signal() }
  }
}
