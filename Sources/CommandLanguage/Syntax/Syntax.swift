/// One statement: what to assign to, what to do, and whether to keep quiet about it.
struct Statement: Sendable {
  struct Target: Sendable {
    let name: String
    let span: Range<Int>
  }

  let targets: [Target]
  let pipeline: Pipeline
  /// It ends in `;`.
  let isSilent: Bool
  let span: Range<Int>
}

/// `a | b | c`: each stage gets the value of the one before as its first input.
struct Pipeline: Sendable {
  let stages: [Stage]
  let span: Range<Int>
}

enum Stage: Sendable {
  /// A verb with its arguments, or a lone word: a variable, or a verb without arguments.
  case call(Call)
  case value(Expression)

  var span: Range<Int> {
    switch self {
    case .call(let call): call.span
    case .value(let expression): expression.span
    }
  }
}

struct Call: Sendable {
  let verb: String
  let verbSpan: Range<Int>
  let arguments: [Argument]

  var span: Range<Int> {
    verbSpan.lowerBound..<(arguments.last?.span.upperBound ?? verbSpan.upperBound)
  }
}

struct Argument: Sendable {
  /// The key of `key=value`.
  let key: String?
  let value: Expression
  let span: Range<Int>
}

/// Something that has a value.
struct Expression: Sendable {
  indirect enum Kind: Sendable {
    case number(Double)
    case string(String)
    case boolean(Bool)
    /// A variable, or else a symbol.
    case word(String)
    case list([Expression])
    case range(Expression, Expression, step: Expression?)
    case map([(key: String, value: Expression)])
    /// `first(5)`: a value that a command interprets.
    case form(String, [Expression])
    case field(Expression, name: String, nameSpan: Range<Int>)
    case index(Expression, Expression)
    /// A command in parentheses.
    case nested(Pipeline)
  }

  let kind: Kind
  let span: Range<Int>
}
