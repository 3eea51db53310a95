/// An input or an option of a command, as help, completion and errors see it.
public struct Parameter {
  public enum Kind: Sendable { case input, variadicInput, option, otherOptions }

  public let name: String
  public let kind: Kind
  public let doc: String
  /// What it wants, with an article.
  public let typeDescription: String
  /// The default as it would be written; nil if there is none.
  public let defaultText: String?
  public let isRequired: Bool
  /// The limits as they would be written in Swift: `1...32`.
  public let limits: String?
  public let choices: [String]?
  let acceptsList: Bool
  /// Whether a list may be one element of a variadic input.
  let elementsAcceptLists: Bool
  let takesWord: Bool
  let box: any AnyArgumentBox

  /// One line for help: `whole number, 1...32, default 1`.
  public var details: String {
    var parts: [String] = []
    if let choices {
      parts.append(choices.joined(separator: " | "))
    } else {
      parts.append(typeDescription)
    }
    if let limits { parts.append(limits) }
    if let defaultText {
      parts.append("default \(defaultText)")
    } else if !isRequired, kind == .input || kind == .option {
      parts.append("optional")
    }
    return parts.joined(separator: ", ")
  }

  /// What Tab offers for its value.
  func completions(in session: Session) -> [Completion] {
    choices.map { $0.map { Completion($0, .value) } } ?? box.completions(in: session)
  }
}

extension Parameter {
  /// Whether a variable with the value may stand for it.
  ///
  /// - Parameter lifts: whether a list of values may, too.
  func fits(_ value: Value, lifts: Bool, in session: Session) -> Bool {
    // Where a bare word is taken as it is written, no variable is looked at.
    guard !takesWord else { return false }
    if box.fits(value, in: session) { return true }
    guard lifts, !acceptsList, let elements = value.elements else { return false }
    return !elements.isEmpty && elements.allSatisfy { box.fits($0, in: session) }
  }
}

/// What the property wrappers have in common.
protocol ParameterWrapper {
  func parameter(named property: String) -> Parameter
}

/// Why an argument does not fit; the language adds the verb and the place.
enum Misfit: Error {
  case type
  case limits(String)
  case choice([String])
}

/// Holds the value of one property of one command, without its type.
protocol AnyArgumentBox: AnyObject {
  /// - Throws: ``Misfit``, or the type's own error.
  func convert(_ value: Value, in session: Session) throws -> any ConvertedArgument
  func completions(in session: Session) -> [Completion]
  func advice(insteadOf value: Value, written: String, in session: Session) -> String?
  func fits(_ value: Value, in session: Session) -> Bool
  func offersFile(_ name: String) -> Bool
  /// Whether a list is one value of the parameter, and not to be run over.
  func isOne(_ list: Value) -> Bool
  /// The present value as it would be written; nil before there is one.
  var text: String? { get }
  /// The same among several in a list that is run over.
  var textInList: String? { get }
}

/// A value that fits; it can be put into the same property of any number of instances.
protocol ConvertedArgument {
  func put(into box: any AnyArgumentBox)
}

/// The storage behind ``Input`` and ``Option``.
final class ArgumentBox<T: ArgumentConvertible>: AnyArgumentBox {
  struct Converted: ConvertedArgument {
    let value: T
    func put(into box: any AnyArgumentBox) { (box as? ArgumentBox<T>)?.value = value }
  }

  var value: T?
  let doc: String
  let name: String?
  let choices: [String]?
  let defaultText: String?
  private let hasDefault: Bool
  private let isInside: ((T) -> Bool)?
  private let limitText: String?

  init(
    _ doc: String, name: String?, initial: T?, defaultText: String? = nil,
    choices: [String]? = nil, limitText: String? = nil, isInside: ((T) -> Bool)? = nil
  ) {
    self.doc = doc
    self.name = name
    self.value = initial ?? T.absent
    self.hasDefault = initial != nil
    self.choices = choices ?? T.choices
    self.limitText = limitText
    self.isInside = isInside
    // A default of nil says nothing; help calls the parameter optional.
    let shown = initial?.argumentText
    self.defaultText = defaultText ?? (shown == T.absent?.argumentText ? nil : shown)
  }

  func get() -> T {
    guard let value else {
      // No text gets here: a command runs only with every parameter filled in, and a property
      // wrapper cannot throw. Only a verb that reads its input before its run would.
      preconditionFailure("'\(name ?? doc)' has no value until its command is run")
    }
    return value
  }

  func convert(_ value: Value, in session: Session) throws -> any ConvertedArgument {
    // `batch=auto`, where the default of an optional is shown as `auto`; in quotes it is a text.
    if let absent = T.absent, case .symbol(let word) = value,
      word == defaultText || word == "none", choices?.contains(word) != true
    {
      return Converted(value: absent)
    }
    guard let converted = try T.convert(value, in: session) else {
      if let choices, value.word != nil { throw Misfit.choice(choices) }
      throw Misfit.type
    }
    if let isInside, !isInside(converted) { throw Misfit.limits(limitText ?? "") }
    if let choices, T.choices == nil, let word = value.word, !choices.contains(word) {
      throw Misfit.choice(choices)
    }
    return Converted(value: converted)
  }

  func completions(in session: Session) -> [Completion] { T.completions(in: session) }

  func fits(_ value: Value, in session: Session) -> Bool {
    guard T.fits(value, in: session) else { return false }
    let isLimited = isInside != nil || choices != nil
    return !isLimited || (try? convert(value, in: session)) != nil
  }

  func offersFile(_ name: String) -> Bool { T.offersFile(name) }

  func isOne(_ list: Value) -> Bool { T.isOne(list) }

  func advice(insteadOf value: Value, written: String, in session: Session) -> String? {
    T.advice(insteadOf: value, written: written, in: session)
  }

  var text: String? { value.map { shown($0, $0.argumentText) } }
  var textInList: String? { value.map { shown($0, $0.textInList) } }

  private func shown(_ value: T, _ text: String) -> String {
    // An optional without a value goes by the name of its default: `auto`.
    value.argumentText == T.absent?.argumentText ? defaultText ?? text : text
  }

  func parameter(named property: String, kind: Parameter.Kind) -> Parameter {
    Parameter(
      name: name ?? property, kind: kind, doc: doc, typeDescription: T.typeDescription,
      defaultText: defaultText, isRequired: !hasDefault && T.absent == nil, limits: limitText,
      choices: choices, acceptsList: T.acceptsList,
      elementsAcceptLists: (T.self as? any ListArgument.Type)?.elementsAcceptLists ?? false,
      takesWord: T.takesWord, box: self)
  }
}

/// An array, when a type has to be asked whether it is one.
protocol ListArgument {
  static var elementsAcceptLists: Bool { get }
}

extension Array: ListArgument where Element: ArgumentConvertible {
  static var elementsAcceptLists: Bool { Element.acceptsList }
}
