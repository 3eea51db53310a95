import Charts
import CommandLanguage
import Tokenizers

extension Optional where Wrapped == Tokenizer {
  /// A token as people read it: its piece, or its id where there is no tokenizer.
  func piece(_ id: Int) -> String { self?.piece(id) ?? String(id) }

  /// Tokens one after the other, each in quotes: `" good" " bad"`; ids where there is no tokenizer.
  func shown(_ ids: [Int]) -> String {
    ids.map { self == nil ? String($0) : Value.quoted(piece($0)) }.joined(separator: " ")
  }
}

/// A text with its tokens: what `tokens` gives.
struct Tokenization: Plottable, Tabular {
  static var typeName: String { "tokenization" }

  let text: String
  let tokens: [Token]
  let tokenizer: Tokenizer
  let recipe: Recipe

  var summary: String {
    func counted(_ count: Int, _ noun: String) -> String {
      "\(count.grouped) \(noun)\(count == 1 ? "" : "s")"
    }
    return counted(tokens.count, "token") + ", " + counted(text.utf8.count, "byte")
  }

  /// One row a token: position, id, piece, and byte offsets into the text.
  var table: Table {
    let rows = tokens.enumerated().map { position, token -> [Value] in
      [
        position.value, token.id.value, tokenizer.piece(token.id).value,
        token.bytes.lowerBound.value, token.bytes.upperBound.value,
      ]
    }
    return Table(
      columns: ["position", "id", "piece", "start", "end"], rows: rows, caption: summary)
  }

  /// The tokens side by side.
  func figure(titled title: String?) throws -> any Figure {
    let cells = tokens.enumerated().map { position, token in
      TokenMap.Token(
        tokenizer.piece(token.id), details: "position \(position) · id \(token.id)")
    }
    return try TokenMap(
      title: title ?? "Tokens of \(recipe.models.first?.name ?? "a model")", tokens: cells)
  }

  func display() -> Display {
    var table = table
    table.metadata = recipe.metadata
    return table.display()
  }

  var fieldNames: [String] { ["text", "ids", "pieces", "count"] }

  func field(_ name: String) -> Value? {
    switch name {
    case "text": text.value
    case "ids": tokens.map(\.id).value
    case "pieces": tokens.map { tokenizer.piece($0.id) }.value
    case "count": tokens.count.value
    default: nil
    }
  }
}
