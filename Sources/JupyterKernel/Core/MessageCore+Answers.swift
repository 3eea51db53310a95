/// The requests that look at code without running it.
extension MessageCore {
  func complete(_ request: Request, emit: (Message) -> Void) {
    guard let question = content(CompleteRequest.self, of: request, emit: emit) else { return }
    let count = question.code.unicodeScalars.count
    let cursor = min(max(0, question.cursor), count)
    var completions = interpreter.complete(question.code, at: cursor)
    completions.range = completions.range.clamped(to: 0..<count)
    emit(.reply(.completeReply, CompleteReply(completions: completions), to: request))
  }

  func inspect(_ request: Request, emit: (Message) -> Void) {
    guard let question = content(InspectRequest.self, of: request, emit: emit) else { return }
    let cursor = min(max(0, question.cursor), question.code.unicodeScalars.count)
    let bundle = interpreter.inspect(question.code, at: cursor, detail: question.detail)
    emit(.reply(.inspectReply, InspectReply(bundle), to: request))
  }

  func checkCompleteness(_ request: Request, emit: (Message) -> Void) {
    guard let question = content(IsCompleteRequest.self, of: request, emit: emit) else { return }
    let completeness = interpreter.completeness(of: question.code)
    emit(.reply(.isCompleteReply, IsCompleteReply(completeness), to: request))
  }

  func recall(_ request: Request, emit: (Message) -> Void) {
    guard let question = content(HistoryRequest.self, of: request, emit: emit) else { return }
    let history = state.withLock { $0.history }
    let rows = history.entries(for: question.access).map {
      HistoryReply.Row(entry: $0, wantsOutput: question.wantsOutput)
    }
    emit(.reply(.historyReply, HistoryReply(history: rows), to: request))
  }

  func refuseComm(_ request: Request, emit: (Message) -> Void) {
    guard let comm = Content.decode(CommIdentity.self, from: request.content) else { return }
    emit(.publish(.commClose, CommClose(id: comm.id), for: request.parent))
  }

  /// The content of a request; nil, and the request is refused, if it is not what it should be.
  private func content<Value: Decodable>(
    _ type: Value.Type, of request: Request, emit: (Message) -> Void
  ) -> Value? {
    if let value = Content.decode(type, from: request.content) { return value }
    refuse(request, because: "the content is not that of a \(request.header.type)", emit: emit)
    return nil
  }
}
