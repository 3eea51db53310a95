/// A token of a text: its id, and the bytes of the text it stands for.
public struct Token: Sendable, Equatable {
  public let id: Int
  /// UTF-8 byte offsets into the text; empty for tokens that a post-processor adds.
  ///
  /// The ranges of all tokens, one after the other, cover the text. A token may begin or end
  /// within a character; where a normaliser changed a character, the first token that holds any
  /// of it, and each that lies within it, stands for all of it.
  public let bytes: Range<Int>

  public init(id: Int, bytes: Range<Int>) {
    self.id = id
    self.bytes = bytes
  }
}
