import CommandLanguage

/// Shows a value at once.
struct ShowCommand: Command {
  static let group = "data and prompts"
  static let summary = "Shows a value now; of a prompt, its tokens coloured by role."
  static let examples = ["show (prompt sst2 seed=3)", "prompt sst2 | show"]

  @Input("What to show.") var value: ShownValue

  func run(in session: Session) throws -> Shown {
    session.show(value.value.display)
    return Shown(value.value)
  }
}

/// Any value; the names of models and data sets work without loading them first.
struct ShownValue: ArgumentConvertible, Sendable {
  let value: Value

  static var typeDescription: String { "a value" }
  static var acceptsList: Bool { true }
  var argumentText: String { value.text }

  static func convert(_ value: Value, in session: Session) throws -> ShownValue? {
    guard case .symbol = value else { return ShownValue(value: value) }
    if let model = try Model.convert(value, in: session) {
      return ShownValue(value: .object(model))
    }
    return try DatasetObject.convert(value, in: session).map { ShownValue(value: .object($0)) }
  }

  static func completions(in session: Session) -> [Completion] {
    Described.completions(in: session)
  }
}
