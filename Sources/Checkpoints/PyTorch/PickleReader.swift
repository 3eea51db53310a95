/// Carries out a pickle that builds tensors, and nothing else.
///
/// A pickle is a program for a stack machine that may call any function of any Python module. Here
/// it has the instructions that build numbers, texts, tuples and dictionaries, and may call what
/// ``PickleGlobal`` lists. Containers are values: one that is changed after it was remembered is
/// remembered as it was, which no list of tensors depends on, and there are no cycles.
///
/// The instructions are those of Python's `pickletools`, protocols 2 to 4.
struct PickleReader {
  /// Far above what the largest models need: the pickler empties its stack every 1,000 members.
  private static let stackLimit = 100_000
  private static let memoLimit = 1_000_000
  private static let depthLimit = 8

  private let bytes: UnsafeRawBufferPointer
  private var position = 0
  /// Where the instruction that is being carried out starts.
  private var start = 0
  private var stack: [PickleValue] = []
  /// Heights of the stack at the marks.
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]

  /// Carries out a pickle to its end and returns what it leaves.
  static func read(_ bytes: UnsafeRawBufferPointer) throws(PyTorchViolation) -> PickleValue {
    var reader = PickleReader(bytes)
    while true {
      if let result = try reader.step() { return result }
    }
  }

  private init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// Carries out one instruction; the result if that was the last.
  private mutating func step() throws(PyTorchViolation) -> PickleValue? {
    start = position
    let code = try number(UInt8.self)
    guard let instruction = PickleInstruction(rawValue: code) else {
      throw .instruction(code: code, offset: start)
    }
    if instruction == .stop { return try pop() }
    if let value = try scalar(instruction) {
      push(value)
    } else {
      try build(instruction)
    }
    guard stack.count <= Self.stackLimit, marks.count <= Self.stackLimit,
      memo.count <= Self.memoLimit
    else { throw .tooMuch(offset: start) }
    return nil
  }

  /// Numbers and texts; nil if the instruction is another.
  private mutating func scalar(
    _ instruction: PickleInstruction
  ) throws(PyTorchViolation) -> PickleValue? {
    switch instruction {
    case .null: .null
    case .newTrue: .boolean(true)
    case .newFalse: .boolean(false)
    case .integer4: .integer(Int(try number(Int32.self)))
    case .integer1: .integer(Int(try number(UInt8.self)))
    case .integer2: .integer(Int(try number(UInt16.self)))
    case .long1: .integer(try long(Int(try number(UInt8.self))))
    case .double: .number(Double(bitPattern: try number(UInt64.self).byteSwapped))
    case .unicode1, .string1: .text(try text(Int(try number(UInt8.self))))
    case .unicode4, .string4: .text(try text(Int(try number(UInt32.self))))
    default: nil
    }
  }

  /// Containers, calls and the memo.
  private mutating func build(_ instruction: PickleInstruction) throws(PyTorchViolation) {
    switch instruction {
    case .emptyTuple: try pushTuple([])
    case .tuple1: try pushTuple(try pop(1))
    case .tuple2: try pushTuple(try pop(2))
    case .tuple3: try pushTuple(try pop(3))
    case .tuple: try pushTuple(try popToMark())
    case .emptyList: push(.list)
    case .append: try extendList(by: try pop(1))
    case .appends: try extendList(by: try popToMark())
    case .emptyDictionary: push(.dictionary(PickleDictionary()))
    case .setItem: try extendDictionary(by: try pop(2))
    case .setItems: try extendDictionary(by: try popToMark())
    case .global: try pushGlobal(module: try line(), name: try line())
    case .stackGlobal:
      let names = try pop(2)
      guard case .text(let module) = names[0], case .text(let name) = names[1] else { throw misfit }
      try pushGlobal(module: module, name: name)
    case .persistent: try pushStorage(try pop())
    case .reduce:
      let call = try pop(2)
      guard case .global(let function) = call[0], case .tuple(let arguments, _) = call[1] else {
        throw misfit
      }
      try pushResult(of: function, arguments)
    case .build:
      // Sets attributes: a state dictionary's `_metadata`.
      _ = try pop()
      guard case .dictionary = stack.last else { throw misfit }
    case .mark: marks.append(stack.count)
    case .put1: try remember(Int(try number(UInt8.self)))
    case .put4: try remember(Int(try number(UInt32.self)))
    case .memoize: try remember(memo.count)
    case .get1: try recall(Int(try number(UInt8.self)))
    case .get4: try recall(Int(try number(UInt32.self)))
    case .protocolVersion: _ = try number(UInt8.self)
    case .frame: _ = try number(UInt64.self)
    default: throw misfit
    }
  }
}

// MARK: - What is built

extension PickleReader {
  private var misfit: PyTorchViolation { .operand(offset: start) }

  private mutating func pushTuple(_ elements: [PickleValue]) throws(PyTorchViolation) {
    var depth = 1
    for case .tuple(_, let inner) in elements { depth = max(depth, inner + 1) }
    guard depth <= Self.depthLimit else { throw .tooMuch(offset: start) }
    push(.tuple(elements, depth: depth))
  }

  private mutating func pushGlobal(module: String, name: String) throws(PyTorchViolation) {
    guard let global = PickleGlobal(module: module, name: name) else {
      throw .global(name: "\(module).\(name)")
    }
    push(.global(global))
  }

