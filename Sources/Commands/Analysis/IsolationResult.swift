import Charts
import CommandLanguage
import InContext
import InformationFlow
import Tokenizers

/// Loyalties and accuracies with positions isolated.
struct IsolationResult: Plottable, Tabular, Measured, Liftable {
  static let typeName = "isolation"

  let isolation: Isolation
  let prompts: [Prompt]
  let layers: Selection
  let what: IsolatedTokens
  /// The k of word loyalty.
  let words: Int
  let tokenizer: Tokenizer?
  /// What was asked: `mini on sst2`.
  let name: String
  let notes: [String]
  let recipe: Recipe

  var title: String { "\(name), \(what.name) isolated in layers \(layers.argumentText)" }

  var summary: String {
    let note = notes.map { "; \($0)" }.joined()
    guard !isOnePrompt else { return "\(title): \(answer)\(note)" }
    return "\(title): \(score), \(prompts.count.grouped) samples\(note)"
  }

  private var isOnePrompt: Bool { prompts.count == 1 }

  private var score: String {
    var text = "label loyalty \(isolation.loyalty.label.percent) %, "
    text += "word loyalty \(isolation.loyalty.word.percent) %"
    if let before = isolation.accuracy, let after = isolation.accuracyIsolated {
      text += ", accuracy \(after.percent) %, without isolation \(before.percent) %"
    }
    return text
  }

  /// What happens to one prompt.
  private var answer: String {
    let label = prompts[0].labelWords
    let (before, after) = (
      label[isolation.reference[0].prediction.predicted],
      label[isolation.isolated[0].prediction.predicted]
    )
    let change =
      before == after
      ? "the answer stays \(Value.quoted(before))"
      : "the answer turns from \(Value.quoted(before)) to \(Value.quoted(after))"
    return "\(change), word loyalty \(isolation.loyalty.word.percent) %"
  }

  /// One row a sample: `index, gold, predicted, isolated, stays, overlap, words, words_isolated`.
  var table: Table {
    let rows = prompts.indices.map { index -> [Value] in
      let (prompt, before, after) = (
        prompts[index], isolation.reference[index], isolation.isolated[index]
      )
      func name(_ id: Int) -> Value { .string(prompt.classes[id]) }
      let loyalty = Loyalty(of: [after], to: [before], words: words)
      return [
        (prompt.query ?? index).value, prompt.answer.map(name) ?? .nothing,
        name(before.prediction.predicted), name(after.prediction.predicted),
        (loyalty.label == 1).value, loyalty.word.value, tokenizer.shown(before.words).value,
        tokenizer.shown(after.words).value,
      ]
    }
    return Table(
      columns: [
        "index", "gold", "predicted", "isolated", "stays", "overlap", "words", "words_isolated",
      ], rows: rows, caption: summary)
  }

  var measurements: [(name: String, value: Double)] {
    let loyalty = isolation.loyalty
    return [("label_loyalty", loyalty.label), ("word_loyalty", loyalty.word)]
      + (isolation.accuracyIsolated.map { [("accuracy_isolated", $0)] } ?? [])
      + (isolation.accuracy.map { [("accuracy", $0)] } ?? [])
  }

  var fieldNames: [String] {
    ["label_loyalty", "word_loyalty", "accuracy_isolated", "accuracy", "samples", "rows"]
  }

  func field(_ name: String) -> Value? {
    switch name {
    case "label_loyalty": isolation.loyalty.label.value
    case "word_loyalty": isolation.loyalty.word.value
    case "accuracy_isolated": isolation.accuracyIsolated?.value ?? .nothing
    case "accuracy": isolation.accuracy?.value ?? .nothing
    case "samples": prompts.count.value
    case "rows": table.value
    default: nil
    }
  }

  // MARK: - Figures

  /// With room above 1 for numbers and intervals.
  static let shareAxis = Axis("Share", range: 0...1)
  static let measures = ["Label loyalty", "Word loyalty", "Accuracy"]

  /// The three measures with the isolation.
  var shares: [Double?] {
    [isolation.loyalty.label, isolation.loyalty.word, isolation.accuracyIsolated]
  }

  /// The same of the model as it is, loyal to itself.
  var whole: [Double?] { [1, 1, isolation.accuracy] }

  func figure(titled title: String?) throws -> any Figure {
    guard !isOnePrompt else { return try probabilities(titled: title) }
    return try BarChart(
      title: title ?? self.title, subtitle: "\(prompts.count.grouped) samples, words=\(words)",
      values: Self.shareAxis, groups: Self.measures,
      series: [.init("no isolation", values: whole), .init("isolated", values: shares)])
  }

  private func probabilities(titled title: String?) throws -> any Figure {
    try BarChart(
      title: title ?? self.title, subtitle: answer,
      values: Axis("Probability among the label words", range: 0...1),
      groups: prompts[0].classes,
      series: [
        .init("no isolation", values: isolation.reference[0].prediction.probabilities),
        .init("isolated", values: isolation.isolated[0].prediction.probabilities),
      ])
  }
}
