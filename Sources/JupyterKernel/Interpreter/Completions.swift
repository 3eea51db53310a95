/// The ways to go on from a cursor.
public struct Completions: Sendable, Equatable {
  /// One way to go on.
  public struct Match: Sendable, Equatable {
    /// The text that replaces ``Completions/range``.
    public var text: String
    /// What it is, in a word that front ends have icons for: `function`, `keyword`, `module`, …
    public var type: String?
    /// The parameters of a function, for example `(model, data)`.
    public var signature: String?

    public init(_ text: String, type: String? = nil, signature: String? = nil) {
      self.text = text
      self.type = type
      self.signature = signature
    }
  }

  /// The part of the code that a match replaces, in Unicode scalars.
  public var range: Range<Int>
  /// The matches, best first.
  public var matches: [Match]

  public init(replacing range: Range<Int>, with matches: [Match]) {
    self.range = range
    self.matches = matches
  }

  /// No way to go on from this cursor.
  public init(at cursor: Int) {
    self.init(replacing: cursor..<cursor, with: [])
  }
}
