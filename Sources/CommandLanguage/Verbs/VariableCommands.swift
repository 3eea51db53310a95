/// Lists the variables.
struct VarsCommand: Command {
  static let group = "session"
  static let summary = "The variables with what they hold."
  static let examples = ["vars"]

  func run(in session: Session) -> Table {
    let rows = session.variables.map { name, value -> [Value] in
      [
        .string(name), .string(value.typeName.withoutArticle),
        .string(value.text.shortened(to: 80)),
      ]
    }
    return Table(columns: ["name", "kind", "value"], rows: rows)
  }
}

/// Gives up variables, and with them the memory of what they held.
struct ForgetCommand: Command {
  static let group = "session"
  static let summary = "Forgets variables, and frees what they held."
  static let discussion = "forget all forgets every variable."
  static let examples = ["x = 5; forget x", "forget all"]

  @Input("Names of variables, or all.") var names: [VariableName]

  func run(in session: Session) throws -> Value {
    let variables = session.variables
    for name in names.map(\.name) {
      if name == "all", variables["all"] == nil {
        for key in variables.keys { session[variable: key] = nil }
      } else if variables[name] != nil || name == "_" {
        session[variable: name] = nil
      } else {
        throw LanguageError.name(
          "no variable '\(name.shortened(to: 40))'" + Suggestion.question(name, variables.keys))
      }
    }
    session[variable: "_"] = nil  // it may hold what was forgotten
    return .nothing
  }
}
