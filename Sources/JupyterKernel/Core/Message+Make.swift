extension Message {
  /// A message on iopub. Its topic is its type, for clients that subscribe to some types only.
  static func publish(_ type: MessageType, _ content: some Encodable, for parent: Parent) -> Message
  {
    Message(
      channel: .iopub, identities: [.init(type.rawValue.utf8)], type: type, parent: parent,
      content: Content.encode(content))
  }

  /// The state of the kernel in respect of one request.
  static func status(_ state: Status.State, for parent: Parent) -> Message {
    publish(.status, Status(state: state), for: parent)
  }

  /// The answer to a request, on the channel it came from.
  static func reply(_ type: MessageType, _ content: some Encodable, to request: Request) -> Message
  {
    Message(
      channel: request.channel, identities: request.identities, type: type, parent: request.parent,
      content: Content.encode(content))
  }
}

/// What a running cell emits: messages, and text that is still to be gathered into messages.
enum Emission: Sendable, Equatable {
  case message(Message)
  case text(String, Output.Stream, Parent)
}
