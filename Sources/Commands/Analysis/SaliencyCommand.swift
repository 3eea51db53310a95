import Charts
import Checkpoints
import CommandLanguage
import InContext
import InformationFlow

/// Where the answer comes from, layer by layer.
struct SaliencyCommand: AnalysisCommand {
  static let group = "information flow"
  static let summary = "Saliency of attention: S_wp, S_pq and S_ww by layer."
  static let discussion = """
    S_wp is the mean flow from earlier tokens to the label words, S_pq from the label words to the \
    position where the model answers, S_ww between all other pairs. The figure shows what share each \
    has of the three in its layer; the table has the values and the shares. Demonstrations are drawn \
    anew for each test row, and prompts that the model's context cannot hold are left out and counted.

    Of one prompt the figure is the flow from token to token, the mean of the lower and of the upper half \
    of the layers side by side; layers= takes others, and a list of several, [first(2), last(2)], shows \
    them side by side. Its field profile has the curves: s.profile | plot.

    Source: Label Words are Anchors (Wang et al. 2023), section 2.1.
    """
  static let examples = [
    "saliency mini sst2 samples=200 | plot", "saliency mini sst2 seed=1..3",
    "saliency mini (prompt sst2) | plot",
  ]

  @Input("The model to look into.") var model: Model
  @Input("A data set, or one prompt.") var subject: Subject
  let sampling = SamplingOptions()
  @Option(
    "The layers whose mean the flow of one prompt is; auto is both halves.", defaultText: "auto")
  var layers: Selection?

  func run(in session: Session) throws -> SaliencyResult {
    if case .prompt(let object) = subject { return try flow(through: object, in: session) }
    guard layers == nil else {
      throw LanguageError.argument(
        "layers= says which layers the flow through one prompt is of; of a data set all have a point "
          + "on the curves.", hint: "saliency \(model.name) (prompt \(subject.name))"
      ).blaming("layers")
    }
    let sample = try subject.redrawnPrompts(for: model, sampling, in: session)
    let title = "\(model.name) on \(try sampling.name(of: subject))"
    let shortfall = session.warnOfShortfall(
      sample.dropped, of: sample.prompts.count + sample.dropped, for: model, title: title,
      seed: sampling.seed)
    let profile = try session.monitored(unit: "prompts", total: sample.prompts.count) {
      try SaliencyProfile(
        of: model.decoder, over: sample.prompts, threads: session.threads,
        batch: sampling.batch, monitor: $0)
    }
    return SaliencyResult(
      profile: profile, dropped: sample.dropped, title: title,
      note: sample.prompts.first?.splitLabelNote,
      recipe: Recipe(
        self, in: session, model: model, dataset: subject.dataset, noting: shortfall))
  }

  /// One prompt, token by token.
  private func flow(through object: PromptObject, in session: Session) throws -> SaliencyResult {
    let count = model.architecture.layers
    let prompt = try object.prompt(for: model)
    let groups: [FlowPicture.Group]
    if let layers {
      groups = [
        .init(
          "layers \(layers.argumentText)", try layers.indices(of: count, "layers", of: model))
      ]
    } else {
      groups = FlowPicture.Group.halves(of: count)
    }
    let flow = try session.monitored(unit: "prompts", total: 1) {
      try TokenFlow(
        of: model.decoder, through: prompt, groups: groups.map(\.layers),
        threads: session.threads, monitor: $0)
    }
    return SaliencyResult(
      profile: flow.profile, dropped: 0, title: "\(model.name) on \(subject.name)",
      note: prompt.splitLabelNote,
      picture: FlowPicture(flow: flow, prompt: prompt, groups: groups),
      recipe: Recipe(self, in: session, model: model, dataset: subject.dataset))
  }
}

/// S_wp, S_pq and S_ww by layer.
struct SaliencyResult: Plottable, Tabular, TensorSource, Profiled, Liftable {
  static let typeName = "saliency profile"
  static let parts = [
    "S_wp (text to label words)", "S_pq (label words to target)", "S_ww (others)",
  ]

  let profile: SaliencyProfile
  /// Prompts that the model's context could not hold.
  let dropped: Int
  let title: String
  /// A word about label words that are several tokens.
  let note: String?
  /// Of one prompt, the flow from token to token.
  var picture: FlowPicture?
  let recipe: Recipe

  var relative: [SaliencyProfile.Layer] { profile.layers.map(\.relative) }

  var summary: String { "saliency of \(title), \(basis)" }

  private var basis: String {
    let samples = profile.samples
    let note = note.map { "; \($0)" } ?? ""
    guard dropped == 0 else {
      return
        "only \(samples.grouped) of \((samples + dropped).grouped) samples, the others are too "
        + "long for the model\(note)"
    }
    return "\(samples.grouped) \(samples == 1 ? "sample" : "samples")\(note)"
  }

