import CommandLanguage
import InContext

/// How a value was made: everything needed to make it again, and to notice that something differs.
///
/// It goes to `metadata.fathom` of whatever is displayed.
struct Recipe: Sendable {
  /// The command with every input and option, models and data sets written out, so that it can be
  /// run in a new session: `saliency model=mini subject=sst2 shots=1 seed=42`.
  let command: String
  let verb: String
  /// Every input and option that has a value.
  let arguments: [(name: String, text: String)]
  let model: (name: String, fingerprint: String)?
  let dataset: (name: String, fingerprint: String)?
  /// BibTeX of what the value rests on besides the method.
  let citations: [String]
  /// How figures of the value look.
  let style: FigureStyle

  /// - Parameter meaningless: options that say nothing of this value.
  init<C: Command>(
    _ command: C, in session: Session, model: Model? = nil, dataset: Dataset? = nil,
    leavingOut meaningless: Set<String> = []
  ) {
    verb = C.name
    arguments = command.arguments.filter { $0.text != "none" && !meaningless.contains($0.name) }
    self.command = ([C.name] + arguments.map { "\($0.name)=\($0.text)" }).joined(separator: " ")
    self.model = model.map { ($0.name, $0.fingerprint) }
    self.dataset = dataset.map { ($0.name, Identity.short($0.fingerprint)) }
    citations = [dataset?.citation].compactMap { $0 }
    style = FigureStyle(session)
  }

  var map: ValueMap {
    var map: ValueMap = [
      "version": .string(Fathom.version), "command": .string(command),
      "options": .map(ValueMap(arguments.map { ($0.name, .string($0.text)) })),
    ]
    if let model {
      map["model"] = ["name": .string(model.name), "fingerprint": .string(model.fingerprint)]
    }
    if let dataset {
      map["dataset"] = ["name": .string(dataset.name), "fingerprint": .string(dataset.fingerprint)]
    }
    return map
  }

  /// What goes beside a display: `metadata.fathom`.
  var metadata: ValueMap { ["fathom": .map(map)] }

  /// A script that makes the value again, with what to compare as comments.
  var script: String {
    var lines = ["# Fathom \(Fathom.version)"]
    if let model { lines.append("# model \(model.name), fingerprint \(model.fingerprint)") }
    if let dataset { lines.append("# data \(dataset.name), fingerprint \(dataset.fingerprint)") }
    return (lines + [command]).joined(separator: "\n") + "\n"
  }
}
