/// A verb, a setting or a topic to explain, given by its bare name.
struct HelpSubject: ArgumentConvertible {
  let name: String

  static var typeDescription: String { "a verb, a topic or an option" }
  static var takesWord: Bool { true }
  var argumentText: String { name }

  static func convert(_ value: Value, in session: Session) -> HelpSubject? {
    value.word.map { HelpSubject(name: $0) }
  }

  static func completions(in session: Session) -> [Completion] {
    session.commands.map { Completion($0.name, .verb, $0.summary) }
      + session.topics.map { Completion($0.name, .value, $0.summary) }
  }
}

/// Explains the verbs.
struct HelpCommand: Command {
  static let group = "session"
  static let summary = "All verbs, everything about one, or which of them have an option."
  static let examples = ["help", "help set"]

  @Input("A verb, a topic or an option.") var subject: HelpSubject?

  func run(in session: Session) throws -> HelpPage {
    guard let name = subject?.name else { return .overview(of: session) }
    if let command = session.commandsByName[name] { return .page(for: command, in: session) }
    if let topic = session.topics.first(where: { $0.name == name }) { return .page(for: topic) }
    if let page = HelpPage.page(forOption: name, in: session) { return page }
    let options = session.commands.flatMap { $0.init().parameters.map(\.name) }
    let known = session.commands.map { $0.name } + session.topics.map(\.name) + options
    throw LanguageError.name(
      "no verb, topic or option '\(name.shortened(to: 40))'" + Suggestion.question(name, known)
    ).blaming("subject")
  }
}
