extension JSONValue {
  /// Parses a JSON text, strictly by RFC 8259.
  ///
  /// Errors are: anything outside the grammar (comments, trailing commas, `NaN`, a byte order
  /// mark), invalid UTF-8, an escape that names half of a surrogate pair, a member name that
  /// occurs twice in one object, a number beyond `Double`, and nesting deeper than
  /// `maximumDepth`.
  ///
  /// - Complexity: linear in the number of bytes.
  public init(
    parsing bytes: UnsafeRawBufferPointer, maximumDepth: Int = 128
  ) throws(JSONError) {
    var parser = JSONParser(bytes, maximumDepth: maximumDepth)
    self = try parser.document()
  }

  /// Parses a JSON text given as bytes; see ``init(parsing:maximumDepth:)-(UnsafeRawBufferPointer,_)``.
  public init(parsing bytes: [UInt8], maximumDepth: Int = 128) throws(JSONError) {
    let result: Result<JSONValue, JSONError> = bytes.withUnsafeBytes { bytes in
      Result { () throws(JSONError) in
        try JSONValue(parsing: bytes, maximumDepth: maximumDepth)
      }
    }
    self = try result.get()
  }

  /// Parses a JSON text; see ``init(parsing:maximumDepth:)-(UnsafeRawBufferPointer,_)``.
  public init(parsing text: String, maximumDepth: Int = 128) throws(JSONError) {
    self = try JSONValue(parsing: Array(text.utf8), maximumDepth: maximumDepth)
  }
}

/// A recursive-descent parser over bytes; the depth limit bounds its stack.
struct JSONParser {
  let bytes: UnsafeRawBufferPointer
  private let maximumDepth: Int
  var position = 0
  private var depth = 0
  /// Where strings with escapes are put together.
  var scratch: [UInt8] = []

  init(_ bytes: UnsafeRawBufferPointer, maximumDepth: Int) {
    self.bytes = bytes
    self.maximumDepth = maximumDepth
  }

  /// The byte at the current position; nil at the end.
  @inline(__always)
  var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  func failure(_ message: String, at offset: Int? = nil) -> JSONError {
    JSONError(message, at: offset ?? position, in: bytes)
  }

  mutating func document() throws(JSONError) -> JSONValue {
    skipSpace()
    let result = try value()
    skipSpace()
    if position < bytes.count {
      throw failure("\(found()) after the end of the value")
    }
    return result
  }

  private mutating func value() throws(JSONError) -> JSONValue {
    guard let first = current else { throw failure("the text ends where a value should be") }
    switch first {
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "{"): return try nested { parser throws(JSONError) in try parser.object() }
    case UInt8(ascii: "["): return try nested { parser throws(JSONError) in try parser.array() }
    case UInt8(ascii: "t"):
      try word("true")
      return .boolean(true)
    case UInt8(ascii: "f"):
      try word("false")
      return .boolean(false)
    case UInt8(ascii: "n"):
      try word("null")
      return .null
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw failure("\(found()) where a value should be")
    }
  }

  private mutating func nested(
    _ body: (inout JSONParser) throws(JSONError) -> JSONValue
  ) throws(JSONError) -> JSONValue {
    guard depth < maximumDepth else {
      throw failure("nested deeper than \(maximumDepth) levels")
    }
    depth += 1
    let result = try body(&self)
    depth -= 1
    return result
  }

  private mutating func array() throws(JSONError) -> JSONValue {
    position += 1
    var elements: [JSONValue] = []
    skipSpace()
    if take("]") { return .array(elements) }
    while true {
      skipSpace()
      elements.append(try value())
      skipSpace()
      if take(",") { continue }
      if take("]") { return .array(elements) }
      throw failure("\(found()) where ',' or ']' should be")
    }
  }

  private mutating func object() throws(JSONError) -> JSONValue {
    let start = position
    position += 1
    var members: [(key: String, value: JSONValue)] = []
    skipSpace()
    if take("}") { return .object(JSONObject(members)) }
    while true {
      skipSpace()
      guard current == UInt8(ascii: "\"") else {
        throw failure("\(found()) where a member name in quotes should be")
      }
      let key = try string()
      skipSpace()
      guard take(":") else { throw failure("\(found()) where ':' should be") }
      skipSpace()
      members.append((key, try value()))
      skipSpace()
      if take(",") { continue }
      guard take("}") else { throw failure("\(found()) where ',' or '}' should be") }
      let object = JSONObject(members)
      if let duplicate = object.duplicate {
        throw failure(
          "this object has two members named \(JSONValue.string(members[duplicate].key).text)",
          at: start)
      }
      return .object(object)
    }
  }

  private mutating func word(_ word: StaticString) throws(JSONError) {
    let start = position
    let expected = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
    guard bytes.count - start >= expected.count,
      bytes[start..<start + expected.count].elementsEqual(expected)
    else { throw failure("a word that is not true, false or null") }
    position += expected.count
  }

  @inline(__always)
  private mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default: return
      }
    }
  }

  @inline(__always)
  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard position < bytes.count, UInt32(bytes[position]) == character.value else { return false }
    position += 1
    return true
  }

  /// What stands at the current position, for an error message.
  private func found() -> String {
    guard let byte = current else { return "the text ends" }
    if bytes[position...].starts(with: [0xEF, 0xBB, 0xBF]) { return "a byte order mark" }
    return byte > 0x20 && byte < 0x7F
      ? "'\(Unicode.Scalar(byte))'" : "byte 0x\(String(byte, radix: 16, uppercase: true))"
  }
}
