import CommandLanguage
import InContext

/// How a value was made: everything needed to make it again, and to notice that something differs.
///
/// It goes to `metadata.fathom` of whatever is displayed.
struct Recipe: Sendable {
  /// A model or data set, and what tells it from others of its name.
  struct Source: Sendable, Equatable {
    let name: String
    let fingerprint: String
    /// The command that gets it: `load mini`; nil where a script does not compare it.
    var command: String?

    var value: Value { ["name": .string(name), "fingerprint": .string(fingerprint)] }
  }

  /// The command with every input and option, models and data sets written out, so that it can be
  /// run in a new session: `saliency model=mini subject=sst2 shots=1 seed=42`.
  var command: String {
    ([verb] + arguments.map { "\($0.name)=\($0.text)" }).joined(separator: " ")
  }
  let verb: String
  /// Every input and option that has a value.
  var arguments: [(name: String, text: String, textInList: String)] {
    given.filter { $0.text != "none" }
  }
  /// The same with those that have none.
  private let given: [(name: String, text: String, textInList: String)]
  let models: [Source]
  let datasets: [Source]
  /// BibTeX of what the value rests on besides the method.
  let citations: [String]
  /// How figures of the value look.
  let style: FigureStyle
  /// What the value lacks of what was asked for.
  let notes: [String]

  /// - Parameters:
  ///   - meaningless: options that say nothing of this value.
  ///   - citations: BibTeX of methods beyond that of the paper.
  ///   - notes: what the value lacks of what was asked for.
  init<C: Command>(
    _ command: C, in session: Session, model: Model? = nil, dataset: Dataset? = nil,
    leavingOut meaningless: Set<String> = [], citing citations: [String] = [],
    noting notes: [String] = []
  ) {
    verb = C.name
    given = command.arguments.filter { !meaningless.contains($0.name) }
    models =
      model.map { [Source(name: $0.name, fingerprint: $0.fingerprint, command: $0.command)] } ?? []
    datasets =
      dataset.map { [Source(name: $0.name, fingerprint: Identity.short($0.fingerprint))] } ?? []
    self.citations = citations + [dataset?.citation].compactMap { $0 }
    style = FigureStyle(session)
    self.notes = notes
  }

  /// How all cells of a grid were made: what differs between them becomes a list again.
  ///
  /// Returns nil if the cells do not say how they were made.
  init?(of grid: Grid) {
    let recipes = grid.cells.compactMap { $0.object((any Recorded).self)?.recipe }
    guard let first = recipes.first, recipes.count == grid.cells.count else { return nil }
    verb = first.verb
    given = recipes.flatMap { $0.given.map(\.name) }.withoutRepeats.map { name in
      // Where an option means nothing, a recipe has none.
      let given = recipes.compactMap { $0.given.first { $0.name == name } }
      let texts = given.map(\.textInList).withoutRepeats
      let text = texts.count == 1 ? given[0].text : "[\(texts.joined(separator: ", "))]"
      return (name, text, text)
    }
    models = recipes.flatMap(\.models).withoutRepeats
    datasets = recipes.flatMap(\.datasets).withoutRepeats
    citations = recipes.flatMap(\.citations).withoutRepeats
    style = first.style
    notes = recipes.flatMap(\.notes).withoutRepeats
  }

  var map: ValueMap {
    var map: ValueMap = [
      "version": .string(Fathom.version), "command": .string(command),
      "options": .map(ValueMap(arguments.map { ($0.name, .string($0.text)) })),
    ]
    for (name, sources) in [("model", models), ("dataset", datasets)] {
      if sources.count == 1 { map[name] = sources[0].value }
      if sources.count > 1 { map[name + "s"] = .list(sources.map(\.value)) }
    }
    if !notes.isEmpty { map["notes"] = .list(notes.map(Value.string)) }
    return map
  }

  /// What goes beside a display: `metadata.fathom`.
  var metadata: ValueMap { ["fathom": .map(map)] }

  /// A script that makes the value again. It stops where a model is another one than it was; the
  /// fingerprints of data are comments.
  var script: String {
    var lines = ["# Fathom \(Fathom.version)"]
    lines += models.map { model in
      model.command.map { "\($0) fingerprint=\(Value.quoted(model.fingerprint));" }
        ?? "# model \(model.name), fingerprint \(model.fingerprint)"
    }
    lines += datasets.map { "# data \($0.name), fingerprint \($0.fingerprint)" }
    lines += notes.map { "# \($0)" }
    return (lines + [command]).joined(separator: "\n") + "\n"
  }
}

extension Array where Element: Equatable {
  /// Each element once, where it comes first.
  var withoutRepeats: [Element] {
    reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
