import Foundation
import Synchronization

/// The ends of the kernel's sockets that a message can come from or go to.
enum Channel: String, Sendable {
  case shell, control, stdin, iopub
}

/// The message that another one answers or belongs to: its header, byte by byte as it came.
struct Parent: Sendable, Equatable {
  var messageID: String
  var header: Data

  /// The parent of messages that nobody asked for.
  static let none = Parent(messageID: "", header: Data("{}".utf8))
}

/// A message that has been verified. Its content is not looked at yet.
struct Request: Sendable {
  var channel: Channel
  var identities: [Data]
  var header: Header
  var parent: Parent
  var content: Data
}

/// A message on its way out, not signed yet.
struct Message: Sendable, Equatable {
  var channel: Channel
  /// The peer on a router channel; the topic on iopub.
  var identities: [Data]
  var type: MessageType
  var parent: Parent
  var content: Data
}

/// Turns frames into requests and messages into frames.
final class Wire: Sendable {
  private let signer: Signer
  private let session = UUID().uuidString.lowercased()
  private let username = "kernel"
  private let count = Atomic<Int>(0)

  init(key: String) {
    signer = Signer(key: key)
  }

  /// Verifies a message, then reads its header.
  func open(_ parts: [Data], from channel: Channel) throws(WireError) -> Request {
    let frames = try Frames(parts)
    try signer.verify(frames)
    // A JSON text in UTF-8 has no zero byte; one in UTF-16, which the decoder would take, has. The
    // header goes out again as it is, so it has to be UTF-8.
    guard !frames.header.contains(0),
      let header = try? JSONDecoder().decode(Header.self, from: frames.header)
    else { throw .malformedHeader }
    return Request(
      channel: channel, identities: frames.identities, header: header,
      parent: Parent(messageID: header.messageID, header: frames.header), content: frames.content)
  }

  /// Heads and signs a message.
  func seal(_ message: Message) -> [Data] {
    let number = count.wrappingAdd(1, ordering: .relaxed).newValue
    let header = Header(
      messageID: "\(session)_\(number)", type: message.type.rawValue, session: session,
      username: username, date: Timestamp.now())
    var frames = Frames(
      identities: message.identities, header: Content.encode(header),
      parentHeader: message.parent.header, metadata: Content.empty, content: message.content)
    frames.signature = signer.signature(of: frames)
    return frames.parts
  }
}

/// The JSON text of typed contents.
enum Content {
  static let empty = Data("{}".utf8)

  /// The JSON text of a value. The kernel's own types have nothing in them that JSON cannot say.
  static func encode(_ value: some Encodable) -> Data {
    let encoder = JSONEncoder()
    // Sorted, so that what a notebook keeps is the same bytes every time.
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(value)) ?? empty
  }

  static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) -> Value? {
    try? JSONDecoder().decode(type, from: data)
  }
}
