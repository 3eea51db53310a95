/// What went wrong in a cell, said to the person who wrote it.
///
/// A command throws one to choose the name and the hint a person sees; the place in the text is
/// filled in where it is known. Any other error a command throws is turned into one (see
/// ``NamedError``).
public struct LanguageError: Error, Sendable, CustomStringConvertible {
  /// The kind of error, such as `ArgumentError`: Jupyter's `ename`.
  public let name: String
  /// One line that says what is wrong and, if it can, what would work: Jupyter's `evalue`.
  public let message: String
  /// One more line below the carets.
  public var hint: String?
  /// Unicode scalar offsets of the text that is to blame.
  public var span: Range<Int>?
  /// The option or input to blame: the place in the text is then its argument's.
  public var parameter: String?
  /// What more text could make the statement good, if it ended inside something.
  var lack: Lack?

  enum Lack: Sendable { case closingQuote, more }

  public init(name: String, message: String, hint: String? = nil, span: Range<Int>? = nil) {
    self.name = name
    self.message = Self.oneLine(message)
    self.hint = hint
    self.span = span
  }

  public var description: String { "\(name): \(message)" }

  /// The text does not follow the grammar.
  public static func syntax(_ message: String, hint: String? = nil, at span: Range<Int>? = nil)
    -> LanguageError
  {
    LanguageError(name: "SyntaxError", message: message, hint: hint, span: span)
  }

  /// A verb, variable or field that does not exist.
  public static func name(_ message: String, hint: String? = nil, at span: Range<Int>? = nil)
    -> LanguageError
  {
    LanguageError(name: "NameError", message: message, hint: hint, span: span)
  }

  /// An input or option that is missing, unknown, given twice, or outside its limits.
  public static func argument(_ message: String, hint: String? = nil, at span: Range<Int>? = nil)
    -> LanguageError
  {
    LanguageError(name: "ArgumentError", message: message, hint: hint, span: span)
  }

  /// A value of one kind where another is wanted.
  public static func type(_ message: String, hint: String? = nil, at span: Range<Int>? = nil)
    -> LanguageError
  {
    LanguageError(name: "TypeError", message: message, hint: hint, span: span)
  }

  /// The person stopped the cell.
  static func interrupted(at span: Range<Int>?) -> LanguageError {
    LanguageError(name: "Interrupted", message: "stopped; the variables are as before.", span: span)
  }

  /// The same error, with an option or input to blame.
  public func blaming(_ parameter: String) -> LanguageError {
    var copy = self
    copy.parameter = parameter
    return copy
  }

  func located(at span: Range<Int>) -> LanguageError {
    guard self.span == nil else { return self }
    var copy = self
    copy.span = span
    return copy
  }
}

/// An error of another room that says by what name and hint the language shows it.
///
/// An error that is neither this nor a ``LanguageError`` is shown by its type's name, if that
/// ends in `Error`, and by its description.
public protocol NamedError: Error {
  /// The name a person sees, such as `ModelError`.
  var languageName: String { get }
  /// One line; by default the error's description.
  var languageMessage: String { get }
  /// One more line, if there is something to add.
  var languageHint: String? { get }
  /// The option or input to blame, if it is one; carets mark its argument.
  var languageParameter: String? { get }
}

extension NamedError {
  public var languageMessage: String { String(describing: self) }
  public var languageHint: String? { nil }
  public var languageParameter: String? { nil }
}

/// The person asked to stop. Thrown by ``Session/checkInterrupt()``.
public struct Interrupted: Error, Sendable, CustomStringConvertible {
  public init() {}
  public var description: String { "stopped" }
}

extension LanguageError {
  /// What the language shows for any error.
  public init(_ error: any Error) {
    switch error {
    case let error as LanguageError: self = error
    case is Interrupted, is CancellationError: self = .interrupted(at: nil)
    case let error as any NamedError:
      self.init(
        name: error.languageName, message: error.languageMessage,
        hint: error.languageHint)
      parameter = error.languageParameter
    default:
      let type = String(describing: Swift.type(of: error))
      self.init(
        name: type.hasSuffix("Error") ? type : "Error",
        message: String(describing: error))
    }
  }

  private static func oneLine(_ text: String) -> String {
    text.contains(where: \.isNewline)
      ? text.split(whereSeparator: \.isNewline).joined(separator: " ") : text
  }
}
