import Charts
import Checkpoints
import CommandLanguage
import InformationFlow
import LinearAlgebra

/// What re-weighting the attention to label words gains.
struct ReweightResult: Plottable, Tabular, Measured, Liftable, TensorSource {
  static let typeName = "re-weighting"

  let learned: Reweighting
  /// The model's.
  let heads: Int
  let shots: Int
  let plain: Evaluation
  let reweighted: Evaluation
  /// Demonstrations per class of the comparison with more of them, and its answers.
  let moreShots: Int?
  let more: Evaluation?
  /// What else there is to say.
  let notes: [String]
  /// The label words as they are shown.
  let words: [String]
  let title: String
  let recipe: Recipe

  /// An accuracy that is compared.
  private struct Bar {
    let name: String
    let shots: Int
    let evaluation: Evaluation

    var interval: ClosedRange<Double>? {
      Statistics.wilsonInterval(successes: evaluation.correct, of: evaluation.rows.count)
    }
  }

  private static let (vanilla, weighted) = ("vanilla", "re-weighted")
  private static func name(shots: Int) -> String {
    "\(shots) demonstration\(shots == 1 ? "" : "s") per class"
  }

  private var bars: [Bar] {
    var bars = [
      Bar(name: Self.vanilla, shots: shots, evaluation: plain),
      Bar(name: Self.weighted, shots: shots, evaluation: reweighted),
    ]
    if let more, let moreShots {
      bars.append(Bar(name: Self.name(shots: moreShots), shots: moreShots, evaluation: more))
    }
    return bars
  }

  var summary: String {
    let accuracies = bars.map { "\($0.name) \($0.evaluation.accuracy.percent) %" }
    return "\(title): accuracy \(accuracies.joined(separator: ", ")) (\(basis))"
      + notes.map { "\nNote: \($0)." }.joined()
  }

  private var basis: String {
    let steps = learned.losses.first?.count ?? 0
    let rows = steps > 0 ? "β learned from \(steps.grouped) rows, " : "β not learned, "
    return rows + "\(plain.rows.count.grouped) test rows"
  }

  /// One row a way of asking.
  var table: Table {
    Table(
      columns: ["method", "shots", "accuracy", "lower", "upper", "correct", "samples"],
      rows: bars.map { bar in
        [
          bar.name.value, bar.shots.value, bar.evaluation.accuracy.value,
          bar.interval?.lowerBound.value ?? .nothing, bar.interval?.upperBound.value ?? .nothing,
          bar.evaluation.correct.value, bar.evaluation.rows.count.value,
        ]
      }, caption: summary)
  }

  /// One row a test row.
  private var rows: Table {
    let classes = plain.classes
    return Table(
      columns: ["index", "gold", "vanilla", "reweighted"] + (more == nil ? [] : ["baseline"]),
      rows: plain.rows.indices.map { index in
        let gold = plain.rows[index].gold
        let answers = ([plain, reweighted] + [more].compactMap { $0 }).map {
          classes[$0.rows[index].prediction.predicted].value
        }
        return [
          plain.rows[index].index.value,
          classes.indices.contains(gold) ? classes[gold].value : .nothing,
        ] + answers
      })
  }

  private var gain: Double { reweighted.accuracy - plain.accuracy }

  var measurements: [(name: String, value: Double)] {
    [("vanilla", plain.accuracy), ("reweighted", reweighted.accuracy), ("gain", gain)]
      + [more].compactMap { $0 }.map { ("baseline", $0.accuracy) }
  }

  /// β as [L, H, C]; H is 1 where heads share theirs.
  var tensors: [SafetensorsWriter.Tensor] { beta.tensors }

  var fieldNames: [String] {
    [
      "reweighted", "vanilla", "gain", "baseline", "baseline_shots", "beta", "training", "rows",
      "samples",
    ]
  }

  func field(_ name: String) -> Value? {
    switch name {
    case "reweighted": reweighted.accuracy.value
    case "vanilla": plain.accuracy.value
    case "gain": gain.value
    case "baseline": more?.accuracy.value ?? .nothing
    case "baseline_shots": moreShots?.value ?? .nothing
    case "beta": .object(beta)
    case "training": .object(training)
    case "rows": rows.value
    case "samples": plain.rows.count.value
    default: nil
    }
  }

  // MARK: - Figures

  func figure(titled title: String?) throws -> any Figure {
    let bars = bars
    return try BarChart(
      title: title ?? "Re-weighted attention to label words: \(self.title)", subtitle: basis,
      values: Axis("Accuracy", range: 0...1), groups: bars.map(\.name),
      series: [
        .init(
          "accuracy", values: bars.map(\.evaluation.accuracy),
          lower: bars.map { $0.interval?.lowerBound }, upper: bars.map { $0.interval?.upperBound })
      ],
      references: [ReferenceLine("chance", at: 1 / Double(max(plain.classes.count, 1)))])
  }

