import Files

/// A value of a GGUF file's metadata.
public enum GGUFValue: Sendable {
  case integer(Int)
  case number(Double)
  case boolean(Bool)
  case string(String)
  case list(GGUFList)

  /// As JSON would write it; of a list, its elements if they are numbers.
  var json: JSONValue {
    switch self {
    case .integer(let value): .integer(value)
    case .number(let value): .number(value)
    case .boolean(let value): .boolean(value)
    case .string(let value): .string(value)
    case .list(let list):
      .array(list.integers?.map(JSONValue.integer) ?? list.numbers?.map(JSONValue.number) ?? [])
    }
  }

  /// For messages.
  var text: String {
    if case .list(let list) = self { return "a list of \(list.count)" }
    return json.text
  }
}

/// A list in a GGUF file's metadata: checked, but decoded only when asked for, as a vocabulary is long.
public struct GGUFList: Sendable {
  public let count: Int
  let type: GGUFValueType
  let file: any ByteOwner
  /// Where the elements begin.
  let offset: Int

  /// The elements if they are texts; nil if they are not, or one is not UTF-8.
  public var strings: [String]? {
    guard type == .string else { return nil }
    var reader = GGUFReader(file.bytes, from: offset)
    var result: [String] = []
    result.reserveCapacity(count)
    for _ in 0..<count {
      guard let string = try? reader.string(in: "") else { return nil }
      result.append(string)
    }
    return result
  }

  /// The elements if they are whole numbers; nil if they are not, or too large.
  public var integers: [Int]? {
    type.isInteger
      ? elements { if case .integer(let value) = $0 { value } else { nil } } : nil
  }

  /// The elements if they are numbers with a fraction.
  public var numbers: [Double]? {
    type.isFraction
      ? elements { if case .number(let value) = $0 { value } else { nil } } : nil
  }

  private func elements<Element>(_ element: (GGUFValue) -> Element?) -> [Element]? {
    var reader = GGUFReader(file.bytes, from: offset)
    var result: [Element] = []
    result.reserveCapacity(count)
    for _ in 0..<count {
      guard let value = try? type.scalar(from: &reader, key: ""), let element = element(value)
      else { return nil }
      result.append(element)
    }
    return result
  }
}

/// The types of metadata, by the numbers that stand for them.
enum GGUFValueType: UInt32 {
  case uint8, int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64,
    float64

  /// Bytes that a value takes at least.
  var size: Int {
    switch self {
    case .uint8, .int8, .bool: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64, .string: 8
    case .array: 12
    }
  }

  var isFraction: Bool { self == .float32 || self == .float64 }

  var isInteger: Bool {
    switch self {
    case .uint8, .int8, .uint16, .int16, .uint32, .int32, .uint64, .int64: true
    default: false
    }
  }

  /// A value that is not a list.
  func scalar(from reader: inout GGUFReader, key: String) throws(GGUFViolation) -> GGUFValue {
    switch self {
    case .uint8: return .integer(Int(try reader.number(UInt8.self, in: key)))
    case .int8: return .integer(Int(try reader.number(Int8.self, in: key)))
    case .uint16: return .integer(Int(try reader.number(UInt16.self, in: key)))
    case .int16: return .integer(Int(try reader.number(Int16.self, in: key)))
    case .uint32: return .integer(Int(try reader.number(UInt32.self, in: key)))
    case .int32: return .integer(Int(try reader.number(Int32.self, in: key)))
    case .int64: return .integer(Int(try reader.number(Int64.self, in: key)))
    case .uint64:
      let value = try reader.number(UInt64.self, in: key)
      guard let integer = Int(exactly: value) else { throw .number(key: key, value: value) }
      return .integer(integer)
    case .float32:
      return .number(Double(Float(bitPattern: try reader.number(UInt32.self, in: key))))
    case .float64: return .number(Double(bitPattern: try reader.number(UInt64.self, in: key)))
    case .bool:
      let byte = try reader.number(UInt8.self, in: key)
      guard byte < 2 else { throw .boolean(key: key, byte: byte) }
      return .boolean(byte == 1)
    case .string: return .string(try reader.string(in: key))
    case .array: throw .nesting(key: key)
    }
  }
}
