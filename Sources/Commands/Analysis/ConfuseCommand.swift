import Charts
import CommandLanguage
import InContext
import InformationFlow
import LinearAlgebra

/// Which classes a model confuses, and which it should by its keys.
struct ConfuseCommand: AnalysisCommand {
  static let group = "uses of it"
  static let summary =
    "Which classes a model confuses: told from the keys of label words, and measured."
  static let discussion = """
    Predicted: the distance of two label words' keys in one layer, all heads together, along the \
    directions in which the queries of the last position differ most (their principal components, each \
    weighted by its deviation), as a share of the largest distance. Near 0 the two should be confused. \
    Measured: how well p_i / p_j tells the test rows of the two classes apart, an AUC. Near 0.5 the two \
    are confused, at 1 never. The rank correlation says how far both put the pairs in one order. The \
    diagonal is 1 by definition.

    Prompts have one demonstration a class, in class order: the first of the seed for what is measured \
    and for the keys; for the queries, pool= demonstrations a class take turns. Keys and queries are as \
    they meet, with their positions; keys that heads share count for each. Source: Label Words are \
    Anchors (Wang et al. 2023), section 3.3, with the prediction from the keys of one prompt as \
    released.
    """
  static let examples = [
    "confuse mini trec", "confuse mini trec samples=100 layer=[2, 5, 7]",
    "(confuse mini trec samples=100).pairs",
  ]

  @Input("The model to look into.") var model: Model
  @Input("The data set.") var dataset: DatasetObject
  @Option(
    "Whose keys and queries are compared, from 0; auto is at two thirds of the layers, 32 of 48.",
    in: 0..., defaultText: "auto")
  var layer: Int?
  @Option("Directions in which queries differ.", in: 1...) var components = 10
  @Option("Demonstrations per class that take turns before the queries.", in: 1...) var pool = 64
  @Option("Test examples; all if there are fewer.", in: 1...) var samples = 500
  @Option("Seed of the demonstrations and of the test rows.", in: 0...) var seed = 42
  let writing = WritingOptions()

  func run(in session: Session) throws -> ConfusionResult {
    let layers = model.architecture.layers
    let layer = layer ?? LabelConfusion.usualLayer(of: layers)
    guard layer < layers else {
      throw LanguageError.argument(
        "layer=\(layer) is more than \(model.name) has: its layers are 0...\(layers - 1)."
      ).blaming("layer")
    }
    let prompts = try writing.builder(dataset.dataset, for: model, in: session)
      .diagnosis(pool: pool, samples: samples, seed: seed)
    let title = "\(model.name) on \(try writing.name(of: .dataset(dataset)))"
    let shortfall = session.warnOfShortfall(
      prompts.dropped, of: prompts.queried.count + prompts.dropped, for: model, title: title,
      seed: seed)
    let count = LabelConfusion.passes(for: prompts)
    let confusion = try session.monitored(unit: "prompts", total: count) {
      try LabelConfusion(
        of: model.decoder, over: prompts, layer: layer, components: components,
        threads: session.threads, batch: writing.batch, monitor: $0)
    }
    self.layer = layer  // so that a recipe says it
    return ConfusionResult(
      confusion: confusion, layer: layer,
      notes: Self.notes(on: prompts, pool: pool, found: confusion.shares.count, of: components)
        + prompts.answered.splitNote,
      title: title,
      recipe: Recipe(
        self, in: session, model: model, dataset: dataset.dataset, noting: shortfall))
  }

  /// Where there was less than was asked for.
  private static func notes(
    on prompts: DiagnosisPrompts, pool: Int, found: Int, of components: Int
  ) -> String {
    var notes = ""
    if prompts.pool < pool {
      notes += "; \(prompts.pool.grouped) demonstrations take turns, since a class has no more"
    }
    if prompts.dropped > 0 {
      notes +=
        "; only \(prompts.queried.count.grouped) of "
        + "\((prompts.queried.count + prompts.dropped).grouped) queries, the others are too long"
    }
    if found < components {
      notes += "; there are only \(found.grouped) direction\(found == 1 ? "" : "s")"
    }
    return notes
  }
}

/// Predicted and measured confusion of every two classes.
struct ConfusionResult: Plottable, Tabular, Measured, Liftable {
  static let typeName = "confusion"