  /// Accuracies over the lists: a group of bars for each combination, means over seeds.
  static func combined(_ grid: Grid) throws -> (any LanguageObject)? {
    let all = grid.objects(ReweightResult.self)
    guard let first = all.first else { return nil }
    let groups = grid.groups()
    let shots = Set(all.compactMap(\.moreShots))
    let more = shots.count == 1 ? shots.map(name(shots:))[0] : "more demonstrations"
    let readings: [(name: String, accuracy: (ReweightResult) -> Double?)] =
      [(vanilla, { $0.plain.accuracy }), (weighted, { $0.reweighted.accuracy })]
      + (shots.isEmpty ? [] : [(more, { $0.more?.accuracy })])
    let series = readings.map { name, accuracy in
      BarChart.Series(
        name,
        means: groups.map {
          ConfidenceInterval(of: $0.objects(ReweightResult.self).compactMap(accuracy))
        })
    }
    let classes = Set(all.map(\.plain.classes.count))
    let chart = try BarChart(
      title: grid.title("Re-weighted attention to label words", of: all.map(\.title)),
      subtitle: grid.basis, values: Axis("Accuracy", range: 0...1),
      groups: groups.map { $0.title.isEmpty ? first.title : $0.title }, series: series,
      // Of data sets with several numbers of classes there is no one chance.
      references: classes.count == 1
        ? classes.map { ReferenceLine("chance", at: 1 / Double($0)) } : [])
    return FigureValue(figure: chart, style: first.recipe.style, recipe: Recipe(of: grid))
  }
}

extension ReweightResult {
  /// The field `beta`.
  var beta: BetaResult { BetaResult(result: self) }

  /// The field `training`.
  var training: TrainingCurve { TrainingCurve(result: self) }
}

/// What was learned: β by layer, head and class.
struct BetaResult: Plottable, Tabular, TensorSource {
  static let typeName = "learned β"

  let result: ReweightResult
  var recipe: Recipe { result.recipe }
  private var weights: LabelWeights { result.learned.weights }
  private var isShared: Bool { weights.heads < result.heads }

  var summary: String {
    let heads = isShared ? "shared by heads" : "\(weights.heads) heads"
    let extremes = weights.beta.min().map { low in
      ", \(low.text(digits: 3)) to \((weights.beta.max() ?? low).text(digits: 3))"
    }
    return "β of \(result.title): \(weights.layers) layers, \(heads), \(weights.classes) classes"
      + (extremes ?? "")
  }

  /// One row a β.
  var table: Table {
    var rows: [[Value]] = []
    for layer in 0..<weights.layers {
      for head in 0..<weights.heads {
        for label in 0..<weights.classes {
          rows.append([
            layer.value, isShared ? "all".value : head.value, result.words[label].value,
            weights[layer, head, label].value,
          ])
        }
      }
    }
    return Table(columns: ["layer", "head", "label", "beta"], rows: rows)
  }

  var tensors: [SafetensorsWriter.Tensor] {
    [
      .init(
        "beta", shape: [weights.layers, weights.heads, weights.classes],
        floats: weights.beta.map { Float($0) })
    ]
  }

  var fieldNames: [String] { ["values", "labels"] }

  func field(_ name: String) -> Value? {
    switch name {
    case "values":
      .list(
        (0..<weights.layers).map { layer in
          .list(
            (0..<weights.heads).map { head in
              (0..<weights.classes).map { weights[layer, head, $0] }.value
            })
        })
    case "labels": result.words.value
    default: nil
    }
  }

  func figure(titled title: String?) throws -> any Figure {
    let layers = 0..<weights.layers
    let panels =
      isShared
      ? [
        try HeatMap.Panel(
          rows: layers.map { layer in result.words.indices.map { weights[layer, 0, $0] } },
          columnLabels: result.words)
      ]
      : try result.words.enumerated().map { label, word in
        try HeatMap.Panel(
          word,
          rows: layers.map { layer in
            (0..<weights.heads).map { weights[layer, $0, label] }
          })
      }
    return try HeatMap(
      title: title ?? "Learned β of label words: \(result.title)",
      subtitle: "attention of the target to them is multiplied by exp β", panels: panels,
      rowTitle: "Layer", columnTitle: isShared ? "Label word" : "Head", valueName: "β",
      scale: .diverging)
  }
}

/// The loss while β was learned.
struct TrainingCurve: Plottable, Tabular {
  static let typeName = "training curve"

  let result: ReweightResult
  var recipe: Recipe { result.recipe }
  private var curve: [Double] { result.learned.curve }

  var summary: String {
    guard let first = curve.first, let last = curve.last else {
      return "no epoch of training: β is 0"
    }
    return "mean loss of \(result.title): \(first.text(digits: 4)) nats in epoch 1, "
      + "\(last.text(digits: 4)) in epoch \(curve.count)"
  }

  /// One row an epoch.
  var table: Table {
    Table(
      columns: ["epoch", "loss"],
      rows: curve.enumerated().map { [($0 + 1).value, $1.value] })
  }

  var fieldNames: [String] { ["loss", "steps"] }

  func field(_ name: String) -> Value? {
    switch name {
    case "loss": curve.value
    case "steps": .list(result.learned.losses.map(\.value))
    default: nil
    }
  }

  func figure(titled title: String?) throws -> any Figure {
    try LineChart(
      title: title ?? "Learning β: \(result.title)",
      subtitle: "mean over \((result.learned.losses.first?.count ?? 0).grouped) rows, one a step",
      x: Axis("Epoch", kind: .integer), left: Axis("Cross-entropy", unit: "nats"),
      series: [
        .init("loss", x: curve.indices.map { Double($0 + 1) }, y: curve)
      ])
  }
}
