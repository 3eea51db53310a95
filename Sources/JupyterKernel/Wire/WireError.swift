/// Why a message that came over a socket was not accepted.
///
/// The descriptions go to the log. They never hold a key, a signature or the text of a message.
enum WireError: Error, Sendable, Equatable, CustomStringConvertible {
  case noDelimiter
  case tooFewFrames(Int)
  case tooManyFrames
  case badSignature
  case replayed
  case malformedHeader

  var description: String {
    switch self {
    case .noDelimiter: "no <IDS|MSG> delimiter among its frames"
    case .tooFewFrames(let count):
      "\(count) frames after the delimiter, where a signature and four more are needed"
    case .tooManyFrames: "more than \(Frames.limit) frames"
    case .badSignature: "the signature does not match the connection file's key"
    case .replayed: "a message with this signature has come before"
    case .malformedHeader: "the header is no JSON object with msg_id and msg_type"
    }
  }
}
