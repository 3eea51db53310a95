extension Session {
  /// What Tab offers.
  ///
  /// - Parameters:
  ///   - text: the cell.
  ///   - cursor: a Unicode scalar offset; one outside the text is taken to its nearest end.
  public func complete(_ text: String, at cursor: Int) -> CompletionList {
    let scalars = Array(text.unicodeScalars)
    let cursor = min(max(cursor, 0), scalars.count)
    // A letter at the cursor makes the lexer see the word that is being written, even an empty one.
    var prefix = String.UnicodeScalarView()
    prefix.append(contentsOf: scalars[..<cursor])
    prefix.append("x")
    let source = Source(String(prefix))
    let tokens = Lexer.tokens(of: source)
    guard let index = tokens.lastIndex(where: { $0.span.contains(cursor) }) else {
      return CompletionList(items: [], start: cursor, end: cursor)
    }
    let token = tokens[index]
    if source.scalars[token.span.lowerBound] == "\"" {
      return files(inString: source.text(token.span.lowerBound + 1..<cursor), cursor: cursor)
    }
    guard token.word != nil else { return CompletionList(items: [], start: cursor, end: cursor) }
    let candidates =
      token.isAdjacent && index > 0 && tokens[index - 1].isA(.dot)
      ? fields(before: index - 1, tokens, source) : self.candidates(at: index, tokens)
    let start = token.span.lowerBound
    return CompletionList(
      items: Self.matching(source.text(start..<cursor), candidates), start: start, end: cursor)
  }

  /// The candidates that start with a prefix; if none does, those that do but for case.
  private static func matching(_ prefix: String, _ candidates: [Completion]) -> [Completion] {
    var seen: Set<String> = []
    let unique = candidates.filter { seen.insert($0.text).inserted }
    let exact = unique.filter { $0.text.hasPrefix(prefix) }
    let lowered = prefix.lowercased()
    return exact.isEmpty ? unique.filter { $0.text.lowercased().hasPrefix(lowered) } : exact
  }

  private func candidates(at index: Int, _ tokens: [Token]) -> [Completion] {
    let context = CursorContext(tokens, before: index)
    let stage = context.stage
    if stage.isHead, !context.isInsideValue {
      let verbs = commands.map { Completion($0.name, .verb, $0.summary) }
      return stage.isPiped ? verbs : verbs + variableCompletions
    }
    guard let verb = stage.verb, let command = commandsByName[verb] else {
      return variableCompletions
    }
    let parameters = command.init().parameters + command.otherOptions(in: self)
    if context.isInsideValue {
      let inner = stage.slot.flatMap { stage.parameter($0, of: parameters) }
      return values(of: inner) + variableCompletions
    }
    if let key = stage.pendingKey {
      return values(of: stage.parameter(.key(key), of: parameters)) + variableCompletions
    }
    if index > 0, tokens[index - 1].isA(.rangeDots) { return variableCompletions }
    let input = stage.parameter(.position(stage.positions), of: parameters)
    let options = parameters.filter {
      ($0.kind == .option || $0.kind == .input) && !stage.usedKeys.contains($0.name)
    }
    let inputs = input.map { _ in variableCompletions } ?? []
    return values(of: input) + inputs
      + options.filter { $0.kind == .option }.map {
        Completion($0.name + "=", .option, "\($0.doc) (\($0.details))")
      }
  }

  private func values(of parameter: Parameter?) -> [Completion] {
    parameter?.completions(in: self) ?? []
  }

  private var variableCompletions: [Completion] {
    variables.map { Completion($0.key, .variable, $0.value.text.shortened(to: 60)) }
  }

  // MARK: Fields

  private func fields(before dot: Int, _ tokens: [Token], _ source: Source) -> [Completion] {
    guard let value = value(before: dot, tokens, source) else { return [] }
    return switch value {
    case .object(let object):
      object.fieldNames.map {
        Completion($0, .field, object.field($0)?.typeName ?? "")
      }
    case .map(let map): map.map { Completion($0.key, .field, $0.value.typeName) }
    default: []
    }
  }

  /// The value of the chain of names and indices that ends before a token. It runs no command.
  func value(before end: Int, _ tokens: [Token], _ source: Source) -> Value? {
    var start = end
    var openBrackets = 0
    scan: while start > 0 {
      let token = tokens[start - 1]
      switch token.kind {
      case .closer(.square): openBrackets += 1
      case .opener(.square):
        guard openBrackets > 0 else { break scan }
        openBrackets -= 1
      case .word, .dot: break
      case .number, .string:
        guard openBrackets > 0 else { break scan }
      default: break scan
      }
      start -= 1
      guard token.isAdjacent || openBrackets > 0 else { break }
    }
    guard start < end else { return nil }
    let text = source.text(tokens[start].span.lowerBound..<tokens[end - 1].span.upperBound)
    let chain = Source(text)
    guard let statement = try? Parser.statements(of: chain).first, statement.targets.isEmpty,
      statement.pipeline.stages.count == 1
    else { return nil }
    switch statement.pipeline.stages[0] {
    case .call(let call): return call.arguments.isEmpty ? self[variable: call.verb] : nil
    case .value(let expression):
      return try? Evaluator(session: self, source: chain).value(of: expression)
    }
  }
}
