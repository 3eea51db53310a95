import Files

extension RawRows {
  /// Reads one JSON object a line; blank lines are passed over.
  ///
  /// A line of plain members is read in one pass over its bytes. Everything else (escapes, nested
  /// values, anything malformed) goes to the strict parser, which also words the errors.
  init(
    jsonLines bytes: UnsafeRawBufferPointer, file: String, columns: Columns
  ) throws(DataError) {
    self.init()
    reserve(bytes.count / 128)
    let scanner = LineScanner(columns)
    var line = 0
    var start = 0
    while start < bytes.count {
      line += 1
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      let content = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
      start = end + 1
      if let (text, label) = scanner.row(in: content) {
        guard let text = String(validating: text, as: UTF8.self),
          let label = String(validating: label, as: UTF8.self)
        else { throw .rows(.notUTF8(file: file, line: line)) }
        try add(text: text, label: label, file: file, line: line)
      } else if content.contains(where: { !LineScanner.isSpace($0) }) {
        let (text, label) = try Self.parsed(content, file: file, line: line, columns: columns)
        try add(text: text, label: label, file: file, line: line)
      }
    }
  }

  private static func parsed(
    _ content: UnsafeRawBufferPointer, file: String, line: Int, columns: Columns
  ) throws(DataError) -> (text: String, label: String) {
    let value: JSONValue
    do {
      value = try JSONValue(parsing: content)
    } catch {
      throw .rows(
        .invalidJSON(file: file, line: line, reason: "column \(error.column): \(error.message)"))
    }
    guard let object = value.object else {
      throw .rows(
        .invalidJSON(
          file: file, line: line, reason: "\(value.kind) where an object should be, one a line"))
    }
    func member(_ column: String, option: String) throws(DataError) -> JSONValue {
      guard let value = object[column] else {
        throw .rows(
          .missingColumn(
            file: file, column: column, option: option, columns: object.keys, line: line))
      }
      return value
    }
    let text = try member(columns.text, option: "text")
    guard let text = text.string else {
      throw .rows(
        .wrongKind(
          file: file, line: line, column: columns.text, found: text.kind, wanted: "a string"))
    }
    let label = try member(columns.label, option: "label")
    switch label {
    case .string(let name): return (text, name)
    case .integer(let number): return (text, String(number))
    case .boolean(let truth): return (text, truth ? "true" : "false")
    default:
      throw .rows(
        .wrongKind(
          file: file, line: line, column: columns.label, found: label.kind,
          wanted: "a string or an integer"))
    }
  }
}

/// Reads a line such as `{"text":"so good","label":"positive"}` without building a value.
private struct LineScanner {
  private let text: [UInt8]
  private let label: [UInt8]

  init(_ columns: Columns) {
    text = Array(columns.text.utf8)
    label = Array(columns.label.utf8)
  }

  /// The bytes of the two members; nil if the line is anything but an object of strings without
  /// escapes and of non-negative integers that has both members, once each.
  func row(
    in line: UnsafeRawBufferPointer
  ) -> (text: UnsafeRawBufferPointer, label: UnsafeRawBufferPointer)? {
    var position = 0
    var text: UnsafeRawBufferPointer?
    var label: UnsafeRawBufferPointer?
    guard Self.pass(UInt8(ascii: "{"), in: line, at: &position) else { return nil }
    repeat {
      guard let key = Self.string(in: line, at: &position),
        Self.pass(UInt8(ascii: ":"), in: line, at: &position)
      else { return nil }
      let quoted = Self.string(in: line, at: &position)
      guard let value = quoted ?? Self.digits(in: line, at: &position) else { return nil }
      if key.elementsEqual(self.text) {
        guard text == nil, quoted != nil else { return nil }
        text = value
      }
      if key.elementsEqual(self.label) {
        guard label == nil else { return nil }
        label = value
      }
    } while Self.pass(UInt8(ascii: ","), in: line, at: &position)
    guard let text, let label, Self.pass(UInt8(ascii: "}"), in: line, at: &position),
      line[position...].allSatisfy(Self.isSpace)
    else { return nil }
    return (text, label)
  }

  static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A
  }

  private static func pass(
    _ wanted: UInt8, in line: UnsafeRawBufferPointer, at position: inout Int
  ) -> Bool {
    while position < line.count, isSpace(line[position]) { position += 1 }
    guard position < line.count, line[position] == wanted else { return false }
    position += 1
    return true
  }

  private static func string(
    in line: UnsafeRawBufferPointer, at position: inout Int
  ) -> UnsafeRawBufferPointer? {
    guard pass(UInt8(ascii: "\""), in: line, at: &position) else { return nil }
    let start = position
    while position < line.count {
      let byte = line[position]
      position += 1
      if byte == UInt8(ascii: "\"") {
        return UnsafeRawBufferPointer(rebasing: line[start..<position - 1])
      }
      guard byte >= 0x20, byte != UInt8(ascii: "\\") else { return nil }
    }
    return nil
  }

  private static func digits(
    in line: UnsafeRawBufferPointer, at position: inout Int
  ) -> UnsafeRawBufferPointer? {
    let start = position
    while position < line.count, (0x30...0x39).contains(line[position]) { position += 1 }
    // Leading zeros are no JSON; numbers of more digits than an Int has are for the parser, too.
    let count = position - start
    guard count == 1 || (2...18).contains(count) && line[start] != 0x30 else { return nil }
    return UnsafeRawBufferPointer(rebasing: line[start..<position])
  }
}
