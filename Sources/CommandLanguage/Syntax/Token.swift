/// A piece of text with a meaning of its own.
struct Token: Sendable {
  enum Kind: Sendable {
    case word(String)
    case number(Double)
    case string(String)
    case equals, pipe, comma, colon, dot, rangeDots, semicolon
    case opener(Bracket)
    case closer(Bracket)
    /// The end of a statement's line (not of a line that is continued).
    case newline
    case end
    /// Text that is no token; the parser throws the error when it gets there.
    case invalid(LanguageError)
  }

  enum Bracket: Sendable {
    case parenthesis, square, brace

    var openText: String { self == .parenthesis ? "(" : self == .square ? "[" : "{" }
    var closeText: String { self == .parenthesis ? ")" : self == .square ? "]" : "}" }
  }

  let kind: Kind
  let span: Range<Int>
  /// Whether it touches the token before it: `list[0]` is an index, `show [0]` an argument.
  let isAdjacent: Bool

  var word: String? { if case .word(let text) = kind { text } else { nil } }

  func opens(_ bracket: Bracket) -> Bool {
    if case .opener(let mine) = kind { mine == bracket } else { false }
  }

  func closes(_ bracket: Bracket) -> Bool {
    if case .closer(let mine) = kind { mine == bracket } else { false }
  }

  func isA(_ simple: Simple) -> Bool {
    switch (kind, simple) {
    case (.equals, .equals), (.pipe, .pipe), (.comma, .comma), (.colon, .colon), (.dot, .dot),
      (.rangeDots, .rangeDots), (.semicolon, .semicolon), (.newline, .newline), (.end, .end):
      true
    default: false
    }
  }

  /// The kinds of token that carry nothing.
  enum Simple { case equals, pipe, comma, colon, dot, rangeDots, semicolon, newline, end }
}
