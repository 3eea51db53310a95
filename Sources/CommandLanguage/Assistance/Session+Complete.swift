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
      let parameter = slot(at: index, tokens)?.parameter
      return files(
        inString: source.text(token.span.lowerBound + 1..<cursor), cursor: cursor,
        isOffered: { parameter?.box.offersFile($0) ?? true })
    }
    guard token.word != nil else { return CompletionList(items: [], start: cursor, end: cursor) }
    let candidates =
      token.isAdjacent && index > 0 && tokens[index - 1].isA(.dot)
      ? fields(before: index - 1, tokens, source) : self.candidates(at: index, tokens, source)
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

  private func candidates(
    at index: Int, _ tokens: [Token], _ source: Source
  ) -> [Completion] {
    let context = CursorContext(tokens, before: index)
    let stage = context.stage
    if stage.isHead, !context.isInsideValue {
      guard stage.isPiped else { return verbs(commands) + variableCompletions }
      let piped = tokens[..<index].lastIndex { $0.isA(.pipe) }
      return verbs(takers(of: piped.flatMap { valueOfStage(before: $0, tokens, source) }))
    }
    guard let command = stage.verb.flatMap({ commandsByName[$0] }) else {
      return variableCompletions
    }
    if index > 0, tokens[index - 1].isA(.rangeDots) {
      return variableCompletions.filter { self[variable: $0.text]?.number != nil }
    }
    let slot = self.slot(at: index, tokens)
    let values = slot.map { self.values(for: $0, of: command) } ?? []
    guard !context.isInsideValue, stage.pendingKey == nil else {
      return slot == nil ? variableCompletions : values
    }
    let options = parameters(of: command).filter {
      $0.kind == .option && !stage.usedKeys.contains($0.name)
    }
    return values
      + options.map { Completion($0.name + "=", .option, "\($0.doc) (\($0.details))") }
  }

  private func parameters(of command: any Command.Type) -> [Parameter] {
    command.init().parameters + command.otherOptions(in: self)
  }

  /// The parameter that a value at a place would be for, with the inputs before it.
  private func slot(
    at index: Int, _ tokens: [Token]
  ) -> (parameter: Parameter, inputs: [Value])? {
    let context = CursorContext(tokens, before: index)
    let stage = context.stage
    guard let command = stage.verb.flatMap({ commandsByName[$0] }) else { return nil }
    let place =
      context.isInsideValue
      ? stage.slot : stage.pendingKey.map { .key($0) } ?? .position(stage.positions)
    guard let place, let parameter = stage.parameter(place, of: parameters(of: command)) else {
      return nil
    }
    let inputs = stage.inputs.map { input in
      if case .symbol(let name) = input { self[variable: name] ?? input } else { input }
    }
    return (parameter, inputs)
  }

  /// The words that a parameter may be, and the variables that fit it.
  private func values(
    for slot: (parameter: Parameter, inputs: [Value]), of command: any Command.Type
  ) -> [Completion] {
    // What the inputs before it call for is all there is.
    let known = command.completions(of: slot.parameter.name, inputs: slot.inputs, in: self)
    if let known { return known }
    return slot.parameter.completions(in: self)
      + variableCompletions.filter { variable in
        self[variable: variable.text].map {
          slot.parameter.fits($0, lifts: command.lifts, in: self)
        } ?? false
      }
  }

  private var variableCompletions: [Completion] {
    variables.map { Completion($0.key, .variable, $0.value.text.shortened(to: 60)) }
  }

  // MARK: Pipes

  private func verbs(_ commands: [any Command.Type]) -> [Completion] {
    commands.map { Completion($0.name, .verb, $0.summary) }
  }

  /// The verbs that take a value as their first input; if the value is not known, those that take
  /// any input.
  private func takers(of value: Value?) -> [any Command.Type] {
    commands.filter { command in
      let first = command.init().parameters.first {
        $0.kind == .input || $0.kind == .variadicInput
      }
      guard let first, let value else { return first != nil }
      return first.fits(value, lifts: command.lifts, in: self)
    }
  }

  /// The value of a stage that is a variable or a field of one; nil for one that runs a verb.
  private func valueOfStage(
    before pipe: Int, _ tokens: [Token], _ source: Source
  ) -> Value? {
    let stage = CursorContext(tokens, before: pipe).stage
    let isAlone = stage.verb != nil && stage.positions == 0 && stage.usedKeys.isEmpty
    return isAlone && !stage.isPiped ? value(before: pipe, tokens, source) : nil
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
