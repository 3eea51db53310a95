extension Parser {
  mutating func value() throws(LanguageError) -> Expression {
    let start = try postfix()
    guard current.isA(.rangeDots) else { return start }
    advance()
    let end = try postfix()
    var step: Expression?
    if current.isA(.rangeDots) {
      advance()
      step = try postfix()
    }
    return Expression(
      kind: .range(start, end, step: step), span: start.span.lowerBound..<endOfLast)
  }

  private mutating func postfix() throws(LanguageError) -> Expression {
    var expression = try primary()
    var length = 0
    while current.isAdjacent {
      if current.isA(.dot) {
        advance()
        guard let name = current.word, current.isAdjacent else {
          throw rejected(missingField())
        }
        let nameSpan = advance().span
        expression = Expression(
          kind: .field(expression, name: name, nameSpan: nameSpan),
          span: expression.span.lowerBound..<nameSpan.upperBound)
      } else if current.opens(.square) {
        let open = advance()
        let index = try deeper { parser throws(LanguageError) in try parser.value() }
        try close(.square, openedAt: open.span)
        expression = Expression(
          kind: .index(expression, index), span: expression.span.lowerBound..<endOfLast)
      } else {
        break
      }
      length += 1
      guard length <= Self.maximumDepth else { throw tooDeep(at: expression.span) }
    }
    return expression
  }

  private func missingField() -> LanguageError {
    var error = LanguageError.syntax(
      "a field's name is missing after '.'.", at: tokens[index - 1].span)
    error.lack = current.isA(.end) ? .more : nil
    return error
  }

  private mutating func primary() throws(LanguageError) -> Expression {
    let token = current
    switch token.kind {
    case .number(let number):
      advance()
      return Expression(kind: .number(number), span: token.span)
    case .string(let text):
      advance()
      return Expression(kind: .string(text), span: token.span)
    case .word(let word):
      advance()
      if current.isAdjacent, current.opens(.parenthesis) {
        let open = advance()
        let values = try items(until: .parenthesis, openedAt: open.span)
        return Expression(kind: .form(word, values), span: token.span.lowerBound..<endOfLast)
      }
      let kind: Expression.Kind =
        word == "true" ? .boolean(true) : word == "false" ? .boolean(false) : .word(word)
      return Expression(kind: kind, span: token.span)
    case .opener(.square):
      advance()
      let values = try items(until: .square, openedAt: token.span)
      return Expression(kind: .list(values), span: token.span.lowerBound..<endOfLast)
    case .opener(.brace):
      advance()
      let entries = try entries(openedAt: token.span)
      return Expression(kind: .map(entries), span: token.span.lowerBound..<endOfLast)
    case .opener(.parenthesis):
      advance()
      try checkOpen(openedAt: token.span)
      let pipeline = try deeper { parser throws(LanguageError) in try parser.pipeline() }
      try close(.parenthesis, openedAt: token.span)
      return Expression(kind: .nested(pipeline), span: token.span.lowerBound..<endOfLast)
    default:
      throw unexpected()
    }
  }

  /// Values with commas between them, up to the closing bracket; a comma may end them.
  private mutating func items(
    until bracket: Token.Bracket, openedAt open: Range<Int>
  ) throws(LanguageError) -> [Expression] {
    try deeper { parser throws(LanguageError) in
      var values: [Expression] = []
      while !parser.current.closes(bracket) {
        try parser.checkOpen(openedAt: open)
        values.append(try parser.value())
        guard parser.current.isA(.comma) else { break }
        parser.advance()
      }
      try parser.close(bracket, openedAt: open)
      return values
    }
  }

  /// `key: value` pairs with commas between them.
  private mutating func entries(
    openedAt open: Range<Int>
  ) throws(LanguageError) -> [(key: String, value: Expression)] {
    try deeper { parser throws(LanguageError) in
      var entries: [(key: String, value: Expression)] = []
      var keys: Set<String> = []
      while !parser.current.closes(.brace) {
        try parser.checkOpen(openedAt: open)
        let key = try parser.key()
        guard keys.insert(key).inserted else {
          let span = parser.tokens[parser.index - 1].span
          throw .syntax("the key \(Value.quoted(key.shortened(to: 24))) is given twice.", at: span)
        }
        try parser.checkOpen(openedAt: open)
        guard parser.current.isA(.colon) else {
          throw parser.rejected(
            .syntax(
              "a ':' is missing after the key.", hint: "a map is written {key: value, …}",
              at: parser.current.span))
        }
        parser.advance()
        try parser.checkOpen(openedAt: open)
        entries.append((key, try parser.value()))
        guard parser.current.isA(.comma) else { break }
        parser.advance()
      }
      try parser.close(.brace, openedAt: open)
      return entries
    }
  }

  private mutating func key() throws(LanguageError) -> String {
    switch current.kind {
    case .word(let word):
      advance()
      return word
    case .string(let text):
      advance()
      return text
    case .number(let number):
      advance()
      return number.plainText
    default:
      throw rejected(
        .syntax(
          "a key is a word or a string.", hint: "a map is written {key: value, …}",
          at: current.span))
    }
  }

  private mutating func close(
    _ bracket: Token.Bracket, openedAt open: Range<Int>
  ) throws(LanguageError) {
    try checkOpen(openedAt: open)
    guard current.closes(bracket) else {
      let needsComma = bracket != .parenthesis && !current.isA(.equals) && !isCloser
      throw rejected(
        .syntax(
          "expected '\(bracket.closeText)', found \(describe(current)).",
          hint: needsComma ? "items are set apart by commas" : nil, at: current.span))
    }
    advance()
  }

  private var isCloser: Bool { if case .closer = current.kind { true } else { false } }

  /// Throws if the text ends while a bracket is open.
  private func checkOpen(openedAt open: Range<Int>) throws(LanguageError) {
    guard current.isA(.end) else { return }
    var error = LanguageError.syntax("this bracket is never closed.", at: open)
    error.lack = .more
    throw error
  }
}
