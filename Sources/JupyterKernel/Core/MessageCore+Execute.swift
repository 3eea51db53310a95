import Synchronization

extension MessageCore {
  /// How a cell ended, and what is still to be sent about it.
  struct Conclusion: Sendable {
    /// The reply and the idle status, in this order.
    let messages: [Message]
    /// Whether the cells that were sent before the reply are to be given up.
    let stopsQueue: Bool
  }

  /// Runs a cell. The conclusion is left for the caller to send.
  func execute(_ request: Request, emit: @escaping @Sendable (Emission) -> Void) -> Conclusion {
    emit(.message(.status(.busy, for: request.parent)))
    let idle = Message.status(.idle, for: request.parent)
    guard let order = Content.decode(ExecuteRequest.self, from: request.content) else {
      var replies: [Message] = []
      refuse(request, because: "the content is not that of an execute_request") {
        replies.append($0)
      }
      return Conclusion(messages: replies + [idle], stopsQueue: false)
    }

    let cell = begin(order)
    if !cell.isSilent {
      let input = ExecuteInput(code: cell.code, executionCount: cell.executionCount)
      emit(.message(.publish(.executeInput, input, for: request.parent)))
    }
    let output = output(for: cell, of: request, emit: emit)
    running.withLock { $0 = output }
    let outcome = interpreter.execute(cell, output: output)
    let expressions = evaluate(order.userExpressions, after: outcome)
    running.withLock { $0 = nil }
    output.close()

    let reply: Message
    var failed = true
    switch outcome {
    case .success(let result):
      failed = false
      reply = conclude(cell, result, expressions, output.payloads, request, emit)
    case .failure(let failure): reply = conclude(cell, failure, request, emit)
    case .interrupted: reply = conclude(cell, .interruption, request, emit)
    }
    return Conclusion(messages: [reply, idle], stopsQueue: failed && order.stopOnError)
  }

  /// Gives up a cell that waited behind one that failed.
  func abort(_ request: Request) -> [Message] {
    let failure = Failure(
      name: "ExecutionAborted", message: "a cell before this one failed", traceback: [])
    let count = state.withLock { $0.executionCount }
    let reply = ErrorReply(failure, status: "aborted", executionCount: count)
    return [
      .status(.busy, for: request.parent), .reply(.executeReply, reply, to: request),
      .status(.idle, for: request.parent),
    ]
  }

  /// Counts and keeps the cell, as the request has it. Blank cells leave no trace.
  private func begin(_ order: ExecuteRequest) -> Cell {
    let isBlank = order.code.unicodeScalars.allSatisfy(\.properties.isWhitespace)
    let isStored = order.storeHistory && !order.silent && !isBlank
    let count = state.withLock { state in
      if isStored {
        state.executionCount += 1
        state.history.append(order.code, line: state.executionCount)
      }
      return state.executionCount
    }
    return Cell(
      code: order.code, executionCount: count, isSilent: order.silent, isStored: isStored,
      allowsInput: order.allowStdin)
  }

  private func output(
    for cell: Cell, of request: Request, emit: @escaping @Sendable (Emission) -> Void
  ) -> Output {
    let budget = BudgetBox(limits)
    let parent = request.parent
    let receive: @Sendable (Output.Event) -> Void = { event in
      guard !cell.isSilent else { return }
      for event in budget.admit(event) { emit(Self.emission(of: event, for: parent)) }
    }
    guard cell.allowsInput else { return Output(receive: receive) }
    let answer: Output.Answerer = { [self] prompt, password throws(InputError) in
      let question = InputRequest(prompt: prompt, password: password)
      var message = Message.reply(.inputRequest, question, to: request)
      message.channel = .stdin
      return try desk.ask { [message] in
        guard running.withLock({ $0?.isInterrupted == false }) else { return false }
        emit(.message(message))
        return true
      }
    }
    return Output(answer: answer, receive: receive)
  }

  private static func emission(of event: Output.Event, for parent: Parent) -> Emission {
    switch event {
    case .text(let text, let stream):
      .text(text, stream, parent)
    case .display(let bundle, let id):
      .message(.publish(.displayData, Display(bundle, id: id), for: parent))
    case .updateDisplay(let bundle, let id):
      .message(.publish(.updateDisplayData, Display(bundle, id: id), for: parent))
    case .clear(let wait):
      .message(.publish(.clearOutput, ClearOutput(wait: wait), for: parent))
    }
  }

  private func evaluate(
    _ expressions: [String: String], after outcome: Outcome
  ) -> [String: ExecuteReply.ExpressionResult] {
    guard case .success = outcome else { return [:] }
    return expressions.mapValues { expression in
      switch interpreter.evaluate(expression) {
      case .success(let bundle): .value(bundle ?? MIMEBundle())
      case .failure(let failure): .failure(failure)
      case .interrupted: .failure(.interruption)
      }
    }
  }

  private func conclude(
    _ cell: Cell, _ result: MIMEBundle?,
    _ expressions: [String: ExecuteReply.ExpressionResult], _ payloads: [Output.Payload],
    _ request: Request, _ emit: (Emission) -> Void
  ) -> Message {
    if let result, !cell.isSilent {
      let display = Display(result, executionCount: cell.executionCount)
      emit(.message(.publish(.executeResult, display, for: request.parent)))
      if cell.isStored, let text = result.plainText {
        state.withLock { $0.history.setOutput(text, ofLine: cell.executionCount) }
      }
    }
    let reply = ExecuteReply(
      executionCount: cell.executionCount, userExpressions: expressions,
      payload: payloads.map(ExecuteReply.Payload.init))
    return .reply(.executeReply, reply, to: request)
  }

  private func conclude(
    _ cell: Cell, _ failure: Failure, _ request: Request, _ emit: (Emission) -> Void
  ) -> Message {
    if !cell.isSilent {
      emit(.message(.publish(.error, ErrorOutput(failure: failure), for: request.parent)))
    }
    let reply = ErrorReply(failure, executionCount: cell.executionCount)
    return .reply(.executeReply, reply, to: request)
  }
}

/// The budget of one cell, whose output may be written to from several threads.
private final class BudgetBox: Sendable {
  private let budget: Mutex<OutputBudget>

  init(_ limits: OutputLimits) {
    budget = Mutex(OutputBudget(limits))
  }

  func admit(_ event: Output.Event) -> [Output.Event] {
    budget.withLock { $0.admit(event) }
  }
}
