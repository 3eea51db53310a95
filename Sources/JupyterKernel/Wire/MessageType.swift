/// The messages that the kernel sends.
enum MessageType: String, Sendable {
  case kernelInfoReply = "kernel_info_reply"
  case executeReply = "execute_reply"
  case completeReply = "complete_reply"
  case inspectReply = "inspect_reply"
  case isCompleteReply = "is_complete_reply"
  case historyReply = "history_reply"
  case commInfoReply = "comm_info_reply"
  case interruptReply = "interrupt_reply"
  case shutdownReply = "shutdown_reply"

  case status
  case stream
  case displayData = "display_data"
  case updateDisplayData = "update_display_data"
  case executeInput = "execute_input"
  case executeResult = "execute_result"
  case error
  case clearOutput = "clear_output"
  case commClose = "comm_close"
  case welcome = "iopub_welcome"

  case inputRequest = "input_request"
}

/// The messages that the kernel understands.
enum RequestType: String, Sendable {
  case kernelInfo = "kernel_info_request"
  case execute = "execute_request"
  case complete = "complete_request"
  case inspect = "inspect_request"
  case isComplete = "is_complete_request"
  case history = "history_request"
  case commInfo = "comm_info_request"
  case commOpen = "comm_open"
  case commMessage = "comm_msg"
  case commClose = "comm_close"
  case interrupt = "interrupt_request"
  case shutdown = "shutdown_request"

  /// The type of the answer; nil where there is none.
  var reply: MessageType? {
    switch self {
    case .kernelInfo: .kernelInfoReply
    case .execute: .executeReply
    case .complete: .completeReply
    case .inspect: .inspectReply
    case .isComplete: .isCompleteReply
    case .history: .historyReply
    case .commInfo: .commInfoReply
    case .interrupt: .interruptReply
    case .shutdown: .shutdownReply
    case .commOpen, .commMessage, .commClose: nil
    }
  }
}
