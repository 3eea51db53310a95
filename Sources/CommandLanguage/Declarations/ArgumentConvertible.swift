/// A type that an input or option of a command can have.
public protocol ArgumentConvertible {
  /// What the type is called in messages, with an article: `a whole number`.
  static var typeDescription: String { get }
  /// The argument as this type; nil if it is of another kind (the language says so then).
  ///
  /// - Throws: an error that says more than "wants a model; got a list" would.
  static func convert(_ value: Value, in session: Session) throws -> Self?
  /// How the value would be written, to show a default.
  var argumentText: String { get }
  /// How it would be written among several in a list that is run over; by default as alone. Of a type
  /// that takes lists, one of a single element has to stay a list there.
  var textInList: String { get }
  /// All the words it can be, if they are few.
  static var choices: [String]? { get }
  /// What Tab offers where one is wanted; by default the choices.
  static func completions(in session: Session) -> [Completion]
  /// Whether Tab may offer a variable with this value; by default whether it converts. A type
  /// whose conversion reads files says no without reading them.
  static func fits(_ value: Value, in session: Session) -> Bool
  /// Whether Tab inside quotes offers a file of that name; folders it offers always.
  static func offersFile(_ name: String) -> Bool
  /// Whether a list is one value of this type, so that it is not lifted.
  static var acceptsList: Bool { get }
  /// Whether this list is one value; by default if ``acceptsList``. A type may take lists and still be
  /// run over a list of them.
  static func isOne(_ list: Value) -> Bool
  /// Whether a bare word is taken as written even if it names a variable (`forget x`).
  static var takesWord: Bool { get }
  /// What to write instead of a value of another kind, said below the error; by default nothing.
  ///
  /// - Parameter written: the value as it stands in the text.
  static func advice(
    insteadOf value: Value, written: String, in session: Session
  ) -> String?
  /// The value of a parameter that is not given and has no default; nil if it must be given.
  static var absent: Self? { get }
}

extension ArgumentConvertible {
  public var argumentText: String { String(describing: self) }
  public var textInList: String { argumentText }
  public static var choices: [String]? { nil }
  public static func completions(in session: Session) -> [Completion] {
    (choices ?? []).map { Completion($0, .value) }
  }
  public static func fits(_ value: Value, in session: Session) -> Bool {
    (try? convert(value, in: session)) != nil
  }
  public static func offersFile(_ name: String) -> Bool { true }
  public static var acceptsList: Bool { false }
  public static func isOne(_ list: Value) -> Bool { acceptsList }
  public static var takesWord: Bool { false }
  public static var absent: Self? { nil }
  public static func advice(
    insteadOf value: Value, written: String, in session: Session
  ) -> String? { nil }
}

extension Int: ArgumentConvertible {
  public static var typeDescription: String { "a whole number" }
  public static func convert(_ value: Value, in session: Session) -> Int? {
    // Beyond 2^53 a Double no longer holds every whole number.
    value.number.flatMap { $0.magnitude <= 9_007_199_254_740_992 ? Int(exactly: $0) : nil }
  }
}

extension Double: ArgumentConvertible {
  public static var typeDescription: String { "a number" }
  public static func convert(_ value: Value, in session: Session) -> Double? { value.number }
  public var argumentText: String { plainText }
}

extension Bool: ArgumentConvertible {
  public static var typeDescription: String { "true or false" }
  public static var choices: [String]? { ["true", "false"] }
  public static func convert(_ value: Value, in session: Session) -> Bool? {
    if case .boolean(let flag) = value { flag } else { nil }
  }
}

extension String: ArgumentConvertible {
  public static var typeDescription: String { "a word or a string" }
  public static func convert(_ value: Value, in session: Session) -> String? { value.word }
  public var argumentText: String {
    let scalars = unicodeScalars
    let isWord = scalars.first?.startsWord == true && scalars.allSatisfy(\.continuesWord)
    return isWord ? self : Value.quoted(self)
  }
}

extension Value: ArgumentConvertible {
  public static var typeDescription: String { "a value" }
  public static func convert(_ value: Value, in session: Session) -> Value? { value }
  public static var acceptsList: Bool { true }
  public var argumentText: String { text }
}

extension NumberRange: ArgumentConvertible {
  public static var typeDescription: String { "a range" }
  public static var acceptsList: Bool { true }
  public var argumentText: String { text }
  public static func convert(_ value: Value, in session: Session) throws -> NumberRange? {
    switch value {
    case .range(let range): range
    case .number(let number): try NumberRange(from: number, through: number)
    default: nil
    }
  }
}

