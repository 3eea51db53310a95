/// Changes settings of the session.
struct SetCommand: Command {
  static let group = "session"
  static let summary = "Changes settings, or lists them."
  static let examples = ["set"]

  @OtherOptions("Settings with their new values.") var changes: ValueMap

  static func otherOptions(in session: Session) -> [Parameter] {
    session.settings.map(\.parameter)
  }

  func run(in session: Session) throws -> Value {
    guard changes.isEmpty else {
      for (name, value) in changes {
        do {
          try session.set(name, to: value)
        } catch {
          throw error.blaming(name)
        }
      }
      return .nothing
    }
    let rows = session.settings.map { setting -> [Value] in
      [
        .string(setting.name),
        .string(session.settingValues[setting.name]?.text ?? ""), .string(setting.doc),
        .string(setting.parameter.details),
      ]
    }
    return .object(Table(columns: ["setting", "value", "meaning", "values"], rows: rows))
  }
}