  let confusion: LabelConfusion
  let layer: Int
  /// What there was less of than asked for, each after a semicolon.
  let notes: String
  let title: String
  let recipe: Recipe

  var summary: String {
    let parts = ([correlationText, mostConfused] + undefined()).filter { !$0.isEmpty }
    return "confusion of \(title): \(parts.joined(separator: "; "))\n\(basis)"
  }

  private var correlationText: String {
    let count = confusion.pairs.count
    let pairs = count == 1 ? "one pair" : "\(count.grouped) pairs"
    return confusion.correlation.map { "rank correlation \($0.fixed(decimals: 2)) over \(pairs)" }
      ?? "rank correlation undefined over \(pairs)"
  }

  private var mostConfused: String {
    func named(_ value: (LabelConfusion.Pair) -> Double?, _ what: String) -> String? {
      let known = confusion.pairs.compactMap { pair in value(pair).map { (pair, $0) } }
      // Of one pair alone, the share of the largest distance is 1 whatever the distance.
      guard let least = known.min(by: { $0.1 < $1.1 }) else { return nil }
      return "\(what) \(name(least.0)) (\(least.1.fixed(decimals: 2)))"
    }
    let parts = [
      named(\.measured, "most confused"),
      confusion.pairs.count > 1 ? named(\.predicted, "by the keys it should be") : nil,
    ]
    return parts.compactMap { $0 }.joined(separator: ", ")
  }

  private func name(_ pair: LabelConfusion.Pair) -> String {
    "\(confusion.classes[pair.classes.0]) and \(confusion.classes[pair.classes.1])"
  }

  /// What cannot be said, and why.
  ///
  /// - Parameter counting: whether to say of how many pairs.
  private func undefined(counting: Bool = true) -> [String] {
    let missing = confusion.pairs.count { $0.measured == nil }
    let pairs = counting ? missing.grouped : "some"
    let which = confusion.pairs.count == 1 ? "" : " for \(pairs) of them"
    let few =
      missing > 0 ? ["AUC undefined\(which), for want of test rows of a class"] : []
    return few
      + (confusion.predicted == nil ? ["nothing predicted: queries or keys do not differ"] : [])
  }

  private var isDrawable: Bool {
    confusion.pairs.contains { $0.predicted != nil || $0.measured != nil }
  }

  /// What to say where results have nothing that can be drawn, or not together.
  private static func nothingToDraw(of results: [ConfusionResult]) -> LanguageError {
    let reasons = results.compactMap { result in
      result.whyUndefined.map { "\(result.title): \($0)" }
    }.withoutRepeats
    let alone =
      results.count > 1 && results[0].isDrawable
      ? "write GRID[0] | plot for the maps of the first; " : ""
    return .type(
      "no confusion can be drawn\(alone.isEmpty ? "" : " together"): "
        + reasons.joined(separator: "; ") + ".",
      hint: alone + "ask for more test rows with samples=, more demonstrations with pool=")
  }

  private func counted(_ count: Int, _ noun: String) -> String {
    "\(count.grouped) \(noun)\(count == 1 ? "" : "s")"
  }

  private var basis: String {
    let share = confusion.shares.reduce(0, +)
    return "layer \(layer), \(counted(confusion.shares.count, "direction")) with "
      + "\((100 * share).fixed(decimals: 0)) % of the variance of the queries at "
      + "\(counted(confusion.queried, "last position")), "
      + "\(counted(confusion.answered, "test row"))\(notes)"
  }

  /// One row a pair of classes.
  var table: Table {
    var table = Table(
      columns: ["first", "second", "predicted", "auc"],
      rows: confusion.pairs.map { pair in
        [
          .string(confusion.classes[pair.classes.0]), .string(confusion.classes[pair.classes.1]),
          pair.predicted.value, pair.measured.value,
        ]
      })
    let undefined = undefined()
    table.explanation = undefined.isEmpty ? nil : undefined.joined(separator: "; ")
    return table
  }

  var measurements: [(name: String, value: Double)] {
    [("correlation", confusion.correlation ?? .nan)]
  }

  var whyUndefined: String? {
    guard confusion.correlation == nil else { return nil }
    // Without counts, which differ from seed to seed, many results have one reason.
    return ([correlationText] + undefined(counting: false)).joined(separator: "; ")
  }

