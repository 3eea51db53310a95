/// An option `key=value` of a ``Command``. Without a default it must have an optional type, or
/// be given.
@propertyWrapper
public struct Option<T: ArgumentConvertible>: ParameterWrapper {
  private let box: ArgumentBox<T>

  public var wrappedValue: T {
    get { box.get() }
    nonmutating set { box.value = newValue }
  }

  /// - Parameters:
  ///   - doc: one sentence, for help and completion.
  ///   - name: the name in the language, if it is not the property's.
  ///   - defaultText: what help shows as the default, such as `auto` for an optional; the word
  ///     is accepted as a value, too.
  public init(_ doc: String, name: String? = nil, defaultText: String? = nil) {
    box = ArgumentBox(doc, name: name, initial: nil, defaultText: defaultText)
  }

  public init(wrappedValue: T, _ doc: String, name: String? = nil, defaultText: String? = nil) {
    box = ArgumentBox(doc, name: name, initial: wrappedValue, defaultText: defaultText)
  }

  /// A number within limits.
  public init<R: LimitRange<T>>(
    wrappedValue: T, _ doc: String, name: String? = nil, in range: R, defaultText: String? = nil
  ) {
    let limits = range.limits
    box = ArgumentBox(
      doc, name: name, initial: wrappedValue, defaultText: defaultText, limitText: limits.text,
      isInside: limits.contains)
  }

  /// A number within limits that must be given.
  public init<R: LimitRange<T>>(_ doc: String, name: String? = nil, in range: R) {
    let limits = range.limits
    box = ArgumentBox(
      doc, name: name, initial: nil, limitText: limits.text, isInside: limits.contains)
  }

  /// A number within limits, or none.
  public init<Bound, R: LimitRange<Bound>>(
    _ doc: String, name: String? = nil, in range: R, defaultText: String? = nil
  ) where T == Bound? {
    let limits = range.limits
    box = ArgumentBox(
      doc, name: name, initial: nil, defaultText: defaultText, limitText: limits.text,
      isInside: { $0.map(limits.contains) ?? true })
  }

  /// Numbers that are each within limits.
  public init<Bound, R: LimitRange<Bound>>(
    wrappedValue: T, _ doc: String, name: String? = nil, in range: R, defaultText: String? = nil
  ) where T == [Bound] {
    let limits = range.limits
    box = ArgumentBox(
      doc, name: name, initial: wrappedValue, defaultText: defaultText, limitText: limits.text,
      isInside: { $0.allSatisfy(limits.contains) })
  }

  /// A word out of a few.
  public init(wrappedValue: T, _ doc: String, name: String? = nil, choices: [String])
  where T == String {
    box = ArgumentBox(doc, name: name, initial: wrappedValue, choices: choices)
  }

  /// A word out of a few, or none.
  public init(
    _ doc: String, name: String? = nil, choices: [String], defaultText: String? = nil
  ) where T == String? {
    box = ArgumentBox(doc, name: name, initial: nil, defaultText: defaultText, choices: choices)
  }

  func parameter(named property: String) -> Parameter {
    box.parameter(named: property, kind: .option)
  }
}

/// The options of a command that are not declared one by one, such as the settings of `set`.
/// Their names come from ``Command/otherOptions(in:)``.
@propertyWrapper
public struct OtherOptions: ParameterWrapper {
  private let box: ArgumentBox<ValueMap>
  private let doc: String

  public var wrappedValue: ValueMap {
    get { box.get() }
    nonmutating set { box.value = newValue }
  }

  public init(_ doc: String) {
    self.doc = doc
    box = ArgumentBox(doc, name: nil, initial: ValueMap())
  }

  func parameter(named property: String) -> Parameter {
    box.parameter(named: property, kind: .otherOptions)
  }
}
