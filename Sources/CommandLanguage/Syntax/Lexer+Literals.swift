extension Lexer {
  /// `1_000`, `-0.01`, `1e-3`.
  mutating func number() -> Token.Kind {
    let start = position
    var digits = ""
    if scalar() == "-" {
      digits = "-"
      position += 1
    }
    takeDigits(into: &digits)
    if scalar() == ".", scalar(1)?.isDigit == true {
      digits += "."
      position += 1
      takeDigits(into: &digits)
    }
    if scalar() == "e" || scalar() == "E" {
      let sign = scalar(1) == "-" || scalar(1) == "+"
      if scalar(sign ? 2 : 1)?.isDigit == true {
        digits += sign && scalar(1) == "-" ? "e-" : "e"
        position += sign ? 2 : 1
        takeDigits(into: &digits)
      }
    }
    if let next = scalar(), next.continuesWord || "-+*/%\\~@$".unicodeScalars.contains(next) {
      return runOn(from: start)
    }
    guard let value = Double(digits), value.isFinite else {
      return .invalid(.syntax("the number is too large.", at: start..<position))
    }
    return .number(value)
  }

  private mutating func takeDigits(into digits: inout String) {
    while let next = scalar() {
      if next == "_", scalar(1)?.isDigit == true {
        position += 1
      } else if next.isDigit {
        digits.unicodeScalars.append(next)
        position += 1
      } else {
        return
      }
    }
  }

  /// A number that runs into letters or an operator: a name such as `7b`, or arithmetic.
  private mutating func runOn(from start: Int) -> Token.Kind {
    guard case .invalid(let error) = path(from: start), let span = error.span else {
      return .end
    }
    let text = source.text(span)
    let ends = text.split(separator: "-", omittingEmptySubsequences: false)
    let isRange =
      ends.count == 2
      && ends.allSatisfy { !$0.isEmpty && $0.unicodeScalars.allSatisfy(\.isDigit) }
    let hint =
      isRange
      ? "a range is written " + ends.map { String($0).shortened(to: 24) }.joined(separator: "..")
      : "if it is a name or a path, write \(Value.quoted(text.shortened(to: 60)))"
    return .invalid(
      .syntax(
        "'\(text.shortened(to: 40))' is neither a number nor a name.", hint: hint, at: span))
  }

  /// `"..."`, with the escapes \n \t \r \" \\ \u{...}; line breaks are allowed as they are.
  mutating func string() -> Token.Kind {
    let start = position
    var text = String.UnicodeScalarView()
    var problem: LanguageError?
    position += 1
    while let next = scalar() {
      position += 1
      switch next {
      case "\"":
        return problem.map { .invalid($0) } ?? .string(String(text))
      case "\\":
        switch escape() {
        case .success(let scalar?): text.append(scalar)
        case .success(nil): break  // the text ends here; said below
        case .failure(let error): problem = problem ?? error
        }
      default:
        text.append(next)
      }
    }
    let line = source.line(source.lineIndex(of: start))
    var error = LanguageError.syntax(
      "the string is never closed.", hint: "close it with \"",
      at: start..<max(start + 1, min(line.upperBound, position)))
    error.lack = .closingQuote
    return .invalid(error)
  }

  /// What follows a backslash; nil at the end of the text.
  private mutating func escape() -> Result<Unicode.Scalar?, LanguageError> {
    let start = position - 1
    guard let next = scalar() else { return .success(nil) }
    position += 1
    switch next {
    case "n": return .success("\n")
    case "t": return .success("\t")
    case "r": return .success("\r")
    case "\"": return .success("\"")
    case "\\": return .success("\\")
    case "u": return unicodeEscape(from: start)
    default:
      return .failure(
        .syntax(
          "'\\\(next)' is no escape.", hint: #"the escapes are \n \t \r \" \\ and \u{1F41F}"#,
          at: start..<position))
    }
  }

  private mutating func unicodeEscape(from start: Int) -> Result<Unicode.Scalar?, LanguageError> {
    var value: UInt32 = 0
    var count = 0
    if scalar() == "{" {
      position += 1
      while let next = scalar(), count < 8, let digit = Character(next).hexDigitValue {
        value = value << 4 | UInt32(digit)
        count += 1
        position += 1
      }
      if scalar() == "}", count > 0 {
        position += 1
        if let scalar = Unicode.Scalar(value) { return .success(scalar) }
      }
    }
    return .failure(
      .syntax(
        "'\(source.text(start..<position))' is no character.",
        hint: #"write the character's number in hexadecimal: \u{1F41F}"#, at: start..<position))
  }
}
