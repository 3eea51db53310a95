extension Binder {
  /// How the call is written with the command that one of its words begins: in parentheses where an
  /// input is free, `write saliency mini (prompt sst2)`, or behind a bar where none is, `write saliency
  /// mini sst2 | plot`. Nil if none of its words is a verb that could stand there.
  var asTwoCalls: String? {
    guard let start = call.arguments.firstIndex(where: { verb($0) != nil }),
      let other = verb(call.arguments[start])?.init(),
      let outer = session.commandsByName[call.verb]?.init()
    else { return nil }
    let (before, behind) = (call.arguments[..<start], call.arguments[(start + 1)...])
    let given = before.count { $0.key == nil } + (piped == nil ? 0 : 1)
    let input = freeInput(of: outer, behind: given)
    let names = other.parameters.map(\.name)
    let words = behind.filter { $0.key.map(names.contains) ?? true }.map(text)
    let rest = behind.filter { !($0.key.map(names.contains) ?? true) }.map(text)
    let otherCall = ([type(of: other).name] + words).joined(separator: " ")
    let taken = behind.count { $0.key == nil }
    let advised: [String]
    if let input {
      // A name or a file is meant as it is written.
      guard !input.takesOnlyWords(in: session), hasRoom(other, for: taken) else { return nil }
      advised = [call.verb] + before.map(text) + ["(\(otherCall))"] + rest
    } else {
      guard let first = freeInput(of: other, behind: 0), first.takesAnything(in: session),
        hasRoom(other, for: taken + 1)
      else { return nil }
      advised = [call.verb] + before.map(text) + rest + ["|", otherCall]
    }
    return "write " + advised.joined(separator: " ").shortened(to: 120)
  }

  /// The verb that an argument is, written alone.
  private func verb(_ argument: Argument) -> (any Command.Type)? {
    guard argument.key == nil, case .word(let word) = argument.value.kind else { return nil }
    return session.commandsByName[word]
  }

  private func text(_ argument: Argument) -> String { evaluator.source.text(argument.span) }

  /// The input that the next value goes to, where so many have gone to those before it; nil if none
  /// is free.
  private func freeInput(of command: any Command, behind given: Int) -> Parameter? {
    let keys = call.arguments.compactMap(\.key)
    let inputs = command.parameters.filter {
      ($0.kind == .input || $0.kind == .variadicInput) && !keys.contains($0.name)
    }
    if inputs.indices.contains(given) { return inputs[given] }
    return inputs.last.flatMap { $0.kind == .variadicInput ? $0 : nil }
  }

  /// Whether a command takes so many inputs.
  private func hasRoom(_ command: any Command, for count: Int) -> Bool {
    count == 0 || freeInput(of: command, behind: count - 1) != nil
  }
}

extension Parameter {
  /// Whether every value of a command fits: what looks at results, or keeps them.
  fileprivate func takesAnything(in session: Session) -> Bool {
    (try? box.convert(.object(SomeResult()), in: session)) != nil
  }

  /// Whether a word is all that it can be: a name, a file.
  fileprivate func takesOnlyWords(in session: Session) -> Bool {
    !takesAnything(in: session) && (try? box.convert(.symbol("word"), in: session)) != nil
  }
}

/// A result of no particular kind.
private struct SomeResult: LanguageObject {
  static let typeName = "result"
  var summary: String { "a result" }
  var fieldNames: [String] { [] }
  func field(_ name: String) -> Value? { nil }
}
