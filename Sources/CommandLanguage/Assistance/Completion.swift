/// One way to go on.
public struct Completion: Sendable, Equatable {
  public enum Kind: String, Sendable { case verb, variable, option, value, field, file }

  /// The text to put in; an option ends in `=`.
  public let text: String
  public let kind: Kind
  /// A few words about it.
  public let doc: String

  public init(_ text: String, _ kind: Kind, _ doc: String = "") {
    self.text = text
    self.kind = kind
    self.doc = doc
  }
}

/// What Tab offers at a place.
public struct CompletionList: Sendable {
  public let items: [Completion]
  /// Unicode scalar offsets of the text that an item replaces.
  public let start: Int
  public let end: Int
}
