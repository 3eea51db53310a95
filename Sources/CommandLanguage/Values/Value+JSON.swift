extension Value {
  /// The value as JSON text. Ranges become arrays, symbols strings, objects their summary, and
  /// numbers that JSON cannot say null.
  public var json: String {
    var text = ""
    write(to: &text, depth: 0)
    return text
  }

  private func write(to text: inout String, depth: Int) {
    guard depth < 200 else { return text += "null" }
    switch self {
    case .nothing: text += "null"
    case .boolean(let flag): text += flag ? "true" : "false"
    case .number(let number): text += number.isFinite ? number.plainText : "null"
    case .string(let string), .symbol(let string): text += Self.jsonString(string)
    case .call: text += Self.jsonString(self.text)
    case .object(let object): text += Self.jsonString(object.summary)
    case .range(let range):
      Value.list(range.numbers.map(Value.number)).write(to: &text, depth: depth)
    case .list(let values):
      text += "["
      for (index, value) in values.enumerated() {
        if index > 0 { text += "," }
        value.write(to: &text, depth: depth + 1)
      }
      text += "]"
    case .map(let map):
      text += "{"
      for (index, entry) in map.enumerated() {
        if index > 0 { text += "," }
        text += Self.jsonString(entry.key) + ":"
        entry.value.write(to: &text, depth: depth + 1)
      }
      text += "}"
    }
  }

  /// A JSON string literal. The line separators that JavaScript minds are escaped too.
  static func jsonString(_ string: String) -> String {
    var text = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x2028 || scalar.value == 0x2029:
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }
}
