import Files

/// What comes before the tensors' data in a GGUF file: parsed, then validated, then trusted.
struct GGUFHeader {
  struct Entry {
    let name: String
    /// Slowest axis first, the other way round than in the file.
    let shape: [Int]
    let type: ElementType
    /// Bytes of the tensor in the file.
    let range: Range<Int>
  }

  let metadata: [String: GGUFValue]
  /// The tensors in the order of their data.
  let entries: [Entry]
  /// The end of what is described here; data comes after it.
  let end: Int

  /// Lists within lists, which no key in use has.
  private static let deepest = 4
  private static let mostDimensions: UInt32 = 4

  /// - Parameter file: whose bytes they are; lists keep it.
  init(parsing file: any ByteOwner) throws(GGUFViolation) {
    let bytes = file.bytes
    var reader = GGUFReader(bytes)
    guard bytes.starts(with: "GGUF".utf8) else {
      throw StrangeContent(bytes).map(GGUFViolation.strange) ?? .magic
    }
    reader.skip(4, size: 1)
    let version = try reader.number(UInt32.self, in: "the version")
    guard version == 2 || version == 3 else {
      throw version.byteSwapped < 0x100 ? .bigEndian : .version(version)
    }
    // A tensor takes at least its name's length, a number of dimensions, one of them, type and offset.
    let tensors = try reader.count(ofAtLeast: 32, in: "the number of tensors")
    let values = try reader.count(ofAtLeast: 13, in: "the number of keys")
    metadata = try Self.metadata(values, &reader, file)

    var raw: [RawEntry] = []
    for _ in 0..<tensors { raw.append(try RawEntry(&reader)) }
    end = reader.offset
    let alignment = try Self.alignment(metadata)
    let start = (end + alignment - 1) / alignment * alignment
    var entries: [Entry] = []
    var names: Set<String> = []
    for tensor in raw {
      guard names.insert(tensor.name).inserted else { throw .repeatedTensor(tensor.name) }
      entries.append(try tensor.entry(dataStart: start, alignment: alignment))
    }
    entries.sort {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    var last = start
    for entry in entries {
      guard entry.range.lowerBound >= last else { throw .overlap(tensor: entry.name) }
      last = entry.range.upperBound
    }
    guard entries.isEmpty || last <= bytes.count else {
      throw .truncated(missing: last - bytes.count)
    }
    self.entries = entries
  }

  private static func alignment(_ metadata: [String: GGUFValue]) throws(GGUFViolation) -> Int {
    switch metadata["general.alignment"] {
    case nil: return 32
    case .integer(let value) where (8...1 << 20).contains(value) && value & (value - 1) == 0:
      return value
    case .integer(let value): throw .alignment(value)
    case let other?:
      throw .value(key: "general.alignment", expected: "a whole number", found: other.text)
    }
  }

  // MARK: - Metadata

  private static func metadata(
    _ count: Int, _ reader: inout GGUFReader, _ file: any ByteOwner
  ) throws(GGUFViolation) -> [String: GGUFValue] {
    var metadata: [String: GGUFValue] = [:]
    for _ in 0..<count {
      let key = try reader.string(in: "the name of a key")
      let type = try valueType(&reader, key)
      let value =
        type == .array
        ? GGUFValue.list(try list(&reader, key, file, depth: 1))
        : try type.scalar(from: &reader, key: key)
      guard metadata.updateValue(value, forKey: key) == nil else { throw .repeatedKey(key) }
    }
    return metadata
  }

  private static func valueType(
    _ reader: inout GGUFReader, _ key: String
  ) throws(GGUFViolation) -> GGUFValueType {
    let number = try reader.number(UInt32.self, in: key)
    guard let type = GGUFValueType(rawValue: number) else {
      throw .unknownValueType(key: key, type: number)
    }
    return type
  }

  /// Walks over a list, so that what it holds is known to be there.
  private static func list(
    _ reader: inout GGUFReader, _ key: String, _ file: any ByteOwner, depth: Int
  ) throws(GGUFViolation) -> GGUFList {
    guard depth <= deepest else { throw .nesting(key: key) }
    let type = try valueType(&reader, key)
    let count = try reader.count(ofAtLeast: type.size, in: key)
    let list = GGUFList(count: count, type: type, file: file, offset: reader.offset)
    switch type {
    case .string: for _ in 0..<count { _ = try reader.text(in: key) }
    case .array: for _ in 0..<count { _ = try Self.list(&reader, key, file, depth: depth + 1) }
    default: reader.skip(count, size: type.size)
    }
    return list
  }
}

// MARK: - Tensors

/// A tensor as the file describes it.
private struct RawEntry {
  let name: String
  let shape: [Int]
  let type: UInt32
  let offset: UInt64

  init(_ reader: inout GGUFReader) throws(GGUFViolation) {
    let name = try reader.string(in: "the name of a tensor")
    let dimensions = try reader.number(UInt32.self, in: name)
    guard (1...4).contains(dimensions) else { throw .dimensions(tensor: name, count: dimensions) }
    var shape: [Int] = []
    for _ in 0..<dimensions {
      guard let size = Int(exactly: try reader.number(UInt64.self, in: name)) else {
        throw .sizeOverflow(tensor: name)
      }
      shape.insert(size, at: 0)
    }
    self.name = name
    self.shape = shape
    type = try reader.number(in: name)
    offset = try reader.number(in: name)
  }

  func entry(dataStart: Int, alignment: Int) throws(GGUFViolation) -> GGUFHeader.Entry {
    guard let type = ElementType(gguf: self.type) else {
      throw .unreadableType(tensor: name, type: ElementType.nameInGGUF(self.type))
    }
    var count = 1
    for size in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      if overflow { throw .sizeOverflow(tensor: name) }
      count = product
    }
    if let row = shape.last, row % type.block.count != 0 {
      throw .partialBlock(tensor: name, row: row, type: type)
    }
    guard let bytes = type.bytes(count), let offset = Int(exactly: offset) else {
      throw .sizeOverflow(tensor: name)
    }
    guard offset % alignment == 0 else { throw .offset(tensor: name, offset: self.offset) }
    let (begin, overflow) = dataStart.addingReportingOverflow(offset)
    let (end, further) = begin.addingReportingOverflow(bytes)
    guard !overflow, !further else { throw .sizeOverflow(tensor: name) }
    return GGUFHeader.Entry(name: name, shape: shape, type: type, range: begin..<end)
  }
}

extension ElementType {
  /// The type that a number stands for in GGUF files; nil if it is none that is read.
  fileprivate init?(gguf number: UInt32) {
    let types: [UInt32: ElementType] = [
      0: .float32, 1: .float16, 2: .q40, 6: .q50, 8: .q80, 12: .q4K, 13: .q5K, 14: .q6K, 24: .int8,
      25: .int16,
      26: .int32, 27: .int64, 28: .float64, 30: .bfloat16,
    ]
    guard let type = types[number] else { return nil }
    self = type
  }

  /// What a number that is not read stands for.
  fileprivate static func nameInGGUF(_ number: UInt32) -> String {
    let names: [UInt32: String] = [
      3: "Q4_1", 7: "Q5_1", 9: "Q8_1", 10: "Q2_K", 11: "Q3_K", 15: "Q8_K",
      16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S", 20: "IQ4_NL", 21: "IQ3_S",
      22: "IQ2_S", 23: "IQ4_XS", 29: "IQ1_M", 34: "TQ1_0", 35: "TQ2_0", 39: "MXFP4",
    ]
    return names[number] ?? "number \(number)"
  }
}
