import CommandLanguage
import LinearAlgebra
import Transformer

extension Model {
  public var summary: String {
    "\(name): \(architecture.family), \(parametersText) parameters, \(architecture.layers) layers"
  }

  /// `5.2 M`, `1.6 B`.
  var parametersText: String { Self.short(decoder.checkpoint.parameterCount) }

  static func short(_ count: Int) -> String {
    switch Double(count) {
    case 1e9...: "\((Double(count) / 1e9).text(digits: 3)) B"
    case 1e6...: "\((Double(count) / 1e6).text(digits: 3)) M"
    case 1e3...: "\((Double(count) / 1e3).text(digits: 3)) K"
    default: "\(count)"
    }
  }

  /// The element types of the weights: `F32`, `F16`.
  var elementTypes: String {
    Set(decoder.checkpoint.tensors.values.map(\.type.rawValue)).sorted().joined(separator: ", ")
  }

  var tokenizerText: String {
    let text = tokenizer.map { "\($0.vocabularyCount.grouped) tokens" }
    return text.map { $0 + (foreignTokens.map { "; \($0)" } ?? "") }
      ?? "none that is read: \(tokenizerProblem ?? "")"
  }

  /// What is odd about a tokenizer that has tokens for which the model has no embedding.
  var foreignTokens: String? {
    guard let tokenizer, tokenizer.vocabularyCount > architecture.vocabulary else { return nil }
    return
      "ids up to \((tokenizer.vocabularyCount - 1).grouped), of which the model knows those below "
      + "\(architecture.vocabulary.grouped): a text with others is an error. The tokenizer may be "
      + "another model's"
  }

  /// What a person wants to know first.
  var table: Table {
    let rows: [(String, String)] = [
      ("family", architecture.family),
      ("layers", architecture.layers.grouped),
      ("heads", "\(architecture.heads.grouped) of \(architecture.headSize)"),
      ("width", architecture.width.grouped),
      ("vocabulary", architecture.vocabulary.grouped),
      ("context", "\(architecture.context.grouped) tokens"),
      ("parameters", decoder.checkpoint.parameterCount.grouped),
      ("weights", elementTypes),
      ("tokenizer", tokenizerText),
      ("fingerprint", fingerprint),
    ]
    return Table(properties: rows, caption: summary)
  }

  public func display() -> Display { table.display() }

  public var fieldNames: [String] {
    [
      "name", "family", "layers", "heads", "width", "vocabulary", "context", "parameters",
      "fingerprint", "folder",
    ]
  }

  public func field(_ name: String) -> Value? {
    switch name {
    case "name": self.name.value
    case "family": architecture.family.value
    case "layers": architecture.layers.value
    case "heads": architecture.heads.value
    case "width": architecture.width.value
    case "vocabulary": architecture.vocabulary.value
    case "context": architecture.context.value
    case "parameters": decoder.checkpoint.parameterCount.value
    case "fingerprint": fingerprint.value
    case "folder": folder.path.value
    default: nil
    }
  }
}

extension Table {
  /// A table of one thing: what, and its value.
  init(properties: [(String, String)], caption: String? = nil) {
    self.init(
      columns: ["property", "value"], rows: properties.map { [.string($0.0), .string($0.1)] },
      caption: caption)
  }
}
