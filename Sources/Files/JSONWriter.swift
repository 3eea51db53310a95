extension JSONValue {
  /// The value as compact JSON text.
  ///
  /// Characters outside ASCII are written as they are. A number that is not finite, which JSON
  /// cannot say, is written as `null`.
  public var text: String { written(indentation: nil) }

  /// The value as JSON text with two spaces of indentation a level.
  public var prettyText: String { written(indentation: 0) }

  private func written(indentation: Int?) -> String {
    var writer = JSONWriter()
    writer.write(self, indentation: indentation)
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}

struct JSONWriter {
  var bytes: [UInt8] = []

  mutating func write(_ value: JSONValue, indentation: Int?) {
    switch value {
    case .null: append("null")
    case .boolean(let value): append(value ? "true" : "false")
    case .integer(let value): append(String(value))
    case .number(let value): append(value.isFinite ? value.description : "null")
    case .string(let value): quote(value)
    case .array(let elements):
      list("[", "]", elements, indentation) { writer, element, inner in
        writer.write(element, indentation: inner)
      }
    case .object(let object):
      list("{", "}", object.members, indentation) { writer, member, inner in
        writer.quote(member.key)
        writer.append(inner == nil ? ":" : ": ")
        writer.write(member.value, indentation: inner)
      }
    }
  }

  private mutating func list<Element>(
    _ open: String, _ close: String, _ elements: [Element], _ indentation: Int?,
    _ body: (inout JSONWriter, Element, Int?) -> Void
  ) {
    append(open)
    let inner = indentation.map { $0 + 1 }
    for (position, element) in elements.enumerated() {
      if position > 0 { append(",") }
      newLine(inner)
      body(&self, element, inner)
    }
    if !elements.isEmpty { newLine(indentation) }
    append(close)
  }

  private mutating func newLine(_ indentation: Int?) {
    guard let indentation else { return }
    bytes.append(UInt8(ascii: "\n"))
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * indentation))
  }

  private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

  private mutating func quote(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): append("\\\"")
      case UInt8(ascii: "\\"): append("\\\\")
      case 0x08: append("\\b")
      case 0x0C: append("\\f")
      case 0x0A: append("\\n")
      case 0x0D: append("\\r")
      case 0x09: append("\\t")
      case ..<0x20:
        let digits = String(byte, radix: 16)
        append("\\u00" + (digits.count == 1 ? "0" : "") + digits)
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
