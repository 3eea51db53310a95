/// Ties the arguments of a call to the parameters of its command, and runs it.
struct Binder {
  /// An argument with its value.
  struct Given {
    let value: Value
    /// The bare word it was written as, if it was one.
    let word: String?
    /// The items it was written as, if it was a list.
    let items: [Expression]?
    let span: Range<Int>
  }

  /// A parameter that got a list: one converted value for each element.
  struct LiftedParameter {
    let index: Int
    let axis: Grid.Axis
    let converted: [any ConvertedArgument]
  }

  let evaluator: Evaluator
  let call: Call
  /// The value that the call gets as its first input.
  let piped: Value?

  var session: Session { evaluator.session }

  func run<C: Command>(_ type: C.Type) throws(LanguageError) -> Evaluator.Outcome {
    let command = type.init()
    let parameters = command.parameters
    let slots = try assign(parameters, type: type)
    let inputs = try evaluate(slots, parameters)
    var lifted: [LiftedParameter] = []
    var fixed: [(index: Int, converted: any ConvertedArgument)] = []
    for (index, given) in inputs {
      let parameter = parameters[index]
      do {
        if type.lifts, given.count == 1, given[0].value.runs != nil,
          !parameter.box.isOne(given[0].value)
        {
          lifted.append(try lift(given[0], parameter, at: index))
        } else {
          fixed.append((index, try convert(given, parameter)))
        }
      } catch {
        throw swapped(index, among: inputs, parameters) ?? error
      }
    }
    for (index, converted) in fixed { converted.put(into: parameters[index].box) }
    guard lifted.isEmpty else {
      return Evaluator.Outcome(value: .object(try grid(type, fixed: fixed, lifted: lifted)))
    }
    return try run(command)
  }

  /// Runs a command whose parameters have their values.
  func run(_ command: some Command) throws(LanguageError) -> Evaluator.Outcome {
    do {
      let result = try command.run(in: session)
      return Evaluator.Outcome(value: result.value, isShown: result is Shown)
    } catch {
      // Lower rooms have their own ways of saying that they were stopped.
      if session.isInterrupted { throw .interrupted(at: call.verbSpan) }
      let problem = LanguageError(error)
      throw problem.located(at: place(of: problem.parameter, in: command.parameters))
    }
  }

  // MARK: Which argument goes where

  /// What a slot of a parameter was given: an argument of the call, or the value piped in.
  enum Source {
    case argument(Argument)
    case piped(Value)
  }

