import Charts
import CommandLanguage
import InContext
import InformationFlow

/// One prompt, compressed: which tokens are kept, and what is answered with and without the others.
struct CompressedPrompt: Plottable, Tabular {
  static let typeName = "compressed prompt"

  let compression: Compression
  let prompt: Prompt
  let model: Model
  /// How many of the likeliest tokens are compared.
  let words: Int
  let anchors: AnchorsObject
  let recipe: Recipe

  /// What the figure shows: hidden anchors, or the first method that was asked for.
  private var shown: Compression.Outcome? {
    let methods = compression.outcomes.dropFirst()
    return methods.first { $0.method == .hiddenAnchor } ?? methods.first
  }

  private func answer(_ outcome: Compression.Outcome) -> String {
    let prediction = outcome.answers[0].prediction
    let share = prediction.probabilities[prediction.predicted].percent
    return "\(Value.quoted(prompt.labelWords[prediction.predicted])) (\(share) %)"
  }

  var summary: String {
    guard let whole = compression.outcomes.first else { return "nothing was asked" }
    let other = shown.map { outcome in
      "; \(answer(outcome)) from \(outcome.kept.grouped) of them (\(outcome.name))"
    }
    return "\(answer(whole)) from all \(whole.kept.grouped) demonstration tokens\(other ?? "")"
  }

  /// One row a method: its answer, the likeliest tokens, and how many of those it has in common with
  /// the whole prompt.
  var table: Table {
    Table(
      columns: ["method", "answer", "probability", "word_loyalty", "words", "kept_tokens"],
      rows: compression.outcomes.map { outcome in
        let prediction = outcome.answers[0].prediction
        return [
          outcome.name.value, prompt.labelWords[prediction.predicted].value,
          prediction.probabilities[prediction.predicted].value, outcome.loyalty.word.value,
          model.tokenizer.shown(outcome.answers[0].words).value, outcome.kept.value,
        ]
      })
  }

  var fieldNames: [String] { ["methods", "answers", "kept", "timing", "anchors"] }

  func field(_ name: String) -> Value? {
    switch name {
    case "methods": compression.outcomes.map(\.name).value
    case "answers":
      compression.outcomes.map { prompt.labelWords[$0.answers[0].prediction.predicted] }.value
    case "kept": shown?.positions.value
    case "timing": compression.timing.value
    case "anchors": anchors.value
    default: nil
    }
  }

  /// The prompt with what is kept of its demonstrations.
  func figure(titled title: String?) throws -> any Figure {
    let kept = Set(shown?.positions ?? [])
    let isText = shown?.method == .textAnchor
    let tokens = zip(prompt.tokens, prompt.pieces).enumerated().map { position, token in
      let role = prompt.roles[position]
      let isKept = isText ? role != .text : kept.contains(position)
      let category =
        position >= prompt.queryStart
        ? (position == prompt.target ? "target" : "query")
        : !isKept ? "left out" : role == .label ? "label word, kept" : "kept"
      return TokenMap.Token(
        token.1, category: category,
        details: "position \(position) · id \(token.0) · \(role.rawValue) · \(category)")
    }
    let categories = [
      TokenMap.Category("left out"), .init("kept"), .init("label word, kept", isEmphasized: true),
      .init("query"), .init("target", isEmphasized: true),
    ]
    return try TokenMap(
      title: title ?? "What is kept: \(shown?.name ?? "everything")", subtitle: summary,
      tokens: tokens, categories: categories)
  }

  func display() -> Display {
    var display = figureDisplay(style: recipe.style)
    display["text/plain"] = summary + "\n\n" + table.plain
    return display
  }
}
