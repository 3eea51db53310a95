/// Cuts a text into tokens. It never fails: what is no token becomes one of kind `invalid`.
///
/// It also finds where statements end: a line break counts, unless a bracket is open, the line
/// ends in `|`, or the next line that says something is indented or starts with `|`.
struct Lexer {
  let source: Source
  var position = 0
  private var tokens: [Token] = []
  private var openBrackets = 0
  /// The indentation of the first line; lines further in continue the one above.
  private var baseIndentation = 0

  private init(_ source: Source) {
    self.source = source
  }

  /// All tokens of a text, ending in one of kind `end`.
  static func tokens(of source: Source) -> [Token] {
    var lexer = Lexer(source)
    lexer.run()
    return lexer.tokens
  }

  func scalar(_ ahead: Int = 0) -> Unicode.Scalar? {
    let index = position + ahead
    return index < source.scalars.count ? source.scalars[index] : nil
  }

  private mutating func run() {
    baseIndentation = indentation(ofLineAt: 0)?.columns ?? 0
    while let next = scalar() {
      if next.isBlank {
        position += 1
      } else if next == "#" {
        skipComment()
      } else if next.isLineBreak {
        lineBreak()
      } else {
        let start = position
        let kind = readToken(next)
        add(kind, from: start)
      }
    }
    add(.end, from: position)
  }

  private mutating func add(_ kind: Token.Kind, from start: Int) {
    let isAdjacent = tokens.last.map { $0.span.upperBound == start } ?? false
    tokens.append(Token(kind: kind, span: start..<position, isAdjacent: isAdjacent))
  }

  private mutating func skipComment() {
    while let next = scalar(), !next.isLineBreak { position += 1 }
  }

  private mutating func lineBreak() {
    let start = position
    position += 1
    guard openBrackets == 0, let last = tokens.last, !last.isA(.pipe), !last.isA(.newline) else {
      return
    }
    if let next = indentation(ofLineAt: start + 1),
      next.columns > baseIndentation || next.first == "|"
    {
      position = next.offset  // past lines that say nothing, so that they are read once
      return
    }
    let end = last.span.upperBound
    tokens.append(Token(kind: .newline, span: end..<end, isAdjacent: true))
  }

  /// The indentation of the first line from here on that is neither blank nor a comment, what it
  /// starts with, and where.
  private func indentation(
    ofLineAt start: Int
  ) -> (columns: Int, first: Unicode.Scalar, offset: Int)? {
    var columns = 0
    var index = start
    while index < source.scalars.count {
      let next = source.scalars[index]
      if next.isLineBreak {
        columns = 0
      } else if next.isBlank {
        columns += 1
      } else if next == "#" {
        while index + 1 < source.scalars.count, !source.scalars[index + 1].isLineBreak {
          index += 1
        }
      } else {
        return (columns, next, index)
      }
      index += 1
    }
    return nil
  }

  private mutating func readToken(_ first: Unicode.Scalar) -> Token.Kind {
    switch first {
    case "=": return take(.equals)
    case "|": return take(.pipe)
    case ",": return take(.comma)
    case ":": return take(.colon)
    case ";": return take(.semicolon)
    case "(": return open(.parenthesis)
    case "[": return open(.square)
    case "{": return open(.brace)
    case ")": return close(.parenthesis)
    case "]": return close(.square)
    case "}": return close(.brace)
    case "\"": return string()
    case ".": return dots()
    case "-": return minus()
    case _ where first.isDigit: return number()
    case _ where first.startsWord: return word()
    case "/", "~", "\\", "@", "$", "*", "%": return path(from: position)
    default: return unexpected(first)
    }
  }

  private mutating func take(_ kind: Token.Kind) -> Token.Kind {
    position += 1
    return kind
  }

  private mutating func open(_ bracket: Token.Bracket) -> Token.Kind {
    openBrackets += 1
    return take(.opener(bracket))
  }

  private mutating func close(_ bracket: Token.Bracket) -> Token.Kind {
    openBrackets = max(0, openBrackets - 1)
    return take(.closer(bracket))
  }

  private mutating func word() -> Token.Kind {
    let start = position
    while let next = scalar() {
      let isHyphen = next == "-" && scalar(1)?.continuesWord == true
      guard next.continuesWord || isHyphen else { break }
      position += 1
    }
    if let next = scalar(), "/\\~@$*%".unicodeScalars.contains(next) { return path(from: start) }
    return .word(source.text(start..<position))
  }

  private mutating func dots() -> Token.Kind {
    let start = position
    while scalar() == "." { position += 1 }
    switch (position - start, scalar()) {
    case (1...2, "/"): return path(from: start)
    case (2, _): return .rangeDots
    case (1, let next?) where next.isDigit && tokens.last?.span.upperBound != start:
      while let next = scalar(), next.continuesWord { position += 1 }
      let text = source.text(start..<position)
      return .invalid(
        .syntax("a number starts with a digit.", hint: "write 0\(text)", at: start..<position))
    case (1, _): return .dot
    default:
      return .invalid(
        .syntax(
          "'\(source.text(start..<position).shortened(to: 12))' means nothing here.",
          hint: "a range is written 1..5, or 0..100..10 with a step", at: start..<position))
    }
  }

  private mutating func minus() -> Token.Kind {
    if scalar(1)?.isDigit == true { return number() }
    let start = position
    position += 1
    while let next = scalar(), next.continuesWord || next == "-" { position += 1 }
    let text = source.text(start..<position).shortened(to: 24)
    return .invalid(
      .syntax(
        "unexpected '\(text)'.", hint: "options are written key=value", at: start..<position))
  }

  /// Text that looks like a path or a pattern: it belongs in quotes.
  mutating func path(from start: Int) -> Token.Kind {
    let stops = "\"[](){},|;#=".unicodeScalars
    while let next = scalar(), !next.isBlank, !next.isLineBreak, !stops.contains(next) {
      position += 1
    }
    let text = source.text(start..<position)
    return .invalid(
      .syntax(
        "'\(text.shortened(to: 40))' needs quotes.",
        hint: "write \(Value.quoted(text.shortened(to: 60)))", at: start..<position))
  }

  private mutating func unexpected(_ first: Unicode.Scalar) -> Token.Kind {
    let start = position
    position += 1
    // Take the whole character a person sees, so that the caret stands under all of it.
    while let next = scalar(), next.properties.isGraphemeExtend { position += 1 }
    if "'\u{2018}\u{2019}\u{201C}\u{201D}`".unicodeScalars.contains(first) {
      return .invalid(
        .syntax(
          "unexpected \(source.text(start..<position)).",
          hint: #"text is written in straight double quotes: "…""#, at: start..<position))
    }
    let isVisible = first.value > 0x20 && first.properties.generalCategory != .control
    let name =
      isVisible
      ? "'\(source.text(start..<position))'"
      : "character U+" + String(first.value, radix: 16, uppercase: true).leftPadded(to: 4)
    return .invalid(.syntax("unexpected \(name).", at: start..<position))
  }
}

extension String {
  fileprivate func leftPadded(to count: Int) -> String {
    String(repeating: "0", count: Swift.max(0, count - utf8.count)) + self
  }
}