  private func assign(
    _ parameters: [Parameter], type: any Command.Type
  ) throws(LanguageError) -> [(index: Int, sources: [Source])] {
    var slots: [Int: [Source]] = [:]
    for argument in call.arguments {
      guard let key = argument.key else { continue }
      let index = try option(key, parameters, type: type, at: argument)
      // Other options share a slot; the same key twice is refused below.
      if parameters[index].kind != .otherOptions, slots[index] != nil {
        throw .argument("\(key)= is given twice.", at: argument.span)
      }
      slots[index, default: []].append(.argument(argument))
    }
    let inputs = parameters.indices.filter {
      parameters[$0].kind == .input || parameters[$0].kind == .variadicInput
    }
    var free = inputs.filter { slots[$0] == nil }[...]
    var positional = piped.map { [Source.piped($0)] } ?? []
    positional += call.arguments.filter { $0.key == nil }.map(Source.argument)
    for source in positional {
      guard let index = free.first else {
        throw tooMany(inputs.count, source, type: type)
      }
      slots[index, default: []].append(source)
      let takesMore = parameters[index].kind == .variadicInput && index == inputs.last
      if !takesMore { free = free.dropFirst() }
    }
    for (index, parameter) in parameters.enumerated()
    where parameter.isRequired && slots[index] == nil {
      throw missing(parameter, parameters, type: type)
    }
    return slots.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  private func option(
    _ key: String, _ parameters: [Parameter], type: any Command.Type, at argument: Argument
  ) throws(LanguageError) -> Int {
    if let index = parameters.firstIndex(where: { $0.name == key && $0.kind != .otherOptions }) {
      return index
    }
    let others = type.otherOptions(in: session).map(\.name)
    let rest = parameters.firstIndex { $0.kind == .otherOptions }
    if let rest, others.contains(key) { return rest }
    let names = parameters.filter { $0.kind == .option }.map(\.name) + others
    let keySpan = argument.span.lowerBound..<argument.span.lowerBound + key.unicodeScalars.count
    let all = parameters.filter { $0.kind != .otherOptions }.map(\.name) + others
    throw .argument(
      "\(type.name) has no option '\(key.shortened(to: 40))'" + Suggestion.question(key, all),
      hint: asTwoCalls
        ?? (names.isEmpty
          ? "it has none" : "options of \(type.name): " + names.joined(separator: ", ")),
      at: keySpan)
  }

  private func tooMany(_ count: Int, _ source: Source, type: any Command.Type) -> LanguageError {
    let takes =
      count == 0
      ? "takes no input" : "takes \(count == 1 ? "one input" : "\(count) inputs")"
    let span: Range<Int>
    let found: String
    switch source {
    case .argument(let argument):
      span = argument.span
      found = evaluator.source.text(argument.span).shortened(to: 24)
    case .piped(let value):
      span = call.verbSpan
      found = value.briefly
    }
    return .argument(
      "\(type.name) \(takes); \(found) is one too many.",
      hint: asTwoCalls ?? "usage: \(type.usage)", at: span)
  }

  // MARK: Values

  /// The values of all arguments, inputs first and then options, in the order of the text.
  private func evaluate(
    _ slots: [(index: Int, sources: [Source])], _ parameters: [Parameter]
  ) throws(LanguageError) -> [(index: Int, given: [Given])] {
    var result: [(index: Int, given: [Given], start: Int)] = []
    for (index, sources) in slots {
      let parameter = parameters[index]
      if parameter.kind == .otherOptions {
        result.append((index, [try otherOptions(sources)], .max))
        continue
      }
      var given: [Given] = []
      for source in sources {
        switch source {
        case .piped(let value):
          given.append(Given(value: value, word: nil, items: nil, span: call.verbSpan))
        case .argument(let argument):
          given.append(try self.given(argument, takesWord: parameter.takesWord))
        }
      }
      let start = parameter.kind == .option ? given.first?.span.lowerBound ?? 0 : -1
      result.append((index, given, start))
    }
    let ordered = result.sorted { ($0.start, $0.index) < ($1.start, $1.index) }
    return ordered.map { ($0.index, $0.given) }
  }

  private func given(_ argument: Argument, takesWord: Bool) throws(LanguageError) -> Given {
    switch argument.value.kind {
    case .word(let word):
      let value = takesWord ? .symbol(word) : try evaluator.value(of: argument.value)
      return Given(value: value, word: word, items: nil, span: argument.span)
    case .list(let items):
      return Given(
        value: try evaluator.value(of: argument.value), word: nil, items: items, span: argument.span
      )
    default:
      return Given(
        value: try evaluator.value(of: argument.value), word: nil, items: nil, span: argument.span)
    }
  }

  private func otherOptions(_ sources: [Source]) throws(LanguageError) -> Given {
    var map = ValueMap()
    for case .argument(let argument) in sources {
      guard let key = argument.key else { continue }
      guard map[key] == nil else { throw .argument("\(key)= is given twice.", at: argument.span) }
      map[key] = try evaluator.value(of: argument.value)
    }
    return Given(value: .map(map), word: nil, items: nil, span: call.span)
  }

  // MARK: Conversion

  private func convert(
    _ given: [Given], _ parameter: Parameter
  ) throws(LanguageError) -> any ConvertedArgument {
    let span = given[0].span.lowerBound..<given[given.count - 1].span.upperBound
    if parameter.kind == .variadicInput {
      let isListOfAll =
        given.count == 1 && !parameter.elementsAcceptLists && given[0].value.elements != nil
      let list = isListOfAll ? given[0].value : .list(given.map(\.value))
      let words = Value.list(given.map { $0.word.map(Value.symbol) ?? $0.value })
      return try convert(
        list, orWord: given.contains { $0.word != nil } ? words : nil, parameter, at: span)
    }
    return try convert(
      given[0].value, orWord: given[0].word.map(Value.symbol), parameter, at: span)
  }

  /// Converts a value; if that fails, the bare word as it was written. So `dataset sst2` works
  /// when `sst2` has become a variable, and a cell can be run twice.
  private func convert(
    _ value: Value, orWord word: Value?, _ parameter: Parameter, at span: Range<Int>
  ) throws(LanguageError) -> any ConvertedArgument {
    do {
      return try parameter.box.convert(value, in: session)
    } catch {
      let isStandIn =
        switch value {
        case .object, .list: true
        default: parameter.choices != nil
        }
      if let word, isStandIn, error is Misfit,
        let converted = try? parameter.box.convert(word, in: session)
      {
        return converted
      }
      if session.isInterrupted { throw .interrupted(at: span) }
      if case .symbol(let name) = value, word != nil, case Misfit.type = error,
        parameter.kind != .option
      {
        throw unknownName(name, parameter, at: span)
      }
      var problem = Self.explain(error, verb: call.verb, parameter: parameter, value: value)
      if case Misfit.type = error { problem.hint = advice(value, parameter, at: span) }
      throw problem.located(at: span)
    }
  }

  // MARK: Lifting

  private func lift(
    _ given: Given, _ parameter: Parameter, at index: Int
  ) throws(LanguageError) -> LiftedParameter {
    let elements = given.value.runs ?? []
    guard !elements.isEmpty else {
      throw .argument(
        "\(parameter.name)= has an empty list: there is nothing to run.", at: given.span)
    }
    let items = given.items?.count == elements.count ? given.items : nil
    var converted: [any ConvertedArgument] = []
    var labels: [String] = []
    for (position, element) in elements.enumerated() {
      let item = items?[position]
      var word: String?
      if case .word(let text)? = item?.kind { word = text }
      converted.append(
        try convert(
          element, orWord: word.map(Value.symbol), parameter, at: item?.span ?? given.span))
      labels.append(word ?? element.plainText)
    }
    let grid = given.value.object(Grid.self)
    return LiftedParameter(
      index: index,
      axis: grid?.asOneAxis
        ?? Grid.Axis(name: parameter.name, values: elements, labels: labels),
      converted: converted)
  }
}

extension Value {
  /// What a command is run over that is given this where it takes one: the elements of a list or a
  /// range, the cells of a grid.
  fileprivate var runs: [Value]? { elements ?? object(Grid.self)?.cells }
}

extension Grid {
  /// The grid as the axis of another: its cells, called what its own axes call them.
  fileprivate var asOneAxis: Axis {
    Axis(
      name: axes.map(\.name).joined(separator: " "), values: cells,
      labels: cells.indices.map { index in
        zip(axes, coordinates(of: index)).map { $0.labels[$1] }.joined(separator: " ")
      })
  }
}
