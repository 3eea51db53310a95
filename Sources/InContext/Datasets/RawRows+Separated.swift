import Files

extension RawRows {
  /// Reads comma-separated or tab-separated values; the first record names the columns.
  ///
  /// Comma-separated files follow RFC 4180: a field in quotes may hold separators, line breaks and,
  /// written twice, quotes. In tab-separated files, where quotes are often plain characters (GLUE's
  /// are), a field counts as quoted only if its closing quote stands before a tab or the line's
  /// end. Lines end in LF or CRLF.
  init(
    separated bytes: UnsafeRawBufferPointer, by separator: Separator, file: String,
    columns: Columns
  ) throws(DataError) {
    self.init()
    reserve(bytes.count / 128)
    var reader = RecordReader(bytes, separator: separator, file: file)
    guard let header = try reader.next() else { throw .source(.emptyFile(file)) }
    let names = try header.map { (field) throws(DataError) in
      try reader.text(of: field, line: 1)
    }
    func position(of column: String, option: String) throws(DataError) -> Int {
      guard let first = names.firstIndex(of: column) else {
        if names.count == 1,
          let other = DataError.OtherSeparator.allCases.first(where: {
            names[0].contains($0.rawValue)
          })
        {
          throw .rows(.otherSeparator(file: file, header: names[0], separator: other))
        }
        throw .rows(
          .missingColumn(file: file, column: column, option: option, columns: names, line: nil))
      }
      guard names.lastIndex(of: column) == first else {
        throw .rows(.repeatedColumn(file: file, column: column))
      }
      return first
    }
    let textColumn = try position(of: columns.text, option: "text")
    let labelColumn = try position(of: columns.label, option: "label")
    while let record = try reader.next() {
      let line = reader.recordLine
      guard record.count == names.count else {
        throw .rows(
          .raggedRow(file: file, line: line, expected: names.count, found: record.count))
      }
      try add(
        text: try reader.text(of: record[textColumn], line: line),
        label: try reader.text(of: record[labelColumn], line: line), file: file, line: line)
    }
  }
}

extension RawRows {
  /// The names of the columns.
  static func header(
    of bytes: UnsafeRawBufferPointer, separatedBy separator: Separator
  ) throws(DataError) -> [String] {
    var reader = RecordReader(bytes, separator: separator, file: "")
    return try (reader.next() ?? []).map { (field) throws(DataError) in
      try reader.text(of: field, line: 1)
    }
  }
}

/// What stands between the fields of a record.
enum Separator: UInt8 {
  case comma = 0x2C
  case tab = 0x09
}

/// Cuts a file into records of fields.
private struct RecordReader {
  /// The bytes of a field inside its quotes, if it has any.
  struct Field {
    let range: Range<Int>
    let hasDoubledQuotes: Bool
  }

  private static let quote = UInt8(ascii: "\"")
  private static let newline = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  private let bytes: UnsafeRawBufferPointer
  private let separator: Separator
  private let file: String
  private var position = 0
  private var line = 1
  /// The line that the last record began on.
  private(set) var recordLine = 1

  init(_ bytes: UnsafeRawBufferPointer, separator: Separator, file: String) {
    self.bytes = bytes
    self.separator = separator
    self.file = file
  }

  /// The next record that is not a blank line; nil at the end of the file.
  mutating func next() throws(DataError) -> [Field]? {
    while passLineEnd() {}
    guard position < bytes.count else { return nil }
    recordLine = line
    var fields = [try field()]
    while position < bytes.count, bytes[position] == separator.rawValue {
      position += 1
      fields.append(try field())
    }
    _ = passLineEnd()
    return fields
  }

  func text(of field: Field, line: Int) throws(DataError) -> String {
    let content = bytes[field.range]
    var text: String?
    if field.hasDoubledQuotes {
      var single: [UInt8] = []
      single.reserveCapacity(content.count)
      var isSecond = false
      for byte in content {
        isSecond = byte == Self.quote && !isSecond
        if byte != Self.quote || isSecond { single.append(byte) }
      }
      text = String(validating: single, as: UTF8.self)
    } else {
      text = String(validating: UnsafeRawBufferPointer(rebasing: content), as: UTF8.self)
    }
    guard let text else { throw .rows(.notUTF8(file: file, line: line)) }
    return text
  }

  private mutating func field() throws(DataError) -> Field {
    if position < bytes.count, bytes[position] == Self.quote {
      switch separator {
      case .comma: return try quotedField()
      case .tab: if let field = quotedFieldOnLine() { return field }
      }
    }
    let start = position
    while position < bytes.count, !isFieldEnd(position) { position += 1 }
    return Field(range: start..<position, hasDoubledQuotes: false)
  }

  private mutating func quotedField() throws(DataError) -> Field {
    let opened = line
    let start = position + 1
    guard let (end, hasDoubled, lines) = closingQuote(from: start, acrossLines: true) else {
      throw .rows(.unclosedQuote(file: file, line: opened))
    }
    line += lines
    guard isFieldEnd(end + 1) else { throw .rows(.textAfterQuote(file: file, line: line)) }
    position = end + 1
    return Field(range: start..<end, hasDoubledQuotes: hasDoubled)
  }

  private mutating func quotedFieldOnLine() -> Field? {
    let start = position + 1
    guard let (end, hasDoubled, _) = closingQuote(from: start, acrossLines: false),
      isFieldEnd(end + 1)
    else { return nil }
    position = end + 1
    return Field(range: start..<end, hasDoubledQuotes: hasDoubled)
  }

  /// The first quote that is not one of a pair, and what stands before it.
  private func closingQuote(
    from start: Int, acrossLines: Bool
  ) -> (end: Int, hasDoubled: Bool, lines: Int)? {
    var hasDoubled = false
    var lines = 0
    var index = start
    while index < bytes.count {
      switch bytes[index] {
      case Self.quote:
        guard index + 1 < bytes.count, bytes[index + 1] == Self.quote else {
          return (index, hasDoubled, lines)
        }
        hasDoubled = true
        index += 1
      case Self.newline:
        guard acrossLines else { return nil }
        lines += 1
      default: break
      }
      index += 1
    }
    return nil
  }

  private func isFieldEnd(_ index: Int) -> Bool {
    guard index < bytes.count else { return true }
    let byte = bytes[index]
    return byte == separator.rawValue || byte == Self.newline
      || byte == Self.carriageReturn
        && (index + 1 == bytes.count || bytes[index + 1] == Self.newline)
  }

  private mutating func passLineEnd() -> Bool {
    var end = position
    if end < bytes.count, bytes[end] == Self.carriageReturn { end += 1 }
    if end < bytes.count, bytes[end] == Self.newline {
      line += 1
      end += 1
    } else if end < bytes.count || end == position {
      return false
    }
    position = end
    return true
  }
}
