/// Which statements of a text show their value.
public enum Echo: Sendable {
  /// The last one: a cell of a notebook.
  case last
  /// Every one, as a script on a terminal does. The values go to the output as displays.
  case every
}

/// What came of a cell.
public struct CellResult: Sendable {
  /// The last statement's value.
  public let value: Value
  /// What to show as the cell's result, if anything.
  public let display: Display?
  public let failure: CellFailure?
  /// Whether no statement's value is a ``Verdict`` that something is wrong.
  public let passed: Bool
}

/// Why a cell stopped.
public struct CellFailure: Error, Sendable {
  /// Jupyter's `ename`.
  public let name: String
  /// Jupyter's `evalue`: one line.
  public let message: String
  /// What a person sees: the message, the line with carets, and a hint.
  public let traceback: [String]
  /// Line and column (in characters) where it happened, from 1.
  public let line: Int
  public let column: Int
  /// Whether the person stopped it.
  public var isInterrupt: Bool { name == "Interrupted" }
}

extension Session {
  /// Runs a cell: all of its statements, in order, until one fails.
  ///
  /// A text that does not parse runs nothing, nor does one that gives a verb's name to a variable. A statement that fails or is stopped leaves the
  /// variables and settings as they were before it; those before it stay done.
  ///
  /// - Parameters:
  ///   - text: the cell, or a whole script.
  ///   - name: a file's name, for the place in errors.
  ///   - echo: which statements show their value.
  ///   - output: where output goes from now on; as before if nil.
  public func execute(
    _ text: String, name: String? = nil, echo: Echo = .last, output: (any SessionOutput)? = nil
  ) -> CellResult {
    clearInterrupt()
    if let output { self.output = output }
    let source = Source(text, name: name)
    let evaluator = Evaluator(session: self, source: source)
    var result = Evaluator.Outcome(value: .nothing)
    var isShown = true
    var passed = true
    do throws(LanguageError) {
      let statements = try Parser.statements(of: source)
      for target in statements.flatMap(\.targets) { try checkIsNoVerb(target) }
      for statement in statements {
        result = try run(statement, with: evaluator)
        if case .object(let verdict as any Verdict) = result.value {
          passed = passed && verdict.passed
        }
        isShown = result.isShown || statement.isSilent || !statement.targets.isEmpty
        if echo == .every, !isShown, !result.value.isNothing {
          show(result.value.display)
          isShown = true
        }
      }
    } catch {
      return CellResult(
        value: .nothing, display: nil, failure: failure(error, in: source), passed: passed)
    }
    let display = isShown || result.value.isNothing ? nil : result.value.display
    return CellResult(value: result.value, display: display, failure: nil, passed: passed)
  }

  /// A variable called `load` would stand in the way of the verb.
  private func checkIsNoVerb(_ target: Statement.Target) throws(LanguageError) {
    guard commandsByName[target.name] != nil else { return }
    throw .name(
      "'\(target.name)' is a verb and cannot name a variable.",
      hint: "choose another name, such as my_\(target.name)", at: target.span)
  }

  private func run(
    _ statement: Statement, with evaluator: Evaluator
  ) throws(LanguageError) -> Evaluator.Outcome {
    let before = snapshot()
    self.statement = evaluator.source.text(statement.span)
    do throws(LanguageError) {
      let outcome = try evaluator.run(statement.pipeline)
      if isInterrupted { throw LanguageError.interrupted(at: statement.span) }
      if !statement.targets.isEmpty, outcome.value.isNothing {
        throw LanguageError.type(
          "there is no value to keep.", at: statement.pipeline.span)
      }
      for target in statement.targets { self[variable: target.name] = outcome.value }
      // `print` and its like leave the last value in reach.
      if !outcome.value.isNothing { self[variable: "_"] = outcome.value }
      return outcome
    } catch {
      restore(before)
      throw error.located(at: statement.span)
    }
  }

  private func failure(_ error: LanguageError, in source: Source) -> CellFailure {
    let (line, column) = source.location(of: error.span?.lowerBound ?? 0)
    return CellFailure(
      name: error.name, message: error.message, traceback: error.traceback(in: source),
      line: line, column: column)
  }
}
