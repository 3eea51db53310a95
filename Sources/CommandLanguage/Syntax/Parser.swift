/// Turns tokens into statements.
///
/// ```
/// program   = { statement ( newline | ";" ) }
/// statement = { NAME "=" } pipeline
/// pipeline  = stage { "|" stage }
/// stage     = VERB { argument } | value
/// argument  = [ KEY "=" ] value
/// value     = postfix [ ".." postfix [ ".." postfix ] ]
/// postfix   = primary { "." FIELD | "[" value "]" }
/// primary   = number | string | "true" | "false" | word | word "(" values ")"
///           | "[" values "]" | "{" key ":" value, ... "}" | "(" pipeline ")"
/// ```
struct Parser {
  /// Brackets and fields within one another; more is a mistake or an attack on the stack.
  static let maximumDepth = 64

  let tokens: [Token]
  var index = 0
  private var depth = 0

  private init(_ tokens: [Token]) {
    self.tokens = tokens
  }

  static func statements(of source: Source) throws(LanguageError) -> [Statement] {
    var parser = Parser(Lexer.tokens(of: source))
    return try parser.program()
  }

  var current: Token { tokens[index] }
  var next: Token { tokens[min(index + 1, tokens.count - 1)] }

  @discardableResult
  mutating func advance() -> Token {
    let token = tokens[index]
    if index + 1 < tokens.count { index += 1 }
    return token
  }

  /// Offset just after the last token read.
  var endOfLast: Int { index > 0 ? tokens[index - 1].span.upperBound : 0 }

  mutating func deeper<T>(
    _ body: (inout Parser) throws(LanguageError) -> T
  ) throws(LanguageError) -> T {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.maximumDepth else { throw tooDeep(at: current.span) }
    return try body(&self)
  }

  func tooDeep(at span: Range<Int>) -> LanguageError {
    .syntax(
      "this is nested more than \(Self.maximumDepth) deep.",
      hint: "give a part of it a name, and use the name", at: span)
  }

  private mutating func program() throws(LanguageError) -> [Statement] {
    var statements: [Statement] = []
    while true {
      while current.isA(.newline) { advance() }
      if current.isA(.end) { return statements }
      statements.append(try statement())
    }
  }

  private mutating func statement() throws(LanguageError) -> Statement {
    let start = current.span.lowerBound
    var targets: [Statement.Target] = []
    while let name = current.word, next.isA(.equals) {
      try checkTarget(name)
      targets.append(Statement.Target(name: name, span: current.span))
      advance()
      advance()
    }
    let pipeline = try pipeline()
    let end = endOfLast
    var isSilent = false
    if current.isA(.semicolon) {
      advance()
      isSilent = true
    } else if !current.isA(.newline), !current.isA(.end) {
      throw unexpected()
    }
    return Statement(targets: targets, pipeline: pipeline, isSilent: isSilent, span: start..<end)
  }

  private func checkTarget(_ name: String) throws(LanguageError) {
    let span = current.span
    if name == "true" || name == "false" || name == "_" {
      throw .syntax("'\(name)' cannot be given a value; it has one already.", at: span)
    }
    if name.unicodeScalars.contains("-") {
      let better = String(name.map { $0 == "-" ? "_" : $0 })
      throw .syntax(
        "a variable's name has no '-'.", hint: "write \(better) = …", at: span)
    }
  }

  mutating func pipeline() throws(LanguageError) -> Pipeline {
    var stages = [try stage()]
    while current.isA(.pipe) {
      advance()
      guard current.word != nil || isEndOfStage else {
        throw rejected(.syntax("after '|' comes a verb.", at: current.span))
      }
      stages.append(try stage())
    }
    return Pipeline(
      stages: stages,
      span: stages[0].span.lowerBound..<stages[stages.count - 1].span.upperBound)
  }

  private mutating func stage() throws(LanguageError) -> Stage {
    if let verb = current.word, verb != "true", verb != "false", startsCall {
      let verbSpan = advance().span
      if current.isA(.equals) {
        throw .syntax(
          "an assignment stands at the start of a statement.", at: verbSpan)
      }
      var arguments: [Argument] = []
      while !isEndOfStage { arguments.append(try argument()) }
      return .call(Call(verb: verb, verbSpan: verbSpan, arguments: arguments))
    }
    let expression = try value()
    guard isEndOfStage else {
      throw rejected(
        .syntax(
          "unexpected \(describe(current)) after a value.",
          hint: "a command starts with its verb: VERB INPUTS key=value", at: current.span))
    }
    return .value(expression)
  }

  /// Whether the word here is a verb (or stands alone), not the start of `s.pq`, `s[0]`, `a..b`.
  private var startsCall: Bool {
    let isPostfix = next.isAdjacent && (next.isA(.dot) || next.opens(.square))
    return !isPostfix && !next.isA(.rangeDots)
  }

  private var isEndOfStage: Bool {
    switch current.kind {
    case .pipe, .newline, .semicolon, .end, .closer: true
    default: false
    }
  }

  private mutating func argument() throws(LanguageError) -> Argument {
    let start = current.span.lowerBound
    var key: String?
    if let word = current.word, next.isA(.equals) {
      key = word
      advance()
      advance()
    }
    let value = try value()
    return Argument(key: key, value: value, span: start..<endOfLast)
  }
}

// MARK: Errors

extension Parser {
  /// The error for a token that cannot stand where it does.
  func unexpected() -> LanguageError {
    switch current.kind {
    case .invalid(let error): return error
    case .end, .newline, .semicolon, .pipe:
      let isEmpty = index == 0 || tokens[index - 1].isA(.newline)
      let span = isEmpty ? current.span : tokens[index - 1].span
      if isEmpty, current.isA(.pipe) {
        return .syntax("a pipe needs a value before it.", at: current.span)
      }
      if isEmpty { return .syntax("there is nothing before the ';'.", at: current.span) }
      let isEnd = current.isA(.end) || current.isA(.newline)
      var error = LanguageError.syntax(
        "something is missing after \(describe(tokens[index - 1])).", at: span)
      let isLast = tokens[index...].allSatisfy { $0.isA(.newline) || $0.isA(.end) }
      error.lack = isEnd && isLast ? .more : nil
      return error
    case .comma:
      return .syntax(
        "unexpected ','.", hint: "arguments are set apart by spaces; commas belong inside [ ]",
        at: current.span)
    default:
      return .syntax("unexpected \(describe(current)).", at: current.span)
    }
  }

  /// An error about the current token, unless the token is an error of its own.
  func rejected(_ error: LanguageError) -> LanguageError {
    if case .invalid(let deeper) = current.kind { deeper } else { error }
  }

  func describe(_ token: Token) -> String {
    switch token.kind {
    case .word(let word): "'\(word.shortened(to: 24))'"
    case .number(let number): "'\(number.plainText)'"
    case .string: "a string"
    case .equals: "'='"
    case .pipe: "'|'"
    case .comma: "','"
    case .colon: "':'"
    case .dot: "'.'"
    case .rangeDots: "'..'"
    case .semicolon: "';'"
    case .opener(let bracket): "'\(bracket.openText)'"
    case .closer(let bracket): "'\(bracket.closeText)'"
    case .newline: "the end of the line"
    case .end: "the end"
    case .invalid: "this"
    }
  }
}
