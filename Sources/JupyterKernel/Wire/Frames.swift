import Foundation

/// The frames of a message, named: identities, delimiter, signature, four JSON texts, buffers.
struct Frames: Sendable, Equatable {
  static let delimiter = Data("<IDS|MSG>".utf8)
  /// More frames than this are no message of the protocol but an attempt to use up memory.
  static let limit = 1_024

  var identities: [Data]
  var signature: Data
  var header: Data
  var parentHeader: Data
  var metadata: Data
  var content: Data

  /// Names the frames of a message as it came from a socket. Nothing is believed yet.
  ///
  /// Buffers behind the content are dropped: no message that this kernel understands has any.
  init(_ parts: [Data]) throws(WireError) {
    guard parts.count <= Self.limit else { throw .tooManyFrames }
    guard let split = parts.firstIndex(of: Self.delimiter) else { throw .noDelimiter }
    let rest = parts[(split + 1)...]
    guard rest.count >= 5 else { throw .tooFewFrames(rest.count) }
    identities = Array(parts[..<split])
    signature = parts[split + 1]
    header = parts[split + 2]
    parentHeader = parts[split + 3]
    metadata = parts[split + 4]
    content = parts[split + 5]
  }

  /// The frames of a message about to be sent, not signed yet.
  init(identities: [Data], header: Data, parentHeader: Data, metadata: Data, content: Data) {
    self.identities = identities
    self.signature = Data()
    self.header = header
    self.parentHeader = parentHeader
    self.metadata = metadata
    self.content = content
  }

  /// The frames that the signature covers, in order.
  var signed: [Data] { [header, parentHeader, metadata, content] }

  /// All frames, as they go to a socket.
  var parts: [Data] { identities + [Self.delimiter, signature] + signed }
}
