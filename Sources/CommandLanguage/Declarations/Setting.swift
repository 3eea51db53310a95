/// A setting of the session, changed by `set name=value`.
///
/// ```swift
/// extension Setting where T == Int {
///   static let width = Setting("width", "Width of figures, in pixels.", default: 640, in: 200...4000)
/// }
/// let width = session[.width]
/// ```
public struct Setting<T: ArgumentConvertible & ValueConvertible & Sendable>: AnySetting {
  public let name: String
  public let doc: String
  public let defaultValue: T
  let limitText: String?
  let isInside: (@Sendable (T) -> Bool)?
  let words: [String]?

  public init(_ name: String, _ doc: String, default defaultValue: T) {
    self.name = name
    self.doc = doc
    self.defaultValue = defaultValue
    limitText = nil
    isInside = nil
    words = nil
  }

  /// A number within limits.
  public init(_ name: String, _ doc: String, default defaultValue: T, in range: ClosedRange<T>)
  where T: Comparable {
    self.name = name
    self.doc = doc
    self.defaultValue = defaultValue
    limitText = range.limits.text
    isInside = { range.contains($0) }
    words = nil
  }

  /// A word out of a few.
  public init(_ name: String, _ doc: String, default defaultValue: T, choices: [String])
  where T == String {
    self.name = name
    self.doc = doc
    self.defaultValue = defaultValue
    limitText = nil
    isInside = nil
    words = choices
  }
}

/// A setting of any type.
public protocol AnySetting: Sendable {
  var name: String { get }
  var doc: String { get }
  /// The setting seen as an option of `set`.
  var parameter: Parameter { get }
  /// The default, as a value of the language.
  var initial: Value { get }
}

extension Setting {
  public var initial: Value { defaultValue.value }

  public var parameter: Parameter {
    ArgumentBox(
      doc, name: name, initial: defaultValue, choices: words, limitText: limitText,
      isInside: isInside
    ).parameter(named: name, kind: .option)
  }
}
