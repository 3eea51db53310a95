extension Session {
  /// What Shift-Tab says about a place: a verb's help, an option's declaration, a variable's or
  /// field's summary; elsewhere in a command the help of its verb. Nil if there is nothing to say.
  ///
  /// - Parameter cursor: a Unicode scalar offset.
  public func inspect(_ text: String, at cursor: Int) -> Display? {
    let source = Source(text)
    let tokens = Lexer.tokens(of: source)
    let cursor = min(max(cursor, 0), source.scalars.count)
    // The token under the cursor, or the word that ends there.
    let under = tokens.firstIndex { $0.span.contains(cursor) && $0.word != nil }
    if let index = under
      ?? tokens.firstIndex(where: { $0.span.upperBound == cursor && $0.word != nil }),
      let word = tokens[index].word
    {
      return inspect(word, at: index, tokens, source)
    }
    let before = tokens.lastIndex { $0.span.upperBound <= cursor && !$0.isA(.end) }
    let context = CursorContext(tokens, before: before.map { $0 + 1 } ?? 0)
    return context.stage.verb.flatMap(verbHelp)
  }

  private func inspect(_ word: String, at index: Int, _ tokens: [Token], _ source: Source)
    -> Display?
  {
    let token = tokens[index]
    if token.isAdjacent, index > 0, tokens[index - 1].isA(.dot) {
      return value(before: index + 1, tokens, source).map(Self.about)
    }
    let context = CursorContext(tokens, before: index)
    let stage = context.stage
    let isArgument = !stage.isHead
    if isArgument, !context.isInsideValue, index + 1 < tokens.count, tokens[index + 1].isA(.equals),
      let verb = stage.verb, let command = commandsByName[verb]
    {
      let parameters = command.init().parameters + command.otherOptions(in: self)
      return parameters.first { $0.name == word }.map { about($0, of: command) }
    }
    let isCalled = !isArgument && index + 1 < tokens.count && tokens[index + 1].startsArgument
    if !isCalled, let value = self[variable: word] { return Self.about(value) }
    if !isArgument || stage.verb == HelpCommand.name, let help = verbHelp(word) { return help }
    return stage.verb.flatMap(verbHelp) ?? verbHelp(word)
  }

  private func verbHelp(_ name: String) -> Display? {
    commandsByName[name].map { HelpPage.page(for: $0, in: self).display() }
  }

  private func about(_ parameter: Parameter, of command: any Command.Type) -> Display {
    HelpPage(
      title: "\(command.name) \(parameter.name)=",
      parts: [.paragraph(parameter.doc), .paragraph(parameter.details)]
    ).display()
  }

  private static func about(_ value: Value) -> Display {
    var parts: [HelpPage.Part] = [.paragraph(value.text.shortened(to: 2_000))]
    if case .object(let object) = value, !object.fieldNames.isEmpty {
      parts.append(.paragraph("fields: " + object.fieldNames.prefix(100).joined(separator: ", ")))
    }
    return HelpPage(title: value.typeName, parts: parts).display()
  }
}

extension Token {
  /// Whether a word before it on the line is a verb with arguments.
  fileprivate var startsArgument: Bool {
    switch kind {
    case .word, .number, .string: true
    case .opener: !isAdjacent
    default: false
    }
  }
}
