import Foundation
import Logging
import Synchronization

/// The kernel without its sockets: requests go in, messages come out.
///
/// ``answer(_:emit:)`` and ``execute(_:emit:)`` may run on different threads at the same time; cells
/// run one at a time.
final class MessageCore: Sendable {
  /// What is left to be done by whoever owns the threads.
  enum Effect: Sendable, Equatable {
    case nothing
    case shutdown(restart: Bool)
  }

  struct State {
    var history = History()
    var executionCount = 0
  }

  let interpreter: any Interpreter
  let limits: OutputLimits
  let desk = InputDesk()
  let state = Mutex(State())
  /// The output of the running cell. The lock is held while the cell is being interrupted, so that
  /// the cell cannot end, and another begin, meanwhile.
  let running = Mutex<Output?>(nil)
  let log: Logger
  private let information: KernelInfoReply

  init(interpreter: any Interpreter, limits: OutputLimits, log: Logger) {
    self.interpreter = interpreter
    self.limits = limits
    self.log = log
    information = KernelInfoReply(interpreter.information)
  }

  /// Answers any request but `execute_request`: busy, the reply if there is one, idle.
  func answer(_ request: Request, emit: (Message) -> Void) -> Effect {
    emit(.status(.busy, for: request.parent))
    defer { emit(.status(.idle, for: request.parent)) }
    guard let type = RequestType(rawValue: request.header.type) else {
      log.warning("ignored a message of unknown type on \(request.channel.rawValue)")
      return .nothing
    }
    switch type {
    case .kernelInfo: emit(.reply(.kernelInfoReply, information, to: request))
    case .complete: complete(request, emit: emit)
    case .inspect: inspect(request, emit: emit)
    case .isComplete: checkCompleteness(request, emit: emit)
    case .history: recall(request, emit: emit)
    case .commInfo: emit(.reply(.commInfoReply, CommInfoReply(), to: request))
    case .commOpen: refuseComm(request, emit: emit)
    case .commMessage, .commClose: break
    case .interrupt:
      interrupt()
      emit(.reply(.interruptReply, InterruptReply(), to: request))
    case .shutdown: return shutdown(request, emit: emit)
    case .execute:
      // Cells come on shell; one on control would run beside another.
      refuse(request, because: "cells are executed on the shell channel", emit: emit)
    }
    return .nothing
  }

  /// Interrupts the running cell; does nothing where none runs.
  func interrupt() {
    running.withLock { output in
      guard let output else { return }
      output.interrupt()
      desk.deliver(.failure(.interrupted))
      interpreter.interrupt()
    }
  }

  /// Answers a request that cannot be understood, so that the client does not wait for ever.
  func refuse(_ request: Request, because reason: String, emit: (Message) -> Void) {
    guard let type = RequestType(rawValue: request.header.type)?.reply else { return }
    log.warning("refused a request of type \(request.header.type): \(reason)")
    let failure = Failure(name: "RequestError", message: reason)
    let count = type == .executeReply ? state.withLock { $0.executionCount } : nil
    emit(.reply(type, ErrorReply(failure, executionCount: count), to: request))
  }

  private func shutdown(_ request: Request, emit: (Message) -> Void) -> Effect {
    let restart = Content.decode(ShutdownRequest.self, from: request.content)?.restart ?? false
    let reply = ShutdownReply(restart: restart)
    emit(.reply(.shutdownReply, reply, to: request))
    // Other clients of the kernel learn of its end on iopub.
    emit(.publish(.shutdownReply, reply, for: request.parent))
    return .shutdown(restart: restart)
  }
}