extension ValueMap: ArgumentConvertible {
  public static var typeDescription: String { "a map" }
  public var argumentText: String { Value.map(self).text }
  public static func convert(_ value: Value, in session: Session) -> ValueMap? {
    if case .map(let map) = value { map } else { nil }
  }
}

extension Array: ArgumentConvertible where Element: ArgumentConvertible {
  public static var typeDescription: String { "a list of \(plural(Element.typeDescription))" }
  public static var choices: [String]? { Element.choices }
  public static var acceptsList: Bool { true }
  public static var takesWord: Bool { Element.takesWord }
  public var argumentText: String { "[" + map(\.argumentText).joined(separator: ", ") + "]" }

  public static func completions(in session: Session) -> [Completion] {
    Element.completions(in: session)
  }

  public static func fits(_ value: Value, in session: Session) -> Bool {
    (value.elements ?? [value]).allSatisfy { Element.fits($0, in: session) }
  }

  public static func offersFile(_ name: String) -> Bool { Element.offersFile(name) }

  public static func advice(
    insteadOf value: Value, written: String, in session: Session
  ) -> String? {
    value.elements == nil
      ? Element.advice(insteadOf: value, written: written, in: session) : nil
  }

  /// A list or a range of elements; one element stands for a list of one.
  public static func convert(_ value: Value, in session: Session) throws -> [Element]? {
    if let elements = value.elements {
      var result: [Element] = []
      for element in elements {
        guard let converted = try Element.convert(element, in: session) else { return nil }
        result.append(converted)
      }
      return result
    }
    return try Element.convert(value, in: session).map { [$0] }
  }

  /// `words or strings` of `a word or a string`.
  private static func plural(_ description: String) -> String {
    guard description != description.withoutArticle else { return description }
    return description.split(separator: " or ").map { String($0).withoutArticle + "s" }
      .joined(separator: " or ")
  }
}

extension Optional: ArgumentConvertible where Wrapped: ArgumentConvertible {
  public static var typeDescription: String { Wrapped.typeDescription }
  public static var choices: [String]? { Wrapped.choices }
  public static var acceptsList: Bool { Wrapped.acceptsList }
  public static func isOne(_ list: Value) -> Bool { Wrapped.isOne(list) }
  public static var takesWord: Bool { Wrapped.takesWord }
  public static var absent: Wrapped?? { .some(.none) }
  public var argumentText: String { self?.argumentText ?? "none" }
  public var textInList: String { self?.textInList ?? "none" }

  public static func completions(in session: Session) -> [Completion] {
    Wrapped.completions(in: session)
  }

  public static func fits(_ value: Value, in session: Session) -> Bool {
    Wrapped.fits(value, in: session)
  }

  public static func offersFile(_ name: String) -> Bool { Wrapped.offersFile(name) }

  public static func advice(
    insteadOf value: Value, written: String, in session: Session
  ) -> String? {
    Wrapped.advice(insteadOf: value, written: written, in: session)
  }

  public static func convert(_ value: Value, in session: Session) throws -> Wrapped?? {
    // `.some(.none)` for nothing; nil (a mismatch) for what the wrapped type refuses.
    if value.isNothing { return .some(.none) }
    guard let wrapped = try Wrapped.convert(value, in: session) else { return nil }
    return .some(wrapped)
  }
}

/// An enumeration by its raw words: `enum Theme: String, ChoiceConvertible { case light, dark }`.
public protocol ChoiceConvertible: ArgumentConvertible, ValueConvertible, RawRepresentable,
  CaseIterable
where RawValue == String {}

extension ChoiceConvertible {
  public static var typeDescription: String {
    "one of " + listed(allCases.map(\.rawValue), "or")
  }
  public static var choices: [String]? { allCases.map(\.rawValue) }
  public var argumentText: String { rawValue }
  public var value: Value { .symbol(rawValue) }

  public static func convert(_ value: Value, in session: Session) throws -> Self? {
    switch value {
    case .string(let word), .symbol(let word): Self(rawValue: word)
    case .boolean(let flag): Self(rawValue: flag ? "true" : "false")
    default: nil
    }
  }
}

/// The name of a variable, given bare, whether it has a value or not.
public struct VariableName: ArgumentConvertible, Sendable {
  public let name: String

  public static var typeDescription: String { "a variable's name" }
  public static var takesWord: Bool { true }
  public var argumentText: String { name }

  public static func convert(_ value: Value, in session: Session) -> VariableName? {
    value.word.map { VariableName(name: $0) }
  }

  public static func completions(in session: Session) -> [Completion] {
    session.variables.map { Completion($0.key, .variable, $0.value.typeName) }
  }
}
