import Charts
import CommandLanguage
import Transformer

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

/// What the embedding, each head, each MLP and the biases write toward the label words' logits.
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
      + "\(parts.headAttribution.count) layers of \(heads) heads; all parts add up to the logits"
      + (trace.model.architecture.logitCap == nil ? "" : " before the soft cap")
  }

  private var parts: Trace { trace.trace }

  private var hasBiases: Bool { parts.biasAttribution.contains { $0.contains { $0 != 0 } } }

  /// One row a part of the model, one column a label word's logit; the rows add up to it.
  var table: Table {
    var rows: [[Value]] = []
    func add(_ layer: Int?, _ part: String, _ logits: some Sequence<Float>) {
      rows.append(
        [layer?.value ?? .nothing, .string(part)] + logits.map { .number(Double($0)) })
    }
    add(nil, "token", parts.tokenAttribution)
    if !parts.positionAttribution.isEmpty { add(nil, "position", parts.positionAttribution) }
    for (layer, values) in parts.headAttribution.enumerated() {
      for head in 0..<heads { add(layer, "head \(head)", values[head * K..<(head + 1) * K]) }
      add(layer, "MLP", parts.mlpAttribution[layer])
      if hasBiases { add(layer, "biases", parts.biasAttribution[layer]) }
    }
    if hasBiases, let output = parts.biasAttribution.last { add(nil, "output biases", output) }
    return Table(columns: ["layer", "part"] + trace.words, rows: rows)
  }

  var fieldNames: [String] { ["heads", "mlp", "biases", "token", "position"] }

  func field(_ name: String) -> Value? {
    switch name {
    case "heads":
      .list(
        parts.headAttribution.map { layer in
          .list((0..<heads).map { Array(layer[$0 * K..<($0 + 1) * K]).value })
        })
    case "mlp": .list(parts.mlpAttribution.map(\.value))
    case "biases": .list(parts.biasAttribution.map(\.value))
    case "token": parts.tokenAttribution.value
    case "position": parts.positionAttribution.isEmpty ? .nothing : parts.positionAttribution.value
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
    var rows: [(name: String, values: [Double])] = []
    // What no head and no MLP writes stands in a column of its own.
    func add(_ name: String, _ other: [Float]) {
      rows.append((name, Array(repeating: .nan, count: heads + 1) + [lift(other[...])]))
    }
    add("token", parts.tokenAttribution)
    if !parts.positionAttribution.isEmpty { add("position", parts.positionAttribution) }
    for (layer, values) in parts.headAttribution.enumerated() {
      let written = (0..<heads).map { lift(values[$0 * K..<($0 + 1) * K]) }
      let rest = hasBiases ? lift(parts.biasAttribution[layer][...]) : .nan
      rows.append(("\(layer)", written + [lift(parts.mlpAttribution[layer][...]), rest]))
    }
    if hasBiases, let output = parts.biasAttribution.last { add("output", output) }
    let word = Value.quoted(trace.prompt.labelWords[subject])
    return try HeatMap(
      title: title ?? "Who writes the answer: \(trace.model.name)",
      subtitle: "direct attribution to \(word), above the mean of the label words",
      panels: [
        .init(
          rows: rows.map(\.values), rowLabels: rows.map(\.name),
          columnLabels: (0..<heads).map(String.init) + ["MLP", "other"])
      ],
      rowTitle: "Layer", columnTitle: "Head", valueName: "Logit", scale: .diverging)
  }
}
