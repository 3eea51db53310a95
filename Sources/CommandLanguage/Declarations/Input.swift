/// A positional input of a ``Command``, in the order of declaration.
///
/// It must be given unless it has a default or an optional type. An array as the last input
/// takes all that follow. `name=value` works for inputs, too.
@propertyWrapper
public struct Input<T: ArgumentConvertible>: ParameterWrapper {
  private let box: ArgumentBox<T>

  public var wrappedValue: T {
    get { box.get() }
    nonmutating set { box.value = newValue }
  }

  /// - Parameters:
  ///   - doc: one sentence, for help and completion.
  ///   - name: the name in the language, if it is not the property's.
  public init(_ doc: String, name: String? = nil) {
    box = ArgumentBox(doc, name: name, initial: nil)
  }

  public init(wrappedValue: T, _ doc: String, name: String? = nil) {
    box = ArgumentBox(doc, name: name, initial: wrappedValue)
  }

  /// A number within limits.
  public init<R: LimitRange<T>>(_ doc: String, name: String? = nil, in range: R) {
    let limits = range.limits
    box = ArgumentBox(
      doc, name: name, initial: nil, limitText: limits.text, isInside: limits.contains)
  }

  /// A word out of a few.
  public init(_ doc: String, name: String? = nil, choices: [String]) where T == String {
    box = ArgumentBox(doc, name: name, initial: nil, choices: choices)
  }

  func parameter(named property: String) -> Parameter {
    box.parameter(
      named: property, kind: T.self is any ListArgument.Type ? .variadicInput : .input)
  }
}
