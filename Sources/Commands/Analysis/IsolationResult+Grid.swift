import Charts
import CommandLanguage
import InContext
import InformationFlow

extension IsolationResult {
  /// Bars as in the paper: a group for each measure and a bar for each combination of the lists, with
  /// intervals over seeds; curves where the number of layers is what is run over.
  static func combined(_ grid: Grid) throws -> (any LanguageObject)? {
    guard let first = grid.objects(IsolationResult.self).first else { return nil }
    let conditions = grid.groups().compactMap(Condition.init)
    let names = grid.objects(IsolationResult.self).map(\.name)
    let title = grid.title("Isolation", of: names)
    let subtitle = "\(grid.basis), words=\(first.words)"
    let figure: any Figure =
      if let panels = sweep(conditions) {
        try LineChart(
          title: title, subtitle: subtitle, x: Axis("Layers isolated", kind: .integer),
          left: Axis("Share", range: 0...1), panels: panels)
      } else {
        try bars(conditions, title: title, subtitle: subtitle)
      }
    return FigureValue(figure: figure, style: first.recipe.style, recipe: Recipe(of: grid))
  }

  /// The results that differ in their seed only.
  private struct Condition {
    let title: String
    /// The title without the layers.
    let rest: String
    let layers: Selection
    /// One a measure.
    let shares: [ConfidenceInterval]
    let whole: [ConfidenceInterval]
    let isMean: Bool

    init?(_ group: Grid.Group) {
      let results: [IsolationResult] = group.objects()
      guard let first = results.first else { return nil }
      title = group.title.isEmpty ? first.title : group.title
      rest = group.title(leavingOut: ["layers"])
      layers = first.layers
      func means(_ shares: [[Double?]]) -> [ConfidenceInterval] {
        measures.indices.map { measure in
          ConfidenceInterval(of: shares.compactMap { $0[measure] })
        }
      }
      shares = means(results.map(\.shares))
      whole = means(results.map(\.whole))
      isMean = results.count > 1
    }

    /// Where the sweep starts, and how many layers it takes.
    var reach: (end: String, count: Int)? {
      switch layers {
      case .first(let count): ("first", count)
      case .last(let count): ("last", count)
      case .listed: nil
      }
    }
  }

  /// The series colours that can be told apart.
  private static let mostBars = 7

  private static func bars(
    _ conditions: [Condition], title: String, subtitle: String
  ) throws -> BarChart {
    guard conditions.count <= mostBars else {
      return try BarChart(
        title: title, subtitle: subtitle, values: shareAxis,
        groups: conditions.map(\.title),
        series: measures.enumerated().map { measure, name in
          .init(name, means: conditions.map { $0.shares[measure] })
        })
    }
    // Of several models, data sets or ways to ask there is no one accuracy without isolation.
    let accuracies = Set(conditions.map { $0.whole[2].mean }.filter(\.isFinite))
    let whole =
      accuracies.count <= 1
      ? conditions.prefix(1).map { BarChart.Series("no isolation", means: $0.whole) } : []
    return try BarChart(
      title: title, subtitle: subtitle, values: shareAxis, groups: measures,
      series: whole + conditions.map { .init($0.title, means: $0.shares) })
  }

  /// Curves over the number of layers; nil unless three or more numbers are given of one end.
  private static func sweep(_ conditions: [Condition]) -> [LineChart.Panel]? {
    let reaches = conditions.compactMap(\.reach)
    let numbers = Dictionary(grouping: reaches, by: \.end).mapValues { Set($0.map(\.count)) }
    guard reaches.count == conditions.count, numbers.values.contains(where: { $0.count > 2 }) else {
      return nil
    }
    var names: [String] = []
    var curves: [String: [(count: Int, condition: Condition)]] = [:]
    for condition in conditions {
      guard let reach = condition.reach else { continue }
      let name = [condition.rest, reach.end].filter { !$0.isEmpty }.joined(separator: " · ")
      if curves[name] == nil { names.append(name) }
      curves[name, default: []].append((reach.count, condition))
    }
    return measures.enumerated().map { measure, title in
      LineChart.Panel(
        title,
        series: names.map { name in
          let points = (curves[name] ?? []).sorted { $0.count < $1.count }
          let intervals = points.map { $0.condition.shares[measure] }
          let isMean = points.contains { $0.condition.isMean }
          return LineChart.Series(
            name, x: points.map { Double($0.count) }, y: intervals.map(\.mean),
            lower: isMean ? intervals.map(\.lower) : nil,
            upper: isMean ? intervals.map(\.upper) : nil)
        })
    }
  }
}
