/// Finds the values of statements and expressions in a session.
struct Evaluator {
  /// A value, and whether a person has seen it already.
  struct Outcome {
    var value: Value
    var isShown = false
  }

  let session: Session
  let source: Source

  func run(_ pipeline: Pipeline) throws(LanguageError) -> Outcome {
    var outcome: Outcome?
    for stage in pipeline.stages {
      if session.isInterrupted { throw .interrupted(at: stage.span) }
      switch stage {
      case .call(let call): outcome = try run(call, piped: outcome?.value)
      case .value(let expression): outcome = Outcome(value: try value(of: expression))
      }
    }
    return outcome ?? Outcome(value: .nothing)
  }

  private func run(_ call: Call, piped: Value?) throws(LanguageError) -> Outcome {
    let variable = session[variable: call.verb]
    if let variable, call.arguments.isEmpty, piped == nil { return Outcome(value: variable) }
    if let command = session.commandsByName[call.verb] {
      return try Binder(evaluator: self, call: call, piped: piped).run(command)
    }
    throw unknownVerb(call, isVariable: variable != nil, isPiped: piped != nil)
  }

  private func unknownVerb(_ call: Call, isVariable: Bool, isPiped: Bool) -> LanguageError {
    let name = call.verb.shortened(to: 40)
    if isVariable {
      return .name(
        "'\(name)' is a variable, not a verb.",
        hint: "a command starts with its verb: show \(name)",
        at: call.verbSpan)
    }
    if name == "_" { return .name("'_' has no value yet.", at: call.verbSpan) }
    let verbs = session.commands.map { $0.name }
    guard call.arguments.isEmpty, !isPiped else {
      return .name("no verb '\(name)'" + Suggestion.question(call.verb, verbs), at: call.verbSpan)
    }
    return .name(
      "no verb or variable '\(name)'"
        + Suggestion.question(call.verb, verbs + session.variables.keys),
      hint: session.origin(of: call.verb), at: call.verbSpan)
  }

  // MARK: Values

  func value(of expression: Expression) throws(LanguageError) -> Value {
    switch expression.kind {
    case .number(let number): return .number(number)
    case .string(let text): return .string(text)
    case .boolean(let flag): return .boolean(flag)
    case .word(let word):
      if let value = session[variable: word] { return value }
      if word == "_" { throw .name("'_' has no value yet.", at: expression.span) }
      return .symbol(word)
    case .list(let items):
      return try checked(.list(try values(of: items)), at: expression.span)
    case .map(let entries):
      var map = ValueMap()
      for entry in entries { map[entry.key] = try value(of: entry.value) }
      return try checked(.map(map), at: expression.span)
    case .form(let name, let items):
      return .call(name: name, arguments: try values(of: items))
    case .range(let start, let end, let step):
      let (first, last) = (try number(start), try number(end))
      let stride: Double? = if let step { try number(step) } else { nil }
      do {
        return .range(try NumberRange(from: first, through: last, by: stride))
      } catch {
        throw error.located(at: expression.span)
      }
    case .field(let base, let name, let nameSpan):
      return try field(name, of: base, at: nameSpan)
    case .index(let base, let index):
      return try element(try value(of: index), of: base, at: index.span)
    case .nested(let pipeline):
      return try run(pipeline).value
    }
  }

  private func values(of items: [Expression]) throws(LanguageError) -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(items.count)
    for item in items { values.append(try value(of: item)) }
    return values
  }

  /// Lists that grow by being put into one another (`x = [x]`) must stop before the stack does.
  private func checked(_ value: Value, at span: Range<Int>) throws(LanguageError) -> Value {
    guard !value.isDeeper(than: Parser.maximumDepth) else {
      throw .argument("lists are nested more than \(Parser.maximumDepth) deep.", at: span)
    }
    return value
  }

  private func number(_ expression: Expression) throws(LanguageError) -> Double {
    let value = try value(of: expression)
    guard let number = value.number else {
      throw .type("a range wants numbers; got \(value.briefly).", at: expression.span)
    }
    return number
  }

  // MARK: Fields and elements

  /// The value before a `.` or `[`: a word there must be a variable.
  private func base(_ expression: Expression, field: String?) throws(LanguageError) -> Value {
    let value = try value(of: expression)
    guard case .word(let word) = expression.kind, case .symbol = value else { return value }
    throw .name(
      "no variable '\(word.shortened(to: 40))'"
        + Suggestion.question(word, session.variables.keys),
      hint: session.origin(of: word)
        ?? field.map { "if it is a file, write \"\(word.shortened(to: 40)).\($0)\"" },
      at: expression.span)
  }

  private func field(
    _ name: String, of expression: Expression, at span: Range<Int>
  ) throws(LanguageError) -> Value {
    let value = try base(expression, field: name)
    let names: [String]
    switch value {
    case .object(let object):
      if let field = object.field(name) { return field }
      names = object.fieldNames
    case .map(let map):
      if let entry = map[name] { return entry }
      names = map.keys
    default: names = []
    }
    guard !names.isEmpty else { throw .name("\(value.typeName) has no fields.", at: span) }
    throw .name(
      "\(value.typeName) has no field '\(name.shortened(to: 40))'"
        + Suggestion.question(name, names),
      hint: "fields: " + names.prefix(40).joined(separator: ", "), at: span)
  }

  private func element(
    _ index: Value, of expression: Expression, at span: Range<Int>
  ) throws(LanguageError) -> Value {
    let value = try base(expression, field: nil)
    switch value {
    case .object(let object):
      if let element = object.element(index) { return element }
      throw .argument("\(value.typeName) has no [\(index.text.shortened(to: 24))].", at: span)
    case .map(let map):
      let key = index.word ?? index.text
      if let entry = map[key] { return entry }
      throw .name(
        "the map has no key '\(key.shortened(to: 40))'" + Suggestion.question(key, map.keys),
        at: span)
    case .list, .range:
      let elements = value.elements ?? []
      guard let number = index.number, let position = Int(exactly: number) else {
        throw .type("a list wants a whole number in [ ]; got \(index.briefly).", at: span)
      }
      let offset = position < 0 ? elements.count + position : position
      guard elements.indices.contains(offset) else {
        throw .argument(
          "[\(position)] is outside the list; it has \(elements.count.grouped) items, counted from 0.",
          at: span)
      }
      return elements[offset]
    default:
      throw .type("\(value.typeName) has no items.", at: span)
    }
  }
}
