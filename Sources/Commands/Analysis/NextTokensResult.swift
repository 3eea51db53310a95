import Charts
import CommandLanguage
import InformationFlow
import Tokenizers

/// What a model would write next: what `predict` gives of a prompt without label words.
struct NextTokensResult: Plottable, Tabular {
  static let typeName = "next tokens"

  let next: NextTokens
  let tokenizer: Tokenizer?
  /// What was changed, and whose demonstrations the prompt stands behind.
  let note: String
  let recipe: Recipe

  var summary: String {
    guard let best = next.tokens.first else { return "no token" }
    return "\(Value.quoted(tokenizer.piece(best.id))), \(best.probability.percent) %\(note)"
  }

  /// One row a token, likeliest first.
  var table: Table {
    Table(
      columns: ["id", "piece", "logit", "probability"],
      rows: next.tokens.map {
        [$0.id.value, tokenizer.piece($0.id).value, Double($0.logit).value, $0.probability.value]
      }, caption: summary)
  }

  var fieldNames: [String] { ["pieces", "ids", "probabilities", "logits"] }

  func field(_ name: String) -> Value? {
    switch name {
    case "pieces": next.tokens.map { tokenizer.piece($0.id) }.value
    case "ids": next.tokens.map(\.id).value
    case "probabilities": next.tokens.map(\.probability).value
    case "logits": next.tokens.map { Double($0.logit) }.value
    default: nil
    }
  }

  func figure(titled title: String?) throws -> any Figure {
    try BarChart(
      title: title ?? "What the model would write next",
      values: Axis("Probability", range: 0...1), groupTitle: "Token",
      groups: next.tokens.map { tokenizer.piece($0.id) },
      series: [.init("probability", values: next.tokens.map(\.probability))])
  }

  func display() -> Display {
    var table = table
    table.metadata = recipe.metadata
    return table.display()
  }
}
