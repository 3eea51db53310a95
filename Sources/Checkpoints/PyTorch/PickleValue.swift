/// What can stand on the stack of a pickle that builds tensors.
enum PickleValue {
  case null
  case boolean(Bool)
  case integer(Int)
  case number(Double)
  case text(String)
  /// `depth` counts how deep tuples stand in it: 1 if none does.
  case tuple([PickleValue], depth: Int)
  /// Lists occur in what is not looked at; their elements are not kept.
  case list
  case dictionary(PickleDictionary)
  case global(PickleGlobal)
  case storage(PickleStorage)
  case tensor(PickleTensor)

  /// For messages.
  var kind: String {
    switch self {
    case .null: "None"
    case .boolean: "a truth value"
    case .integer: "an integer"
    case .number: "a number"
    case .text: "a text"
    case .tuple: "a tuple"
    case .list: "a list"
    case .dictionary: "a dictionary"
    case .global: "a class"
    case .storage: "a storage"
    case .tensor: "a tensor"
    }
  }
}

/// A dictionary: its tensors by name; of everything else only what the first one was.
struct PickleDictionary {
  private(set) var tensors: [(name: String, tensor: PickleTensor)] = []
  private(set) var other: (name: String, kind: String)?

  mutating func add(_ key: PickleValue, _ value: PickleValue) {
    if case .text(let name) = key, case .tensor(let tensor) = value {
      tensors.append((name, tensor))
    } else if other == nil {
      let name = if case .text(let text) = key { text } else { key.kind }
      other = (name, value.kind)
    }
  }
}

/// What a pickle may name: what builds tensors and nothing else.
enum PickleGlobal {
  case orderedDictionary, tensor, parameter, size
  case storage(ElementType)

  /// Nil for everything that is not allowed.
  init?(module: String, name: String) {
    switch (module, name) {
    case ("collections", "OrderedDict"): self = .orderedDictionary
    case ("torch._utils", "_rebuild_tensor_v2"): self = .tensor
    case ("torch._utils", "_rebuild_parameter"): self = .parameter
    case ("torch", "Size"): self = .size
    case ("torch", "FloatStorage"): self = .storage(.float32)
    case ("torch", "HalfStorage"): self = .storage(.float16)
    case ("torch", "BFloat16Storage"): self = .storage(.bfloat16)
    case ("torch", "DoubleStorage"): self = .storage(.float64)
    case ("torch", "LongStorage"): self = .storage(.int64)
    case ("torch", "IntStorage"): self = .storage(.int32)
    case ("torch", "ShortStorage"): self = .storage(.int16)
    case ("torch", "CharStorage"): self = .storage(.int8)
    case ("torch", "ByteStorage"): self = .storage(.uint8)
    case ("torch", "BoolStorage"): self = .storage(.bool)
    case ("torch", "ComplexFloatStorage"): self = .storage(.complex64)
    default: return nil
    }
  }
}

/// A storage that tensors share: an entry of the archive.
struct PickleStorage {
  let key: String
  let type: ElementType
  /// Elements it should have.
  let count: Int
}

/// A tensor as the pickle has it, before any of it is checked.
struct PickleTensor {
  let storage: PickleStorage
  /// The place of the first element in the storage, in elements.
  let offset: Int
  let shape: [Int]
  /// Elements from one to the next along each axis.
  let strides: [Int]
}
