import CommandLanguage
import Tokenizers

/// A prompt with what a model wrote after it: what `generate` gives.
struct Generation: Recorded, Tabular {
  static var typeName: String { "generated text" }

  /// Token ids.
  let prompt: [Int]
  /// The token ids that the model added.
  let added: [Int]
  /// Whether it ends only because the model's context does.
  let isCutOff: Bool
  let tokenizer: Tokenizer?
  /// Whose demonstrations the text stands behind, if any.
  let afterNote: String
  let recipe: Recipe

  var promptText: String { text(of: prompt) }

  /// What the model wrote. Characters that began in the prompt are not cut in two.
  var continuation: String {
    let whole = text(of: prompt + added)
    let given = promptText
    guard tokenizer != nil, whole.utf8.starts(with: given.utf8) else { return text(of: added) }
    return String(decoding: whole.utf8.dropFirst(given.utf8.count), as: UTF8.self)
  }

  private func text(of tokens: [Int]) -> String {
    tokenizer?.decode(tokens) ?? tokens.map(String.init).joined(separator: " ")
  }

  var summary: String {
    "\(added.count) tokens\(afterNote): \(Value.quoted(continuation))"
      + (isCutOff ? ", where the model's context ends" : "")
  }

  func display() -> Display {
    let (prompt, continuation) = (promptText, continuation)
    let separator = tokenizer == nil ? " " : ""
    return Display(
      plain: prompt + separator + continuation,
      html: "<pre style=\"white-space:pre-wrap\">\(prompt.escapedForHTML)\(separator)"
        + "<b>\(continuation.escapedForHTML)</b></pre>",
      metadata: recipe.metadata)
  }

  /// One row an added token.
  var table: Table {
    let rows = added.enumerated().map { index, id -> [Value] in
      [
        (prompt.count + index).value, id.value, tokenizer.piece(id).value,
      ]
    }
    return Table(columns: ["position", "id", "piece"], rows: rows, caption: summary)
  }

  var fieldNames: [String] { ["text", "prompt", "continuation", "tokens"] }

  func field(_ name: String) -> Value? {
    switch name {
    case "text": text(of: prompt + added).value
    case "prompt": promptText.value
    case "continuation": continuation.value
    case "tokens": added.value
    default: nil
    }
  }
}