  var fieldNames: [String] {
    ["correlation", "pairs", "predicted", "auc", "classes", "layer", "shares", "samples"]
  }

  func field(_ name: String) -> Value? {
    switch name {
    case "correlation": confusion.correlation.value
    case "pairs": table.value
    case "predicted": confusion.predicted.map { .list($0.map(\.value)) } ?? .nothing
    case "auc": .list(confusion.measured.map(\.value))
    case "classes": confusion.classes.value
    case "layer": layer.value
    case "shares": confusion.shares.value
    case "samples": confusion.answered.value
    default: nil
    }
  }

  func figure(titled title: String?) throws -> any Figure {
    guard isDrawable else { throw Self.nothingToDraw(of: [self]) }
    return try Self.heatMap(
      of: [self], title: title ?? "Confusion of classes: \(self.title)",
      subtitle: "layer \(layer), \(correlationText)")
  }

  /// Means over results of the same classes.
  private static func heatMap(
    of results: [ConfusionResult], title: String, subtitle: String
  ) throws -> HeatMap {
    let classes = results.first?.confusion.classes ?? []
    func panel(
      _ title: String, _ value: (LabelConfusion, Int, Int) -> Double?
    ) throws -> HeatMap.Panel {
      let rows = classes.indices.map { i in
        classes.indices.map { j in
          Statistics.mean(results.compactMap { value($0.confusion, i, j) }) ?? .nan
        }
      }
      return try HeatMap.Panel(title, rows: rows, rowLabels: classes, columnLabels: classes)
    }
    return try HeatMap(
      title: title, subtitle: subtitle,
      panels: [
        panel("Predicted from keys") { $0.predicted?[$1][$2] },
        panel("Measured, AUC") { $0.measured[$1][$2] },
      ],
      // The measured values crowd near 1 while the predicted ones do not.
      valueName: "1: told apart", scale: .blues, scalesPanels: true)
  }

  /// Over seeds alone, the means of both maps; over other lists, the rank correlation of each, or where
  /// there are two classes only, the AUC of the two.
  static func combined(_ grid: Grid) throws -> (any LanguageObject)? {
    let groups = grid.groups()
    let all = grid.objects(ConfusionResult.self)
    guard let first = all.first else { return nil }
    guard all.contains(where: \.isDrawable) else { throw nothingToDraw(of: all) }
    let intervals = groups.map { group in
      ConfidenceInterval(of: group.objects(Self.self).compactMap(\.confusion.correlation))
    }
    let figure: any Figure
    if groups.count == 1 {
      figure = try heatMap(
        of: all, title: grid.title("Confusion of classes", of: all.map(\.title)),
        subtitle: "layer \(first.layer), \(grid.basis), rank correlation "
          + (intervals[0].count > 0 ? intervals[0].text : "undefined"))
    } else if intervals.contains(where: { $0.count > 0 }) {
      figure = try BarChart(
        title: grid.title("Predicted and measured confusion", of: all.map(\.title)),
        subtitle: grid.basis, values: Axis("Rank correlation", range: -1...1),
        groups: groups.map(\.title), series: [.init("rank correlation", means: intervals)])
    } else if all.allSatisfy({ $0.confusion.pairs.count == 1 }) {
      figure = try pairChart(grid, all)
    } else {
      throw nothingToDraw(of: all)
    }
    return FigureValue(figure: figure, style: first.recipe.style, recipe: Recipe(of: grid))
  }

  /// Of two classes there is one pair and nothing to put in order.
  private static func pairChart(_ grid: Grid, _ all: [ConfusionResult]) throws -> BarChart {
    let means = grid.groups().map { group in
      ConfidenceInterval(
        of: group.objects(ConfusionResult.self).compactMap { $0.confusion.pairs[0].measured })
    }
    guard means.contains(where: { $0.count > 0 }) else { throw nothingToDraw(of: all) }
    return try BarChart(
      title: grid.title("Measured confusion of two classes", of: all.map(\.title)),
      subtitle: grid.basis, values: Axis("AUC", range: 0...1), groups: grid.groups().map(\.title),
      series: [.init("AUC", means: means)], references: [ReferenceLine("chance", at: 0.5)])
  }
}
