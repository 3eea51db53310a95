/// Grouped bars with error bars.
///
/// ```swift
/// let chart = try BarChart(
///   title: "Loyalty", values: Axis("Loyalty", unit: "%"), groups: ["Label words", "Random words"],
///   series: [.init("first 5 layers", values: [42, 98], lower: [38, 97], upper: [46, 99])])
/// ```
public struct BarChart: Figure {
  /// One bar in every group.
  public struct Series: Sendable, Equatable {
    public var name: String
    /// Lengths, one a group. nil, NaN and infinities leave the place empty.
    public var values: [Double?]
    /// Ends of error bars; both or neither.
    public var lower: [Double?]?
    public var upper: [Double?]?

    public init(
      _ name: String, values: [Double?], lower: [Double?]? = nil, upper: [Double?]? = nil
    ) {
      self.name = name
      self.values = values
      self.lower = lower
      self.upper = upper
    }
  }

  public enum Orientation: Sendable, Equatable {
    /// Upright bars, unless the names of the groups have no room under them.
    case automatic
    case vertical
    case horizontal
  }

  public let title: String
  public let subtitle: String?
  /// The axis of the bars' lengths; it always shows 0 unless it has a range, and is never
  /// logarithmic, since a bar has to start somewhere.
  public let values: Axis
  /// What the groups are; "" for no title.
  public let groupTitle: String
  public let groups: [String]
  public let series: [Series]
  public let references: [ReferenceLine]
  public let orientation: Orientation
  /// What the error bars are.
  public let intervalName: String

  /// A bar chart. No groups, no series, gaps and values that are not finite are welcome.
  ///
  /// - Throws: ``ChartError/lengths(of:expected:found:)`` where a series has another number of
  ///   values than there are groups, and ``ChartError/range(of:reason:)``.
  public init(
    title: String, subtitle: String? = nil, values: Axis, groupTitle: String = "",
    groups: [String], series: [Series], references: [ReferenceLine] = [],
    orientation: Orientation = .automatic, intervalName: String = "95 % interval"
  ) throws(ChartError) {
    var values = values
    if values.kind == .logarithmic { values.kind = .linear }
    try values.validate("value axis")
    for one in series {
      for (part, count) in [
        ("values", one.values.count), ("lower bounds", one.lower?.count),
        ("upper bounds", one.upper?.count),
      ] {
        guard let count, count != groups.count else { continue }
        throw .lengths(of: "\(part) of series '\(one.name)'", expected: groups.count, found: count)
      }
      if (one.lower == nil) != (one.upper == nil) {
        throw .lengths(of: "bounds of series '\(one.name)'", expected: groups.count, found: 0)
      }
    }
    self.title = title
    self.subtitle = subtitle
    self.values = values
    self.groupTitle = groupTitle
    self.groups = groups
    self.series = series.map { $0.cut(to: values.range) }
    self.references = references
    self.orientation = orientation
    self.intervalName = intervalName
  }
}

extension BarChart.Series {
  /// The length of a bar, if there is one to draw.
  func value(_ group: Int) -> Double? { values[group].flatMap { $0.isDrawable ? $0 : nil } }

  /// Intervals end where the axis does: a share cannot be above 1, and half a whisker says nothing.
  fileprivate func cut(to range: ClosedRange<Double>?) -> BarChart.Series {
    guard let range else { return self }
    var series = self
    series.lower = lower?.map { $0.map { max($0, range.lowerBound) } }
    series.upper = upper?.map { $0.map { min($0, range.upperBound) } }
    return series
  }

  func interval(_ group: Int) -> (low: Double, high: Double)? {
    guard let low = lower?[group], let high = upper?[group], low.isDrawable, high.isDrawable
    else { return nil }
    return (min(low, high), max(low, high))
  }
}

extension BarChart {
  public var summary: String {
    let nameCells = min(28, (groups + series.map(\.name)).map(TextMetrics.cells).max() ?? 0)
    let largest = Extent(drawable.map { $0.value.magnitude }).high
    var lines = [sentence]
    for (group, name) in groups.prefix(24).enumerated() {
      if series.count > 1 { lines.append(Blocks.onOneLine(name)) }
      for one in series {
        let label = series.count > 1 ? "  " + one.name : name
        var line = Blocks.padded(label, cells: nameCells + (series.count > 1 ? 2 : 0)) + " "
        if let value = one.value(group) {
          line += Blocks.bar(largest > 0 ? value.magnitude / largest : 0) + " "
          line += NumberText.compact(value)
        } else {
          line += "n/a"
        }
        lines.append(line)
      }
    }
    if groups.count > 24 { lines.append("and \(groups.count - 24) more groups") }
    return lines.joined(separator: "\n")
  }

  /// What is shown, and the longest and the shortest bar.
  var sentence: String {
    let subject = Blocks.onOneLine(title)
    guard let most = drawable.max(by: { $0.value < $1.value }),
      let least = drawable.min(by: { $0.value < $1.value })
    else { return "\(subject): a bar chart without values." }
    func place(_ bar: (series: Int, group: Int, value: Double)) -> String {
      let name = Blocks.onOneLine(groups[bar.group])
      return series.count > 1 ? "\(name), \(Blocks.onOneLine(series[bar.series].name))" : name
    }
    guard drawable.count > 1 else {
      return "\(subject): \(NumberText.compact(most.value)) (\(place(most)))."
    }
    return "\(subject): highest \(NumberText.compact(most.value)) (\(place(most)));"
      + " lowest \(NumberText.compact(least.value)) (\(place(least)))."
  }

  private var drawable: [(series: Int, group: Int, value: Double)] {
    series.indices.flatMap { index in
      groups.indices.compactMap { group in
        series[index].value(group).map { (index, group, $0) }
      }
    }
  }
}
