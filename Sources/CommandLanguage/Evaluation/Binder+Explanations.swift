extension Binder {
  // MARK: Arguments that do not fit

  func unknownName(
    _ name: String, _ parameter: Parameter, at span: Range<Int>
  ) -> LanguageError {
    let known = session.variables.keys + parameter.completions(in: session).map(\.text)
    return .name(
      "\(call.verb) wants \(parameter.typeDescription); there is no variable '\(name.shortened(to: 40))'"
        + Suggestion.question(name, known),
      hint: asTwoCalls ?? advice(.symbol(name), parameter, at: span), at: span)
  }

  /// What to write in place of a value that is of the wrong kind.
  func advice(_ value: Value, _ parameter: Parameter, at span: Range<Int>) -> String? {
    let text = span == call.verbSpan ? value.text : evaluator.source.text(span)
    let key = "\(parameter.name)="
    let written = text.hasPrefix(key) ? String(text.dropFirst(key.count)) : text
    return parameter.box.advice(insteadOf: value, written: written, in: session)
      ?? nearWord(value, parameter)
  }

  /// `did you mean 'label'?`, for a word, or one of a list, that is nearly one of those offered.
  private func nearWord(_ value: Value, _ parameter: Parameter) -> String? {
    guard parameter.kind == .option else { return nil }
    let offered = parameter.completions(in: session).map(\.text)
    let words = (value.elements ?? [value]).compactMap(\.word).filter { !offered.contains($0) }
    return words.lazy.compactMap { Suggestion.nearest(to: $0, in: offered) }.first
      .map { "did you mean '\($0)'?" }
  }

  /// What to say of an argument that does not fit.
  static func explain(
    _ error: any Error, verb: String, parameter: Parameter, value: Value
  ) -> LanguageError {
    let isOption = parameter.kind == .option
    let written = "\(parameter.name)=\(value.text.shortened(to: 40))"
    switch error as? Misfit {
    case .type:
      let who = isOption ? "\(parameter.name)=" : verb
      return .type("\(who) wants \(parameter.typeDescription); got \(value.briefly).")
    case .limits(let limits):
      // Limits to one side are words: `at least 1`.
      let isRange = limits.contains("..")
      return .argument("\(written) \(isRange ? "is outside" : "should be") \(limits).")
    case .choice(let choices):
      return .argument(
        "\(written) is not \(listed(choices, "or"))"
          + Suggestion.question(value.word ?? "", choices))
    case nil:
      return LanguageError(error)
    }
  }

  /// The error for two inputs that would fit if they changed places; nil if they would not.
  func swapped(
    _ index: Int, among inputs: [(index: Int, given: [Given])], _ parameters: [Parameter]
  ) -> LanguageError? {
    func only(_ entry: (index: Int, given: [Given])) -> Given? {
      parameters[entry.index].kind == .input && entry.given.count == 1 ? entry.given[0] : nil
    }
    guard !session.isInterrupted,
      let mine = inputs.first(where: { $0.index == index }).flatMap(only)
    else { return nil }
    for entry in inputs where entry.index != index {
      guard let other = only(entry), fits(mine, parameters[entry.index]),
        fits(other, parameters[index])
      else { continue }
      let (first, second) = (min(index, entry.index), max(index, entry.index))
      return .type(
        "\(call.verb) wants \(parameters[first].typeDescription) first, then "
          + "\(parameters[second].typeDescription); here they have changed places.",
        hint: inOrder(mine, parameters[entry.index], other, parameters[index]),
        at: min(
          mine.span.lowerBound, other.span.lowerBound)..<max(
            mine.span.upperBound, other.span.upperBound))
    }
    return nil
  }

  /// Whether a value, or each element of a list of them, fits a parameter.
  private func fits(_ given: Given, _ parameter: Parameter) -> Bool {
    let values = parameter.acceptsList ? nil : given.value.elements
    return (values ?? [given.value]).allSatisfy {
      (try? parameter.box.convert($0, in: session)) != nil
    }
  }

  /// How the call is written with two of its inputs in the other order.
  private func inOrder(
    _ a: Given, _ parameterOfA: Parameter, _ b: Given, _ parameterOfB: Parameter
  ) -> String {
    // What is piped in comes first, unless the other one goes by its name.
    if a.span == call.verbSpan {
      return "name the other one: \(parameterOfB.name)=\(evaluator.source.text(b.span))"
    }
    if b.span == call.verbSpan {
      return "name the other one: \(parameterOfA.name)=\(evaluator.source.text(a.span))"
    }
    let words = call.arguments.map { argument in
      switch argument.span {
      case a.span: evaluator.source.text(b.span)
      case b.span: evaluator.source.text(a.span)
      default: evaluator.source.text(argument.span)
      }
    }
    return "write " + ([call.verb] + words).joined(separator: " ").shortened(to: 120)
  }

  /// The error for an input or option that is not there.
  func missing(
    _ parameter: Parameter, _ parameters: [Parameter], type: any Command.Type
  ) -> LanguageError {
    if let error = skipped(before: parameter, parameters, type: type) { return error }
    let isOption = parameter.kind == .option
    let what =
      isOption ? "\(parameter.name)= (\(parameter.typeDescription))" : parameter.typeDescription
    return .argument(
      "\(type.name) wants \(what); none is given.",
      hint: "\(parameter.name): \(parameter.doc)\nusage: \(type.usage)", at: call.verbSpan)
  }

  /// The error for a call whose only word would do for the input that is missing, but not for the
  /// one in whose place it stands: `saliency sst2`, where a model should come first.
  private func skipped(
    before missing: Parameter, _ parameters: [Parameter], type: any Command.Type
  ) -> LanguageError? {
    let inputs = parameters.filter { $0.kind == .input }
    guard call.arguments.first?.key == nil, piped == nil, inputs.count > 1,
      inputs[1].name == missing.name, let argument = call.arguments.first,
      case .word(let word) = argument.value.kind
    else { return nil }
    let value = session[variable: word] ?? .symbol(word)
    let given = Given(value: value, word: word, items: nil, span: argument.span)
    guard fits(given, missing), !fits(given, inputs[0]) else { return nil }
    return .argument(
      "\(type.name) wants \(inputs[0].typeDescription) before \(word).",
      hint: "\(inputs[0].name): \(inputs[0].doc)\nusage: \(type.usage)", at: argument.span)
  }

  // MARK: Which argument is to blame

  /// Where the argument for a parameter stands; the verb, if none does.
  func place(of name: String?, in parameters: [Parameter]) -> Range<Int> {
    guard let name else { return call.verbSpan }
    let keys = call.arguments.compactMap(\.key)
    if let argument = call.arguments.first(where: { $0.key == name }) { return argument.span }
    let inputs = parameters.filter { $0.kind == .input && !keys.contains($0.name) }
    let positional = call.arguments.filter { $0.key == nil }
    guard let position = inputs.firstIndex(where: { $0.name == name }) else {
      return call.verbSpan
    }
    let index = position - (piped == nil ? 0 : 1)
    return positional.indices.contains(index) ? positional[index].span : call.verbSpan
  }
}
