import Charts
import CommandLanguage
import InContext

extension PromptObject: Plottable, Tabular, JSONSource {
  var summary: String {
    let subject = dataset.map { "\($0.name) prompt" } ?? "prompt"
    let demonstrations = prompt.demonstrations.count
    let shown = demonstrations > 0 ? ", \(demonstrations) demonstrations" : ""
    return "\(subject): \(prompt.tokens.count.grouped) tokens\(shown)\([prompt].splitNote)"
  }

  /// The prompt token by token, coloured by role.
  func figure(titled title: String?) throws -> any Figure {
    try prompt.tokenMap(title: title ?? self.title, subtitle: subtitle)
  }

  private var title: String {
    guard let dataset else { return "A prompt" }
    return prompt.query.map { "\(dataset.name), test row \($0)" } ?? "\(dataset.name), own text"
  }

  private var subtitle: String? {
    let answer = prompt.answer.map { "answer \(Value.quoted(prompt.labelWords[$0]))" }
    let model = recipe.models.first.map { "tokens of \($0.name)" }
    let parts = [model, answer].compactMap { $0 }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }

  /// One row a token: position, id, piece, role, class.
  var table: Table {
    let classes = prompt.classOfPosition
    let rows = zip(prompt.tokens, prompt.pieces).enumerated().map { position, token -> [Value] in
      [
        position.value, token.0.value, token.1.value, prompt.roles[position].rawValue.value,
        classes[position].map { prompt.classes[$0].value } ?? .nothing,
      ]
    }
    return Table(
      columns: ["position", "id", "piece", "role", "class"], rows: rows, caption: summary)
  }

  var jsonText: String { prompt.json.text + "\n" }

  var fieldNames: [String] {
    [
      "text", "tokens", "pieces", "roles", "label_positions", "target", "demonstrations", "query",
      "label_words", "label_tokens", "classes", "answer",
    ]
  }

  func field(_ name: String) -> Value? {
    switch name {
    case "text": prompt.text.value
    case "tokens": prompt.tokens.value
    case "pieces": prompt.pieces.value
    case "roles": prompt.roles.map(\.rawValue).value
    case "label_positions": prompt.labelPositions.value
    case "target": prompt.target.value
    case "demonstrations": prompt.demonstrations.value
    case "query": prompt.query.value
    case "label_words": prompt.labelWords.value
    case "label_tokens": prompt.labelTokens.value
    case "classes": prompt.classes.value
    case "answer": prompt.answer.map { prompt.labelWords[$0] }.value
    default: nil
    }
  }
}

extension Prompt {
  /// The class id of every position where a label word begins.
  var classOfPosition: [Int: Int] {
    var classes: [Int: Int] = [:]
    for (id, positions) in labelPositions.enumerated() {
      for position in positions { classes[position] = id }
    }
    return classes
  }

  /// The tokens coloured by role, or by a value of each.
  ///
  /// - Parameters:
  ///   - values: one a token; nil colours by role.
  ///   - valueName: what the values are.
  func tokenMap(
    title: String, subtitle: String? = nil, values: [Double]? = nil, valueName: String? = nil
  ) throws -> TokenMap {
    let classes = classOfPosition
    // Without a tokenizer the pieces are the ids, which want to be told apart.
    let areIDs = zip(self.tokens, pieces).allSatisfy { String($0) == $1 }
    let tokens = zip(self.tokens, pieces).enumerated().map { position, token in
      var details = "position \(position) · id \(token.0) · \(roles[position].rawValue)"
      if let id = classes[position] { details += " of class \(self.classes[id])" }
      return TokenMap.Token(
        (areIDs && position > 0 ? " " : "") + token.1, category: roles[position].rawValue,
        value: values.flatMap { $0.indices.contains(position) ? $0[position] : nil },
        details: details)
    }
    let categories = Role.allCases.map { role in
      TokenMap.Category(role.rawValue, isEmphasized: role == .label || role == .target)
    }
    return try TokenMap(
      title: title, subtitle: subtitle, tokens: tokens, categories: categories,
      valueName: values == nil ? nil : valueName ?? "value")
  }
}
