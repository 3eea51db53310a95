/// Everything a name can stand for.
public indirect enum Value: Sendable {
  /// No value: what `print` gives back.
  case nothing
  case boolean(Bool)
  case number(Double)
  case string(String)
  /// A bare word that names no variable.
  case symbol(String)
  case list([Value])
  case range(NumberRange)
  case map(ValueMap)
  /// `first(5)`: a value for a command to interpret.
  case call(name: String, arguments: [Value])
  /// What commands make: models, data sets, results, tables, figures.
  case object(any LanguageObject)
}

/// Whatever can be handed to the language as a value.
public protocol ValueConvertible {
  var value: Value { get }
}

extension Value: ValueConvertible {
  public var value: Value { self }
}

extension Bool: ValueConvertible {
  public var value: Value { .boolean(self) }
}

extension Int: ValueConvertible {
  public var value: Value { .number(Double(self)) }
}

extension Double: ValueConvertible {
  public var value: Value { .number(self) }
}

extension Float: ValueConvertible {
  public var value: Value { .number(Double(self)) }
}

extension String: ValueConvertible {
  public var value: Value { .string(self) }
}

extension Array: ValueConvertible where Element: ValueConvertible {
  public var value: Value { .list(map(\.value)) }
}

extension Optional: ValueConvertible where Wrapped: ValueConvertible {
  public var value: Value { self?.value ?? .nothing }
}

extension Value: ExpressibleByBooleanLiteral, ExpressibleByFloatLiteral,
  ExpressibleByIntegerLiteral,
  ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
  ExpressibleByNilLiteral
{
  public init(booleanLiteral value: Bool) { self = .boolean(value) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(integerLiteral value: Int) { self = .number(Double(value)) }
  public init(stringLiteral value: String) { self = .string(value) }
  public init(arrayLiteral elements: Value...) { self = .list(elements) }
  public init(dictionaryLiteral elements: (String, Value)...) { self = .map(ValueMap(elements)) }
  public init(nilLiteral: ()) { self = .nothing }
}

extension Value {
  /// What sort of thing it is, with an article: `a list`.
  public var typeName: String {
    switch self {
    case .nothing: "nothing"
    case .boolean: "a truth value"
    case .number: "a number"
    case .string: "a string"
    case .symbol: "a word"
    case .list: "a list"
    case .range: "a range"
    case .map: "a map"
    case .call(let name, _): "\(name)(…)"
    case .object(let object): withArticle(type(of: object).typeName)
    }
  }

  /// Its sort and, where short, the value itself, for error messages: `the number 1.5`.
  var briefly: String {
    switch self {
    case .number, .boolean: text
    case .string(let string): "the string " + Self.quoted(string.shortened(to: 24))
    case .symbol(let word): "the word '\(word.shortened(to: 24))'"
    case .list, .map: "the \(typeName.withoutArticle) \(text.shortened(to: 40))"
    default: typeName
    }
  }

  /// The elements of a list or a range.
  public var elements: [Value]? {
    switch self {
    case .list(let values): values
    case .range(let range): range.numbers.map(Value.number)
    default: nil
    }
  }

  public var number: Double? { if case .number(let number) = self { number } else { nil } }

  /// The text of a string or a symbol.
  public var word: String? {
    switch self {
    case .string(let text), .symbol(let text): text
    default: nil
    }
  }

  /// The object, if it is one of that type.
  public func object<T>(_ type: T.Type = T.self) -> T? {
    if case .object(let object) = self { object as? T } else { nil }
  }

  public var isNothing: Bool { if case .nothing = self { true } else { false } }

  /// Whether lists and maps are within one another more than `limit` deep.
  func isDeeper(than limit: Int) -> Bool {
    switch self {
    case .list(let values): limit <= 0 || values.contains { $0.isDeeper(than: limit - 1) }
    case .map(let map): limit <= 0 || map.contains { $0.value.isDeeper(than: limit - 1) }
    default: false
    }
  }
}

extension String {
  /// `list` of `a list`.
  var withoutArticle: String {
    for article in ["a ", "an "] where hasPrefix(article) {
      return String(dropFirst(article.count))
    }
    return self
  }
}

/// `a model`, `an evaluation`.
func withArticle(_ noun: String) -> String {
  guard let first = noun.unicodeScalars.first else { return noun }
  return ("aeiouAEIOU".unicodeScalars.contains(first) ? "an " : "a ") + noun
}

/// Numbers from a start to an end, both included, a step apart.
public struct NumberRange: Sendable, Equatable {
  public let start: Double
  public let end: Double
  public let step: Double

  /// More numbers than this are a mistake.
  static let maximumCount = 100_000

  /// - Throws: an `ArgumentError` if the step leads away from the end or there are too many.
  public init(from start: Double, through end: Double, by step: Double? = nil) throws(LanguageError)
  {
    let step = step ?? (end < start ? -1 : 1)
    guard start.isFinite, end.isFinite, step.isFinite, step != 0,
      start == end || (end > start) == (step > 0)
    else {
      throw .argument(
        "a range from \(start.plainText) to \(end.plainText) cannot go in steps of \(step.plainText)."
      )
    }
    guard (end - start) / step < Double(Self.maximumCount) else {
      throw .argument("a range has at most \(Self.maximumCount.grouped) numbers.")
    }
    self.start = start
    self.end = end
    self.step = step
  }

  /// How many numbers there are. A step that misses the end by rounding alone reaches it.
  public var count: Int { Int(((end - start) / step + 1e-9).rounded(.down)) + 1 }

  public var numbers: [Double] {
    (0..<count).map { index in
      let number = start + Double(index) * step
      return step > 0 ? Swift.min(number, end) : Swift.max(number, end)
    }
  }

  public var text: String {
    let ends = "\(start.plainText)..\(end.plainText)"
    return abs(step) == 1 && (step < 0) == (end < start) ? ends : "\(ends)..\(step.plainText)"
  }
}

/// Keys with values, in the order they were given.
public struct ValueMap: Sendable, Sequence, ExpressibleByDictionaryLiteral {
  public private(set) var entries: [(key: String, value: Value)] = []
  private var indices: [String: Int] = [:]

  public init() {}

  /// The pairs in order; of equal keys the last value counts.
  public init(_ pairs: some Sequence<(String, Value)>) {
    for (key, value) in pairs { self[key] = value }
  }

  public init(dictionaryLiteral elements: (String, Value)...) { self.init(elements) }

  public var isEmpty: Bool { entries.isEmpty }
  public var count: Int { entries.count }
  public var keys: [String] { entries.map(\.key) }

  /// - Complexity: O(1); O(n) to remove a key by assigning nil.
  public subscript(key: String) -> Value? {
    get { indices[key].map { entries[$0].value } }
    set {
      switch (indices[key], newValue) {
      case (let index?, let value?):
        entries[index].value = value
      case (nil, let value?):
        indices[key] = entries.count
        entries.append((key, value))
      case (let index?, nil):
        entries.remove(at: index)
        indices = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1.key, $0) })
      case (nil, nil): break
      }
    }
  }

  public func makeIterator() -> IndexingIterator<[(key: String, value: Value)]> {
    entries.makeIterator()
  }
}
