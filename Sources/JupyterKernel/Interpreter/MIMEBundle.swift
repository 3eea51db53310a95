/// One value in several representations, of which a front end shows the richest that it knows.
///
/// A MIME type is `type/subtype` without parameters. SVG, HTML and plain text are text; types
/// ending in `json` are JSON values; images such as PNG are text in base64.
public struct MIMEBundle: Sendable, Equatable {
  /// The content of one representation.
  public enum Content: Sendable, Equatable {
    case text(String)
    case json(JSON)
  }

  /// The representations by MIME type.
  public var data: [String: Content]
  /// What is to be known about the whole bundle, or, under a MIME type, about one representation.
  public var metadata: [String: JSON]

  /// A bundle of any representations.
  public init(_ data: [String: Content] = [:], metadata: [String: JSON] = [:]) {
    self.data = data
    self.metadata = metadata
  }

  /// A bundle of representations that are all text.
  public init(text data: [String: String], metadata: [String: JSON] = [:]) {
    self.init(data.mapValues { .text($0) }, metadata: metadata)
  }

  /// A bundle that holds nothing but plain text.
  public init(plain text: String) {
    self.init(["text/plain": .text(text)])
  }

  /// The plain text of the bundle, if it has any.
  public var plainText: String? {
    guard case .text(let text) = data["text/plain"] else { return nil }
    return text
  }

  /// The number of bytes of text in the bundle; JSON representations count as nothing.
  var textByteCount: Int {
    data.values.reduce(0) { sum, content in
      guard case .text(let text) = content else { return sum }
      return sum + text.utf8.count
    }
  }
}

extension MIMEBundle.Content: Encodable {
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .json(let value): try container.encode(value)
    }
  }
}

extension MIMEBundle.Content: ExpressibleByStringLiteral {
  public init(stringLiteral value: String) { self = .text(value) }
}
