import Foundation

extension JSONParser {
  /// Parses a number; `position` is at its first character.
  mutating func number() throws(JSONError) -> JSONValue {
    let start = position
    if current == UInt8(ascii: "-") { position += 1 }
    let negative = position > start
    let integerStart = position
    try digits("a digit")
    if bytes[integerStart] == UInt8(ascii: "0"), position > integerStart + 1 {
      throw failure("a number that starts with 0", at: integerStart)
    }
    var whole = true
    if current == UInt8(ascii: ".") {
      whole = false
      position += 1
      try digits("a digit after '.'")
    }
    if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      whole = false
      position += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
      try digits("a digit of the exponent")
    }
    if whole, let value = integer(integerStart..<position, negative: negative) {
      return .integer(value)
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard let value = Double(text), value.isFinite else {
      throw failure("a number too large for double precision", at: start)
    }
    return .number(value)
  }

  private mutating func digits(_ expected: String) throws(JSONError) {
    let start = position
    while let byte = current, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
      position += 1
    }
    if position == start { throw failure("a number lacks \(expected)") }
  }

  /// The value of a run of digits; nil if it does not fit an `Int` or is minus zero.
  private func integer(_ digits: Range<Int>, negative: Bool) -> Int? {
    var value = 0
    for position in digits {
      let digit = Int(bytes[position] & 15)
      let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflow) =
        negative
        ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
      if tooLarge || overflow { return nil }
      value = sum
    }
    return negative && value == 0 ? nil : value
  }

  /// Parses a string; `position` is at its opening quote.
  mutating func string() throws(JSONError) -> String {
    let start = position + 1
    position = start
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        let text = try validated(bytes[start..<position], at: start)
        position += 1
        return text
      }
      if byte == UInt8(ascii: "\\") { return try stringWithEscapes(from: start) }
      if byte < 0x20 { throw failure("a control character in a string; write it as \\u00..") }
      position += 1
    }
    throw failure("a string that does not end", at: start - 1)
  }

  private mutating func stringWithEscapes(from start: Int) throws(JSONError) -> String {
    scratch.removeAll(keepingCapacity: true)
    scratch.append(contentsOf: bytes[start..<position])
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        let text = scratch.withUnsafeBytes { String(validating: $0, as: UTF8.self) }
        guard let text else { throw failure("a string that is not valid UTF-8", at: start) }
        position += 1
        return text
      }
      if byte < 0x20 { throw failure("a control character in a string; write it as \\u00..") }
      position += 1
      if byte == UInt8(ascii: "\\") { try escape() } else { scratch.append(byte) }
    }
    throw failure("a string that does not end", at: start - 1)
  }

  /// Parses what follows a backslash into `scratch`.
  private mutating func escape() throws(JSONError) {
    guard let byte = current else { throw failure("a string that does not end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): scratch.append(byte)
    case UInt8(ascii: "b"): scratch.append(0x08)
    case UInt8(ascii: "f"): scratch.append(0x0C)
    case UInt8(ascii: "n"): scratch.append(0x0A)
    case UInt8(ascii: "r"): scratch.append(0x0D)
    case UInt8(ascii: "t"): scratch.append(0x09)
    case UInt8(ascii: "u"):
      let scalar = try unicodeEscape()
      scratch.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
    default:
      throw failure("an unknown escape in a string", at: position - 2)
    }
  }

  /// Parses the digits of `\uXXXX`, and a second such escape where the first is half of a pair.
  private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
    let start = position - 2
    let first = try hexadecimal()
    if let scalar = Unicode.Scalar(first) { return scalar }
    if first < 0xDC00, bytes.count - position >= 2, bytes[position] == UInt8(ascii: "\\"),
      bytes[position + 1] == UInt8(ascii: "u")
    {
      position += 2
      let second = try hexadecimal()
      if (0xDC00...0xDFFF).contains(second),
        let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
      {
        return scalar
      }
    }
    throw failure("an escape that is half of a surrogate pair", at: start)
  }

  private mutating func hexadecimal() throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = current, let digit = Self.hexadecimalDigit(byte) else {
        throw failure("\\u needs four hexadecimal digits")
      }
      value = value << 4 | digit
      position += 1
    }
    return value
  }

  private static func hexadecimalDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A")) + 10
    default: nil
    }
  }

  private func validated(
    _ slice: Slice<UnsafeRawBufferPointer>, at start: Int
  ) throws(JSONError) -> String {
    guard let text = String(validating: UnsafeRawBufferPointer(rebasing: slice), as: UTF8.self)
    else { throw failure("a string that is not valid UTF-8", at: start) }
    return text
  }
}
