import Foundation
import Synchronization

/// The writing end of the pipe that SIGINT goes into; -1 while nobody reads it.
private let interruptWriter = Atomic<Int32>(-1)

/// Turns SIGINT, which would end the process, into something to read.
///
/// A handler with a pipe, not a blocked signal and `sigwait`: threads that libraries have started
/// before the kernel do not block the signal.
final class InterruptSignal: Sendable {
  private let pipe: WakePipe

  /// Installs the handler. There is one per process; the last one made receives.
  init() throws(TransportError) {
    pipe = try WakePipe()
    interruptWriter.store(pipe.writer, ordering: .sequentiallyConsistent)
    var action = sigaction()
    // Only what is safe in a signal handler: an atomic load and write(2).
    let handler: @convention(c) (Int32) -> Void = { _ in
      let saved = errno
      var byte: UInt8 = 1
      let writer = interruptWriter.load(ordering: .sequentiallyConsistent)
      if writer >= 0 { _ = write(writer, &byte, 1) }
      errno = saved
    }
    #if canImport(Darwin)
      action.__sigaction_u.__sa_handler = handler
    #else
      action.__sigaction_handler.sa_handler = handler
    #endif
    action.sa_flags = SA_RESTART
    sigaction(SIGINT, &action, nil)
    // A client that no longer reads the kernel's standard error must not end the kernel.
    Foundation.signal(SIGPIPE, SIG_IGN)
  }

  deinit {
    interruptWriter.store(-1, ordering: .sequentiallyConsistent)
    pipe.close()
  }

  var descriptor: Int32 { pipe.reader }

  /// Forgets the signals that have come, and says whether there were any.
  func drain() -> Bool { pipe.drain() }
}
