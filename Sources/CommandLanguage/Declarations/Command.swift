/// A verb of the language: its parameters, its documentation, and what it does.
///
/// Parsing, defaults, errors, `help`, completion and inspection all come from the declaration.
///
/// ```swift
/// struct ScaleCommand: Command {
///   static let group = "numbers"
///   static let summary = "A number times a factor."
///   static let examples = ["scale 21", "scale 21 factor=3"]
///   static let lifts = true
///
///   @Input("The number.") var number: Double
///   @Option("What to multiply it by.", in: 0...) var factor = 2.0
///
///   func run(in session: Session) throws -> Double { number * factor }
/// }
/// ```
public protocol Command: SendableMetatype {
  associatedtype Output: ValueConvertible

  /// The verb; by default the type's name without `Command`, in lower case.
  static var name: String { get }
  /// The heading under which `help` lists it.
  static var group: String { get }
  /// One sentence.
  static var summary: String { get }
  /// Paragraphs of explanation, a blank line apart.
  static var discussion: String { get }
  /// Lines that work as they are.
  static var examples: [String] { get }
  /// Whether a list where one value is wanted runs the verb for each, and for all combinations.
  static var lifts: Bool { get }
  /// Whether it makes a value from a name, so that `mini` alone calls for `mini = load mini`.
  static var makesNamedValues: Bool { get }
  /// What Tab offers for an input or option, where that depends on the inputs before it (the
  /// columns of a file, say); nil leaves it to the parameter's type.
  static func completions(
    of parameter: String, inputs: [Value], in session: Session
  ) -> [Completion]?
  /// Options beyond the declared ones, for a verb with an ``OtherOptions`` property.
  static func otherOptions(in session: Session) -> [Parameter]

  init()

  /// Does the work; the inputs and options have their values.
  ///
  /// - Throws: any error; see ``LanguageError`` and ``NamedError`` for how it is shown.
  func run(in session: Session) throws -> Output
}

extension Command {
  public static var name: String {
    let type = String(describing: Self.self)
    return (type.hasSuffix("Command") ? String(type.dropLast("Command".count)) : type).lowercased()
  }
  public static var discussion: String { "" }
  public static var examples: [String] { [] }
  public static var lifts: Bool { false }
  public static var makesNamedValues: Bool { false }
  public static func completions(
    of parameter: String, inputs: [Value], in session: Session
  ) -> [Completion]? { nil }
  public static func otherOptions(in session: Session) -> [Parameter] { [] }
}

/// Parameters that several commands share, declared once:
///
/// ```swift
/// struct Sampling: ParameterGroup {
///   @Option("Demonstrations per class.", in: 1...32) var shots = 1
///   @Option("Seed of the draw.") var seed = 42
/// }
/// struct SaliencyCommand: Command {
///   let sampling = Sampling()
/// ```
public protocol ParameterGroup {
  init()
}

/// What a command gives back when it has shown its value already: the value is handed on (to a
/// pipe, a variable, `_`) and not shown again.
public struct Shown: ValueConvertible, Sendable {
  public let value: Value

  public init(_ value: some ValueConvertible) {
    self.value = value.value
  }
}

extension Command {
  /// The parameters in the order of declaration, tied to this instance's properties.
  var parameters: [Parameter] {
    Self.parameters(declaredIn: self)
  }

  private static func parameters(declaredIn declaration: Any) -> [Parameter] {
    Mirror(reflecting: declaration).children.flatMap { child -> [Parameter] in
      if let group = child.value as? any ParameterGroup { return parameters(declaredIn: group) }
      guard let wrapper = child.value as? any ParameterWrapper else { return [] }
      // The storage of a wrapped property `shots` is called `_shots`.
      let property = child.label.map { $0.hasPrefix("_") ? String($0.dropFirst()) : $0 } ?? "value"
      return [wrapper.parameter(named: property)]
    }
  }

  /// Every input and option with its present value as it would be written, alone and among several in a
  /// list that is run over: what a recipe keeps.
  public var arguments: [(name: String, text: String, textInList: String)] {
    parameters.compactMap { parameter in
      guard let text = parameter.box.text else { return nil }
      return (parameter.name, text, parameter.box.textInList ?? text)
    }
  }

  /// A usage line: `saliency MODEL SUBJECT [shots=1] [samples=1000]`.
  static var usage: String {
    var words = [name]
    for parameter in Self().parameters {
      let input = parameter.name.uppercased()
      switch parameter.kind {
      case .input: words.append(parameter.isRequired ? input : "[\(input)]")
      case .variadicInput: words.append(parameter.isRequired ? "\(input) …" : "[\(input) …]")
      case .option where parameter.isRequired: words.append("\(parameter.name)=…")
      case .option: words.append("[\(parameter.name)=\(parameter.defaultText ?? "…")]")
      case .otherOptions: words.append("[key=value …]")
      }
    }
    return words.joined(separator: " ")
  }
}
