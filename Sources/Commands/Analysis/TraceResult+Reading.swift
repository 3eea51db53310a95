import Charts
import CommandLanguage

extension TraceResult {
  /// The field `lens`.
  var lens: LensResult { LensResult(trace: self) }

  /// The field `attribution`.
  var attribution: AttributionResult { AttributionResult(trace: self) }

  /// - Throws: a ``LanguageError`` for a prompt without label words, of which there is nothing to read.
  fileprivate func requireLabels() throws {
    guard prompt.labelWords.isEmpty else { return }
    throw LanguageError.type(
      "the prompt has no label words to read.",
      hint: #"prompt sst2, or prompt text="…" labels=[" Negative", " Positive"]"#)
  }

  /// The label words as they are shown.
  fileprivate var words: [String] { prompt.labelWords.map { $0.trimmingPrefix(" ").description } }
}

/// The label words' logits as read from the residual stream after every block.
struct LensResult: Plottable, Tabular {
  static let typeName = "logit lens"

  let trace: TraceResult
  var recipe: Recipe { trace.recipe }

  /// Softmax over the label words, [L + 1][K].
  private var probabilities: [[Double]] { trace.trace.lensProbabilities }

  var summary: String { "logit lens of \(trace.model.name), \(trace.words.count) label words" }

  /// One row a layer: what a head that read the stream there would say. Row 0 is the embedding.
  var table: Table {
    let words = trace.words
    return Table(
      columns: ["layer"] + words.map { "logit of \($0)" } + words.map { "probability of \($0)" },
      rows: zip(trace.trace.lens, probabilities).enumerated().map { layer, reading in
        [.number(Double(layer))] + reading.0.map { .number(Double($0)) }
          + reading.1.map { .number($0) }
      })
  }

  var fieldNames: [String] { ["logits", "probabilities"] }

  func field(_ name: String) -> Value? {
    switch name {
    case "logits": .list(trace.trace.lens.map(\.value))
    case "probabilities": .list(probabilities.map(\.value))
    default: nil
    }
  }

  func figure(titled title: String?) throws -> any Figure {
    try trace.requireLabels()
    return try LineChart(
      title: title ?? "Logit lens: \(trace.model.name)",
      subtitle: "the stream at the target, read by the final norm and the head; 0 is the embedding",
      x: Axis("Blocks passed", kind: .integer),
      left: Axis("Probability among the label words", range: 0...1),
      series: trace.words.enumerated().map { index, word in
        .init(word, y: probabilities.map { $0[index] })
      })
  }
}

/// What each head and MLP writes toward the label words' logits.
struct AttributionResult: Plottable, Tabular {
  static let typeName = "attribution"

  let trace: TraceResult
  var recipe: Recipe { trace.recipe }

  private var K: Int { trace.words.count }
  private var heads: Int { trace.model.architecture.heads }

  /// The label word that the figure is about: the right answer, else the model's.
  private var subject: Int {
    let logits = trace.trace.labelLogits
    return trace.prompt.answer ?? logits.indices.max { logits[$0] < logits[$1] } ?? 0
  }

  var summary: String {
    "direct attribution in \(trace.model.name) to \(K) label words, "
      + "\(trace.trace.headAttribution.count) layers of \(heads) heads"
  }

  /// One row a head or MLP of a layer, one column a label word's logit.
  var table: Table {
    var rows: [[Value]] = []
    for (layer, values) in trace.trace.headAttribution.enumerated() {
      for head in 0..<heads {
        rows.append(
          [.number(Double(layer)), .string("head \(head)")]
            + values[head * K..<(head + 1) * K].map { .number(Double($0)) })
      }
      rows.append(
        [.number(Double(layer)), .string("MLP")]
          + trace.trace.mlpAttribution[layer].map { .number(Double($0)) })
    }
    return Table(columns: ["layer", "part"] + trace.words, rows: rows)
  }

  var fieldNames: [String] { ["heads", "mlp"] }

  func field(_ name: String) -> Value? {
    switch name {
    case "heads":
      .list(
        trace.trace.headAttribution.map { layer in
          .list((0..<heads).map { Array(layer[$0 * K..<($0 + 1) * K]).value })
        })
    case "mlp": .list(trace.trace.mlpAttribution.map(\.value))
    default: nil
    }
  }

  /// How far a part lifts one label word's logit above the mean of all.
  private func lift(_ logits: ArraySlice<Float>) -> Double {
    let mean = logits.reduce(0) { $0 + Double($1) } / Double(max(logits.count, 1))
    return Double(logits[logits.startIndex + subject]) - mean
  }

  func figure(titled title: String?) throws -> any Figure {
    try trace.requireLabels()
    let rows = zip(trace.trace.headAttribution, trace.trace.mlpAttribution).map { layer, mlp in
      (0..<heads).map { lift(layer[$0 * K..<($0 + 1) * K]) } + [lift(mlp[...])]
    }
    let word = Value.quoted(trace.prompt.labelWords[subject])
    return try HeatMap(
      title: title ?? "Who writes the answer: \(trace.model.name)",
      subtitle: "direct attribution to \(word), above the mean of the label words",
      panels: [
        .init(
          rows: rows, rowLabels: rows.indices.map(String.init),
          columnLabels: (0..<heads).map(String.init) + ["MLP"])
      ],
      rowTitle: "Layer", columnTitle: "Head", valueName: "Logit", scale: .diverging)
  }
}
