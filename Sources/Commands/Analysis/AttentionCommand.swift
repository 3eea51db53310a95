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
    the same for all test rows, as in evaluate.

    The field by_class has the curve of each class against all others: a.by_class | plot. Of one prompt \
    there is nothing to rank: figure and table are then the attention that the target pays to the label \
    words of each class, summed over heads. Source: Label Words are Anchors (Wang et al. 2023), \
    section 2.3.
    """
  static let examples = [
    "attention mini sst2 samples=200 | plot", "(attention mini trec samples=100).by_class | plot",
    "attention mini (prompt sst2) | plot",
  ]

  @Input("The model to look into.") var model: Model
  @Input("A data set, or one prompt.") var subject: Subject
  let sampling = SamplingOptions()

  func run(in session: Session) throws -> AttentionResult {
    let sample = try subject.fixedPrompts(for: model, sampling, in: session)
    let attention = try session.monitored(unit: "prompts", total: sample.prompts.count) {
      try LabelAttention(
        of: model.decoder, over: sample.prompts, threads: session.threads,
        batch: sampling.batch, monitor: $0)
    }
    return AttentionResult(
      attention: attention, title: "\(model.name) on \(try sampling.name(of: subject))",
      note: sample.prompts.first?.splitLabelNote,
      recipe: Recipe(self, in: session, model: model, dataset: subject.dataset))
  }
}

/// AUCROC_l and R_l by layer; of one prompt the attention itself.
struct AttentionResult: Plottable, Tabular, Profiled, Liftable {
  static let typeName = "label attention"

  let attention: LabelAttention
  let auc: [Double?]
  let title: String
  /// A word about label words that are several tokens.
  let note: String?
  let recipe: Recipe

  init(attention: LabelAttention, title: String, note: String?, recipe: Recipe) {
    self.attention = attention
    auc = attention.auc
    self.title = title
    self.note = note
    self.recipe = recipe
  }

  var r: [Double?] { LabelAttention.cumulativeShare(auc) }
  private var classes: [String] { attention.classes }
  private var predicted: [Int] { attention.predicted }
  private var isOnePrompt: Bool { predicted.count == 1 }
  private var isDefined: Bool { Set(predicted).count > 1 }

  var summary: String { "label attention of \(title), \(basis)" }

  /// What the numbers rest on.
  var basis: String {
    let note = note.map { "; \($0)" } ?? ""
    guard !isOnePrompt else { return "the answer is \(classes[predicted[0]])\(note)" }
    let counts = classes.indices.map { index in
      "\(classes[index]) \(predicted.count { $0 == index }.grouped)"
    }.joined(separator: ", ")
    let problem =
      isDefined
      ? ""
      : "; AUCROC is undefined: the model gives one answer only, so there is nothing to tell apart"
    let excess = auc.compactMap { $0 }.reduce(0) { $0 + $1 - 0.5 }
    let warning = excess < 0 ? "; R is a share of a negative total: AUCROC is below chance" : ""
    return "\(predicted.count.grouped) samples (answers: \(counts))\(problem)\(warning)\(note)"
  }

  /// `layer, auc, r`; of one prompt `layer` and a column a class.
  var table: Table {
    guard !isOnePrompt else {
      return Table(
        columns: ["layer"] + classes,
        rows: attention.scores[0].enumerated().map { [Double($0).value] + $1.map(\.value) })
    }
    return Table(
      columns: ["layer", "auc", "r"],
      rows: auc.indices.map { [.number(Double($0)), auc[$0].value, r[$0].value] })
  }

  var fieldNames: [String] { ["auc", "r", "by_class", "scores", "predicted", "samples"] }

  func field(_ name: String) -> Value? {
    switch name {
    case "auc": auc.value
    case "r": r.value
    case "by_class": .object(ClassAttentionResult(attention: self))
    case "scores": .list(attention.scores.map { .list($0.map(\.value)) })
    case "predicted": predicted.map { classes[$0] }.value
    case "samples": predicted.count.value
    default: nil
    }
  }

  func display() -> Display {
    guard isDefined || isOnePrompt else {
      return Display(plain: summary, metadata: recipe.metadata)
    }
    return figureDisplay(style: recipe.style)
  }

  // MARK: - Figures

  func figure(titled title: String?) throws -> any Figure {
    let title = title ?? "Attention to label words: \(self.title)"
    if isOnePrompt {
      return try Self.chart(ofPrompts: [.init(series: scoreSeries)], title: title, subtitle: basis)
    }
    guard isDefined else { throw LanguageError.type(summary) }
    return try Self.chart(
      title: title, subtitle: basis,
      panels: [
        .init(series: [.init("AUCROC", y: auc), .init("R", y: r, side: .right)])
      ])
  }

  /// One prompt's attention to the label words of each class.
  private var scoreSeries: [LineChart.Series] { Self.scoreSeries(of: [self]) }

  /// The same of one prompt for each seed: means.
  private static func scoreSeries(of results: [AttentionResult]) -> [LineChart.Series] {
    (results.first?.classes ?? []).enumerated().map { index, name in
      .init(
        name,
        over: CurveOverSeeds(results.map { $0.attention.scores[0].map { Optional($0[index]) } }))
    }
  }

  /// A panel of one prompt, whose answer there is to say; of one for each seed there may be several.
  private static func panel(ofPrompts results: [AttentionResult], title: String) -> LineChart.Panel
  {
    let answers = results.map { $0.classes[$0.predicted[0]] }
    let name = answers.count == 1 ? "\(title) (\(answers[0]))" : title
    return .init(name, series: scoreSeries(of: results))
  }

  private static func chart(
    ofPrompts panels: [LineChart.Panel], title: String, subtitle: String
  ) throws -> LineChart {
    try LineChart(
      title: title, subtitle: subtitle, x: .layer, left: Axis("Attention, summed over heads"),
      panels: panels)
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
    let all: [AttentionResult] = grid.objects()
    guard let first = all.first else { return nil }
    guard all.contains(where: { $0.isDefined || $0.isOnePrompt }) else {
      throw LanguageError.type(first.summary)
    }
    let arePrompts = all.allSatisfy(\.isOnePrompt)
    let title = grid.title("Attention to label words", of: all.map(\.title))
    var panels: [LineChart.Panel] = []
    for group in grid.groups() {
      let results: [AttentionResult] = group.objects()
      guard !results.isEmpty else { continue }
      if arePrompts {
        panels.append(panel(ofPrompts: results, title: group.title))
        continue
      }
      let curve = CurveOverSeeds(results.map(\.auc))
      let series: [LineChart.Series] = [
        .init("AUCROC", over: curve),
        // R is of the averaged curve (spec 4.4).
        .init("R", y: LabelAttention.cumulativeShare(curve.mean), side: .right),
      ]
      panels.append(.init(group.title, series: series))
    }
    let undefined = all.count { !$0.isDefined }
    let warning =
      undefined > 0
      ? "; \(undefined) of \(all.count) runs gave one answer only and are left out" : ""
    let chart =
      arePrompts
      ? try chart(
        ofPrompts: panels, title: title,
        subtitle: grid.hasSeeds ? grid.basis : "the model's answer in brackets")
      : try chart(title: title, subtitle: grid.basis + warning, panels: panels)
    return FigureValue(figure: chart, style: first.recipe.style, recipe: Recipe(of: grid))
  }
}

/// The AUC of each class against all others, by layer.
struct ClassAttentionResult: Plottable, Tabular, Profiled, Liftable {
  static let typeName = "label attention by class"

  let attention: AttentionResult
  var recipe: Recipe { attention.recipe }

  private var classes: [String] { attention.attention.classes }
  /// [layer][class]
  private var auc: [[Double?]] { attention.attention.aucByClass }

  var summary: String { "label attention by class of \(attention.title), \(basis)" }

  private var basis: String {
    let predicted = attention.attention.predicted
    let counts = classes.indices.map { id in predicted.count { $0 == id } }
    let missing = classes.indices.filter { counts[$0] == 0 }.map { classes[$0] }
    let note =
      missing.isEmpty ? "" : "; undefined, for never answered: \(missing.joined(separator: ", "))"
    return attention.basis + note
  }

  /// `layer` and a column a class.
  var table: Table {
    Table(
      columns: ["layer"] + classes,
      rows: auc.enumerated().map { [Double($0).value] + $1.map(\.value) })
  }

  var fieldNames: [String] { ["auc"] }

  func field(_ name: String) -> Value? { name == "auc" ? .list(auc.map(\.value)) : nil }

  func figure(titled title: String?) throws -> any Figure {
    guard isDefined else { throw LanguageError.type(summary) }
    return try Self.chart(
      title: title ?? "\(Self.figureTitle): \(attention.title)", subtitle: basis,
      panels: [.init(series: Self.series(of: [self]))])
  }

  private static let figureTitle = "Attention to label words, each class against the others"

  private var isDefined: Bool { auc.joined().contains { $0 != nil } }

  /// A curve a class, means over results of the same classes.
  private static func series(of results: [ClassAttentionResult]) -> [LineChart.Series] {
    (results.first?.classes ?? []).enumerated().map { id, name in
      .init(name, over: CurveOverSeeds(results.map { $0.auc.map { $0[id] } }))
    }
  }

  private static func chart(
    title: String, subtitle: String, panels: [LineChart.Panel]
  ) throws -> LineChart {
    try LineChart(
      title: title, subtitle: subtitle, x: .layer, left: Axis("AUC", range: 0...1), panels: panels,
      references: [ReferenceLine("chance", at: 0.5)])
  }

  /// A panel for each combination of the lists.
  static func combined(_ grid: Grid) throws -> (any LanguageObject)? {
    let all: [ClassAttentionResult] = grid.objects()
    guard let first = all.first else { return nil }
    guard all.contains(where: \.isDefined) else { throw LanguageError.type(first.summary) }
    let chart = try chart(
      title: grid.title(figureTitle, of: all.map(\.attention.title)), subtitle: grid.basis,
      panels: grid.groups().map { .init($0.title, series: series(of: $0.objects())) })
    return FigureValue(figure: chart, style: first.recipe.style, recipe: Recipe(of: grid))
  }
}