  /// `('storage', class, key, device, count)`.
  private mutating func pushStorage(_ value: PickleValue) throws(PyTorchViolation) {
    guard case .tuple(let parts, _) = value, parts.count == 5, case .text("storage") = parts[0],
      case .global(.storage(let type)) = parts[1], case .text(let key) = parts[2],
      case .integer(let count) = parts[4], count >= 0
    else { throw misfit }
    push(.storage(PickleStorage(key: key, type: type, count: count)))
  }

  private mutating func pushResult(
    of function: PickleGlobal, _ arguments: [PickleValue]
  ) throws(PyTorchViolation) {
    switch function {
    case .orderedDictionary where arguments.isEmpty:
      return push(.dictionary(PickleDictionary()))
    case .size where arguments.count == 1:
      if case .tuple = arguments[0] { return push(arguments[0]) }
    case .parameter where arguments.count == 3:
      // The tensor, whether it is trained, and its hooks.
      if case .tensor = arguments[0] { return push(arguments[0]) }
    case .tensor where (6...7).contains(arguments.count):
      if case .storage(let storage) = arguments[0], case .integer(let offset) = arguments[1],
        let shape = integers(arguments[2]), let strides = integers(arguments[3])
      {
        return push(
          .tensor(PickleTensor(storage: storage, offset: offset, shape: shape, strides: strides)))
      }
    default: break
    }
    throw misfit
  }

  private func integers(_ value: PickleValue) -> [Int]? {
    guard case .tuple(let elements, _) = value else { return nil }
    var integers: [Int] = []
    for element in elements {
      guard case .integer(let integer) = element else { return nil }
      integers.append(integer)
    }
    return integers
  }

  private mutating func extendList(by elements: [PickleValue]) throws(PyTorchViolation) {
    guard case .list = stack.last else { throw misfit }
  }

  private mutating func extendDictionary(
    by members: [PickleValue]
  ) throws(PyTorchViolation) {
    guard members.count % 2 == 0, case .dictionary(var dictionary) = stack.popLast() else {
      throw misfit
    }
    for index in stride(from: 0, to: members.count, by: 2) {
      dictionary.add(members[index], members[index + 1])
    }
    stack.append(.dictionary(dictionary))
  }
}

// MARK: - Stack and memo

extension PickleReader {
  private mutating func push(_ value: PickleValue) { stack.append(value) }

  private mutating func pop() throws(PyTorchViolation) -> PickleValue { try pop(1)[0] }

  private mutating func pop(_ count: Int) throws(PyTorchViolation) -> [PickleValue] {
    // What stands below a mark belongs to others.
    guard stack.count - (marks.last ?? 0) >= count else { throw misfit }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func popToMark() throws(PyTorchViolation) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw misfit }
    defer { stack.removeLast(stack.count - mark) }
    return Array(stack[mark...])
  }

  private mutating func remember(_ index: Int) throws(PyTorchViolation) {
    guard let last = stack.last else { throw misfit }
    memo[index] = last
  }

  private mutating func recall(_ index: Int) throws(PyTorchViolation) {
    guard let value = memo[index] else { throw misfit }
    push(value)
  }
}

// MARK: - Bytes

extension PickleReader {
  private mutating func number<Number: FixedWidthInteger>(
    _ type: Number.Type
  ) throws(PyTorchViolation) -> Number {
    guard let number = bytes.number(at: position, as: type) else { throw .pickleEnds }
    position += MemoryLayout<Number>.size
    return number
  }

  private mutating func take(_ count: Int) throws(PyTorchViolation) -> Slice<UnsafeRawBufferPointer>
  {
    guard count <= bytes.count - position else { throw .pickleEnds }
    defer { position += count }
    return bytes[position..<position + count]
  }

  private mutating func text(_ count: Int) throws(PyTorchViolation) -> String {
    String(decoding: try take(count), as: UTF8.self)
  }

  /// The text up to a line feed.
  private mutating func line() throws(PyTorchViolation) -> String {
    guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) else {
      throw .pickleEnds
    }
    defer { position += 1 }
    return try text(end - position)
  }

  /// An integer of so many bytes in two's complement.
  private mutating func long(_ count: Int) throws(PyTorchViolation) -> Int {
    let digits = try take(count)
    guard count <= 8 else { throw .tooMuch(offset: start) }
    let isNegative = (digits.last ?? 0) >= 0x80
    var value = isNegative ? -1 : 0
    for digit in digits.reversed() { value = value << 8 | Int(digit) }
    return value
  }
}

/// The instructions that are carried out, by what they do; `pickletools` has their usual names.
private enum PickleInstruction: UInt8 {
  case mark = 0x28
  case emptyTuple = 0x29
  case stop = 0x2E
  case double = 0x47
  case integer4 = 0x4A
  case integer1 = 0x4B
  case integer2 = 0x4D
  case null = 0x4E
  case persistent = 0x51
  case reduce = 0x52
  case string4 = 0x54
  case string1 = 0x55
  case unicode4 = 0x58
  case emptyList = 0x5D
  case append = 0x61
  case build = 0x62
  case global = 0x63
  case appends = 0x65
  case get1 = 0x68
  case get4 = 0x6A
  case put1 = 0x71
  case put4 = 0x72
  case setItem = 0x73
  case tuple = 0x74
  case setItems = 0x75
  case emptyDictionary = 0x7D
  case protocolVersion = 0x80
  case tuple1 = 0x85
  case tuple2 = 0x86
  case tuple3 = 0x87
  case newTrue = 0x88
  case newFalse = 0x89
  case long1 = 0x8A
  case unicode1 = 0x8C
  case stackGlobal = 0x93
  case memoize = 0x94
  case frame = 0x95
}
