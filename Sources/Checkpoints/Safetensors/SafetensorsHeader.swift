import Files

/// The header of a safetensors file: parsed, then validated, then trusted.
struct SafetensorsHeader {
  struct Entry {
    let name: String
    let shape: [Int]
    let type: ElementType
    /// Bytes of the tensor, counted from the end of the header.
    let range: Range<Int>
  }

  /// The tensors in the order of their data.
  let entries: [Entry]
  let metadata: [String: String]
  /// Offset of the first byte of data in the file.
  let dataStart: Int

  init(parsing bytes: UnsafeRawBufferPointer) throws(SafetensorsViolation) {
    guard bytes.count >= 8 else {
      throw Self.strangeContent(bytes) ?? .noHeaderLength(fileSize: bytes.count)
    }
    let declared = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard declared <= UInt64(SafetensorsFile.headerLimit) else {
      throw Self.strangeContent(bytes) ?? .headerTooLong(length: declared)
    }
    let length = Int(declared)
    dataStart = 8 + length
    guard dataStart <= bytes.count else {
      throw .headerBeyondFile(length: length, fileSize: bytes.count)
    }
    let text = UnsafeRawBufferPointer(rebasing: bytes[8..<dataStart])
    guard text.first == UInt8(ascii: "{") else { throw .headerStart(byte: text.first ?? 0) }
    let json: JSONValue
    do {
      // The deepest legal header has three levels; a few more allow for members to come.
      json = try JSONValue(parsing: text, maximumDepth: 16)
    } catch {
      throw .headerSyntax(error)
    }
    var entries: [Entry] = []
    var metadata: [String: String] = [:]
    for (name, value) in json.object?.members ?? [] {
      if name.utf8.elementsEqual("__metadata__".utf8) {
        metadata = try Self.metadata(value)
      } else {
        entries.append(try Entry(name: name, value))
      }
    }
    entries.sort {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    try Self.checkCover(of: bytes.count - dataStart, by: entries)
    self.entries = entries
    self.metadata = metadata
  }

  /// What a file without a sound header is instead, if its first bytes tell.
  ///
  /// The eight bytes of a length are letters only if the header were longer than any may be, so
  /// that no sound file is taken for a text.
  private static func strangeContent(_ bytes: UnsafeRawBufferPointer) -> SafetensorsViolation? {
    StrangeContent(bytes).map(SafetensorsViolation.strange)
  }

  private static func metadata(
    _ value: JSONValue
  ) throws(SafetensorsViolation) -> [String: String] {
    guard let object = value.object else { throw .metadataNotText }
    var metadata: [String: String] = [:]
    for (key, value) in object.members {
      guard let text = value.string else { throw .metadataNotText }
      metadata[key] = text
    }
    return metadata
  }

  /// Checks that the tensors, sorted by place, cover the data without gap and overlap.
  private static func checkCover(
    of dataSize: Int, by entries: [Entry]
  ) throws(SafetensorsViolation) {
    var end = 0
    for entry in entries {
      let begin = entry.range.lowerBound
      if begin < end { throw .overlap(tensor: entry.name) }
      if begin > end { throw .gap(tensor: entry.name, bytes: begin - end) }
      end = entry.range.upperBound
    }
    if end > dataSize { throw .truncated(missing: end - dataSize) }
    if end < dataSize { throw .trailingBytes(dataSize - end) }
  }
}

extension SafetensorsHeader.Entry {
  init(name: String, _ value: JSONValue) throws(SafetensorsViolation) {
    self.name = name
    guard let members = value.object else { throw .entryNotObject(tensor: name) }
    func member(_ key: String) throws(SafetensorsViolation) -> JSONValue {
      guard let value = members[key] else { throw .memberMissing(tensor: name, member: key) }
      return value
    }
    let typeName = try member("dtype")
    guard let type = typeName.string.flatMap(ElementType.init(rawValue:)), !type.hasScales else {
      throw .unknownType(tensor: name, type: typeName.string ?? typeName.text)
    }
    self.type = type
    shape = try Self.sizes(try member("shape"), else: .shape(tensor: name))
    let offsets = try Self.sizes(try member("data_offsets"), else: .offsets(tensor: name))
    guard offsets.count == 2, offsets[0] <= offsets[1] else { throw .offsets(tensor: name) }
    range = offsets[0]..<offsets[1]
    let needed = try byteCount()
    guard range.count == needed else {
      throw .sizeMismatch(tensor: name, declared: range.count, needed: needed)
    }
  }

  private static func sizes(
    _ value: JSONValue, else violation: SafetensorsViolation
  ) throws(SafetensorsViolation) -> [Int] {
    guard let elements = value.array else { throw violation }
    var sizes: [Int] = []
    for element in elements {
      guard case .integer(let size) = element, size >= 0 else { throw violation }
      sizes.append(size)
    }
    return sizes
  }

  private func byteCount() throws(SafetensorsViolation) -> Int {
    var count = 1
    for size in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      if overflow { throw .sizeOverflow(tensor: name) }
      count = product
    }
    guard count % type.block.count == 0 else { throw .partialByte(tensor: name) }
    guard let bytes = type.bytes(count) else { throw .sizeOverflow(tensor: name) }
    return bytes
  }
}
