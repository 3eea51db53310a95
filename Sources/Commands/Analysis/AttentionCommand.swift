import Charts
import CommandLanguage
import InContext
import InformationFlow

/// Whether attention to the label words tells the answer.
struct AttentionCommand: AnalysisCommand {
  static let group = "information flow"
  static let summary = "AUCROC of the target's attention to label words, and R, by layer."
  static let discussion = """
    AUCROC_l says how well the attention that the last position pays to each label word in layer l \
    tells the model's own answer: 0.5 is chance. R_l is the share of the layers up to l in the whole \
    excess over chance. Both are undefined where the model gives one answer only. Demonstrations are \
    the same for all test rows, as in evaluate. Source: Label Words are Anchors (Wang et al. 2023), \
    section 2.3.
    """
  static let examples = ["attention mini sst2 samples=200 | plot"]

  @Input("The model to look into.") var model: Model
  @Input("A data set, or one prompt.") var subject: Subject
  let sampling = SamplingOptions()

  func run(in session: Session) throws -> AttentionResult {
    let sample = try subject.fixedPrompts(for: model, sampling)
    let attention = try session.monitored(unit: "prompts", total: sample.prompts.count) {
      try LabelAttention(
        of: model.decoder, over: sample.prompts, threads: session.threads,
        batch: sampling.batch, monitor: $0)
    }
    return AttentionResult(
      auc: attention.auc, byClass: attention.aucByClass, classes: attention.classes,
      predicted: attention.predicted, title: "\(model.name) on \(subject.name)",
      recipe: Recipe(self, in: session, model: model, dataset: subject.dataset))
  }
}

/// AUCROC_l and R_l by layer.
struct AttentionResult: Plottable, Tabular, Profiled, Liftable {
  static let typeName = "label attention"

  let auc: [Double?]
  /// [layer][class]
  let byClass: [[Double?]]
  let classes: [String]
  let predicted: [Int]
  let title: String
  let recipe: Recipe

  var r: [Double?] { LabelAttention.cumulativeShare(auc) }

  var summary: String { "label attention of \(title), \(basis)" }

  /// What the numbers rest on.
  private var basis: String {
    let counts = classes.indices.map { index in
      "\(classes[index]) \(predicted.count { $0 == index }.grouped)"
    }.joined(separator: ", ")
    let problem =
      Set(predicted).count < 2
      ? "; AUCROC is undefined: the model gives one answer only, so there is nothing to tell apart"
      : ""
    let excess = auc.compactMap { $0 }.reduce(0) { $0 + $1 - 0.5 }
    let warning = excess < 0 ? "; R is a share of a negative total: AUCROC is below chance" : ""
    return "\(predicted.count.grouped) samples (answers: \(counts))\(problem)\(warning)"
  }

  var table: Table {
    Table(
      columns: ["layer", "auc", "r"],
      rows: auc.indices.map { [.number(Double($0)), auc[$0].value, r[$0].value] })
  }

  var fieldNames: [String] { ["auc", "r", "auc_by_class", "predicted", "samples"] }

  func field(_ name: String) -> Value? {
    switch name {
    case "auc": auc.value
    case "r": r.value
    case "auc_by_class": .list(byClass.map(\.value))
    case "predicted": predicted.map { classes[$0] }.value
    case "samples": predicted.count.value
    default: nil
    }
  }

  func display() -> Display {
    guard Set(predicted).count > 1 else {
      return Display(plain: summary, metadata: recipe.metadata)
    }
    return figureDisplay(style: recipe.style)
  }

  func figure(titled title: String?) throws -> any Figure {
    guard Set(predicted).count > 1 else { throw LanguageError.type(summary) }
    return try Self.chart(
      title: title ?? "Attention to label words: \(self.title)", subtitle: basis,
      panels: [
        .init(series: [.init("AUCROC", y: auc), .init("R", y: r, side: .right)])
      ])
  }

  private static func chart(
    title: String, subtitle: String, panels: [LineChart.Panel]
  ) throws -> LineChart {
    try LineChart(
      title: title, subtitle: subtitle, x: .layer, left: Axis("AUCROC", range: 0...1),
      right: Axis("R", unit: "share of the total"), panels: panels,
      references: [ReferenceLine("chance", at: 0.5)])
  }

  static func combined(_ grid: Grid) throws -> (any LanguageObject)? {
    var panels: [LineChart.Panel] = []
    var first: AttentionResult?
    for group in grid.groups() {
      let results: [AttentionResult] = group.objects()
      guard !results.isEmpty else { continue }
      first = first ?? results[0]
      let curve = CurveOverSeeds(results.map(\.auc))
      let series: [LineChart.Series] = [
        .init("AUCROC", y: curve.mean, lower: curve.lower, upper: curve.upper),
        // R is of the averaged curve (spec 4.4).
        .init("R", y: LabelAttention.cumulativeShare(curve.mean), side: .right),
      ]
      panels.append(.init(group.title, series: series))
    }
    guard let first else { return nil }
    let chart = try chart(
      title: grid.title("Attention to label words", of: grid.objects(Self.self).map(\.title)),
      subtitle: grid.basis,
      panels: panels)
    return FigureValue(figure: chart, style: first.recipe.style, recipe: Recipe(of: grid))
  }
}
