extension Value {
  /// As it would be written in the language; objects by their summary.
  public var text: String { text(depth: 0) }

  /// As `print` writes it: strings without quotes.
  public var plainText: String { if case .string(let string) = self { string } else { text } }

  private func text(depth: Int) -> String {
    guard depth < 100 else { return "…" }
    return switch self {
    case .nothing: "nothing"
    case .boolean(let flag): flag ? "true" : "false"
    case .number(let number): number.plainText
    case .string(let string): Self.quoted(string)
    case .symbol(let word): word
    case .list(let values):
      "[" + values.map { $0.text(depth: depth + 1) }.joined(separator: ", ") + "]"
    case .range(let range): range.text
    case .map(let map):
      "{"
        + map.map { "\(Self.quoted($0.key)): \($0.value.text(depth: depth + 1))" }
        .joined(separator: ", ") + "}"
    case .call(let name, let arguments):
      "\(name)(" + arguments.map { $0.text(depth: depth + 1) }.joined(separator: ", ") + ")"
    case .object(let object): object.summary
    }
  }

  /// A string literal that reads back as the text.
  public static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
        result += "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// How a value that stands alone in a cell is shown.
  public var display: Display {
    switch self {
    case .object(let object): object.display()
    case .list(let values) where values.contains(where: { $0.object(Any.self) != nil }):
      Display(plain: values.map { "· " + $0.text }.joined(separator: "\n"))
    case .list(let values) where values.count > Self.longestShown:
      Display(plain: Self.elided(values))
    default: Display(plain: text)
    }
  }

  /// A list of more is shown by its ends, such as the logits of a vocabulary.
  private static let longestShown = 200

  private static func elided(_ values: [Value]) -> String {
    let first = values.prefix(20).map(\.text).joined(separator: ", ")
    let last = values.suffix(5).map(\.text).joined(separator: ", ")
    return "[\(first), …, \(last)]\n\(values.count.grouped) values; print writes all"
  }
}

extension Double {
  /// The shortest text that reads back as the number, in plain form: `5`, `0.01`, `1e-5`.
  public var plainText: String {
    if isNaN { return "nan" }
    if isInfinite { return self < 0 ? "-inf" : "inf" }
    if self == rounded(), magnitude < 1e15 { return String(Int(self)) }
    let text = "\(self)"
    guard let exponent = text.firstIndex(of: "e") else { return text }
    var mantissa = String(text[..<exponent])
    if mantissa.hasSuffix(".0") { mantissa.removeLast(2) }
    let power = Int(text[text.index(after: exponent)...].drop { $0 == "+" }) ?? 0
    return "\(mantissa)e\(power)"
  }

  /// The number with a count of significant digits, as tables show it; whole numbers stay whole.
  public func text(digits: Int) -> String {
    guard isFinite, self != 0 else { return plainText }
    let digits = Swift.min(Swift.max(digits, 1), 15)
    if self == rounded(), magnitude < 1e15 { return plainText }
    let scientific = Self.scientific(magnitude, digits: digits)
    let sign = self < 0 ? "-" : ""
    if scientific.exponent < -4 || scientific.exponent >= 15 {
      let digits = scientific.digits
      let rest = digits.dropFirst()
      return sign + digits.prefix(1) + (rest.isEmpty ? "" : "." + rest) + "e\(scientific.exponent)"
    }
    return sign
      + magnitude.fixed(decimals: Swift.max(0, digits - 1 - scientific.exponent))
  }

  /// The number with a count of decimals and, as it is for people, a minus sign: `−0.21`.
  public func fixed(decimals: Int) -> String {
    guard isFinite else { return plainText }
    let scale = Self.powerOfTen(decimals)
    let scaled = (magnitude * scale).rounded()
    guard scaled < 9e15 else { return plainText }
    let digits = String(Int(scaled))
    let padded =
      String(repeating: "0", count: Swift.max(0, decimals + 1 - digits.utf8.count)) + digits
    let sign = self < 0 && scaled != 0 ? "−" : ""
    return decimals == 0
      ? sign + padded : sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
  }

  private static func powerOfTen(_ exponent: Int) -> Double {
    var result = 1.0
    for _ in 0..<Swift.min(exponent, 300) { result *= 10 }
    return result
  }

  /// Digits (trailing zeros cut) and exponent of a positive number, rounded.
  private static func scientific(_ number: Double, digits: Int) -> (digits: String, exponent: Int) {
    var exponent = 0
    var mantissa = number
    while mantissa >= 10 {
      mantissa /= 10
      exponent += 1
    }
    while mantissa < 1 {
      mantissa *= 10
      exponent -= 1
    }
    var rounded = (mantissa * powerOfTen(digits - 1)).rounded()
    if rounded >= powerOfTen(digits) {
      rounded /= 10
      exponent += 1
    }
    var text = String(Int(rounded))
    while text.count > 1, text.last == "0" { text.removeLast() }
    return (text, exponent)
  }
}

extension Int {
  /// With a comma between thousands: `1,000`.
  public var grouped: String {
    let digits = Array(String(magnitude))
    var result = self < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { result += "," }
      result.append(digit)
    }
    return result
  }
}