  /// `wp`, `pq`, `ww` and `wp_relative`, `pq_relative`, `ww_relative`, each [L]; of one prompt also its
  /// `tokens` [T] and, for each group of layers, `layers.{g}` and the mean `saliency.{g}` (T, T).
  var tensors: [SafetensorsWriter.Tensor] {
    let count = profile.layers.count
    var tensors = table.columns.enumerated().dropFirst().map { column, name in
      let values = table.rows.map { Float($0[column].number ?? .nan) }
      return SafetensorsWriter.Tensor(name, shape: [count], floats: values)
    }
    guard let picture else { return tensors }
    let tokens = picture.prompt.tokens
    tensors.append(.init("tokens", shape: [tokens.count], integers: tokens.map(Int64.init)))
    for (group, layers) in picture.flow.groups.enumerated() {
      tensors.append(
        .init("layers.\(group)", shape: [layers.count], integers: layers.map(Int64.init)))
      tensors.append(
        .init(
          "saliency.\(group)", shape: [tokens.count, tokens.count],
          floats: picture.flow.saliency[group]))
    }
    return tensors
  }

  /// The curves of a result whose figure is the flow from token to token.
  private var curves: SaliencyResult {
    var curves = self
    curves.picture = nil
    return curves
  }

  var table: Table {
    Table(
      columns: ["layer", "wp", "pq", "ww", "wp_relative", "pq_relative", "ww_relative"],
      rows: zip(profile.layers, relative).enumerated().map { index, layer in
        let (mean, share) = layer
        return ([Double(index), mean.wp, mean.pq, mean.ww, share.wp, share.pq, share.ww])
          .map(Value.number)
      })
  }

  var fieldNames: [String] {
    ["wp", "pq", "ww", "wp_relative", "pq_relative", "ww_relative", "samples", "dropped"]
      + (picture == nil ? [] : ["profile"])
  }

  func field(_ name: String) -> Value? {
    switch name {
    case "wp": profile.layers.map(\.wp).value
    case "pq": profile.layers.map(\.pq).value
    case "ww": profile.layers.map(\.ww).value
    case "wp_relative": relative.map(\.wp).value
    case "pq_relative": relative.map(\.pq).value
    case "ww_relative": relative.map(\.ww).value
    case "samples": profile.samples.value
    case "dropped": dropped.value
    case "profile": picture == nil ? nil : .object(curves)
    default: nil
    }
  }

  func figure(titled title: String?) throws -> any Figure {
    let title = title ?? "Where information flows: \(self.title)"
    if let picture { return try FlowPicture.figure(title: title, panels: picture.panels()) }
    return try LineChart(
      title: title, subtitle: basis, x: .layer,
      left: Axis("Relative saliency", range: 0...1),
      series: [
        .init(Self.parts[0], y: relative.map(\.wp)), .init(Self.parts[1], y: relative.map(\.pq)),
        .init(Self.parts[2], y: relative.map(\.ww)),
      ])
  }

  /// One figure of a grid: mean and 95 % interval over seeds, a panel for each other choice; of single
  /// prompts, or of one with several choices of layers, their flow side by side.
  static func combined(_ grid: Grid) throws -> (any LanguageObject)? {
    if let flow = try combinedFlow(grid) { return flow }
    var panels: [LineChart.Panel] = []
    var first: SaliencyResult?
    for group in grid.groups() {
      let results: [SaliencyResult] = group.objects()
      guard !results.isEmpty else { continue }
      first = first ?? results[0]
      let readings: [(SaliencyProfile.Layer) -> Double] = [{ $0.wp }, { $0.pq }, { $0.ww }]
      let series = zip(parts, readings).map { part, reading in
        let curve = CurveOverSeeds(results.map { $0.relative.map { Optional(reading($0)) } })
        return LineChart.Series(part, over: curve)
      }
      panels.append(.init(group.title, series: series))
    }
    guard let first else { return nil }
    let chart = try LineChart(
      title: grid.title("Where information flows", of: grid.objects(Self.self).map(\.title)),
      subtitle: grid.basis + shortfall(grid.objects()),
      x: .layer, left: Axis("Relative saliency", range: 0...1), panels: panels)
    return FigureValue(figure: chart, style: first.recipe.style, recipe: Recipe(of: grid))
  }

  private static func shortfall(_ results: [SaliencyResult]) -> String {
    let dropped = results.reduce(0) { $0 + $1.dropped }
    let all = results.reduce(dropped) { $0 + $1.profile.samples }
    return dropped == 0
      ? ""
      : "; only \((all - dropped).grouped) of \(all.grouped) samples, the others are too long"
  }

  private static func combinedFlow(_ grid: Grid) throws -> FigureValue? {
    var panels: [FlowMap.Panel] = []
    let results: [SaliencyResult] = grid.objects()
    for group in grid.groups() {
      // A prompt is drawn already: the seed of test rows makes no difference.
      guard let picture = group.objects(SaliencyResult.self).first?.picture else { return nil }
      panels += picture.panels(of: group.title(leavingOut: ["layers"]))
    }
    guard let first = results.first, panels.count <= FlowPicture.mostPanels else { return nil }
    let figure = try FlowPicture.figure(
      title: grid.title("Where information flows", of: results.map(\.title)), panels: panels)
    return FigureValue(figure: figure, style: first.recipe.style, recipe: Recipe(of: grid))
  }
}
