/// Curves over a common x axis, with intervals, on one or two y axes.
///
/// ```swift
/// let chart = try LineChart(
///   title: "Saliency by layer", x: .layer, left: Axis("Relative saliency"),
///   series: [.init("S_wp", y: wp, lower: low, upper: high), .init("S_pq", y: pq)])
/// ```
///
/// Many curves are many panels: one for each data set, say, all with the same axes, and a curve of
/// one name looks the same in each.
public struct LineChart: Figure {
  /// One curve.
  public struct Series: Sendable, Equatable {
    public enum Side: Sendable, Equatable { case left, right }

    public var name: String
    /// Positions; nil: 0, 1, 2 …
    public var x: [Double]?
    /// Values, one a position. nil, NaN and infinities are gaps.
    public var y: [Double?]
    /// Bounds of an interval around each value; both or neither.
    public var lower: [Double?]?
    public var upper: [Double?]?
    /// The y axis that the values are read on.
    public var side: Side

    public init(
      _ name: String, x: [Double]? = nil, y: [Double?], lower: [Double?]? = nil,
      upper: [Double?]? = nil, side: Side = .left
    ) {
      self.name = name
      self.x = x
      self.y = y
      self.lower = lower
      self.upper = upper
      self.side = side
    }
  }

  /// Curves that are drawn together.
  public struct Panel: Sendable, Equatable {
    /// What sets these curves apart from those of other panels.
    public var title: String
    public var series: [Series]

    public init(_ title: String = "", series: [Series]) {
      self.title = title
      self.series = series
    }
  }

  public let title: String
  public let subtitle: String?
  public let x: Axis
  public let left: Axis
  public let right: Axis?
  public let panels: [Panel]
  /// Drawn in every panel.
  public let references: [ReferenceLine]
  /// What the shaded intervals are.
  public let bandName: String

  /// A line chart of one panel. Empty series, gaps and values that are not finite are welcome.
  ///
  /// - Throws: ``ChartError/lengths(of:expected:found:)`` where the arrays of a series differ in
  ///   length, and ``ChartError/range(of:reason:)``.
  public init(
    title: String, subtitle: String? = nil, x: Axis, left: Axis, right: Axis? = nil,
    series: [Series], references: [ReferenceLine] = [], bandName: String = "95 % interval"
  ) throws(ChartError) {
    try self.init(
      title: title, subtitle: subtitle, x: x, left: left, right: right,
      panels: [Panel(series: series)], references: references, bandName: bandName)
  }

  /// A line chart of panels side by side, with the same axes and one legend.
  ///
  /// - Throws: as above.
  public init(
    title: String, subtitle: String? = nil, x: Axis, left: Axis, right: Axis? = nil,
    panels: [Panel], references: [ReferenceLine] = [], bandName: String = "95 % interval"
  ) throws(ChartError) {
    try x.validate("x axis")
    try left.validate("left axis")
    try right?.validate("right axis")
    for one in panels.lazy.flatMap(\.series) { try one.validate() }
    self.title = title
    self.subtitle = subtitle
    self.x = x
    self.left = left
    self.right = right
    self.panels = panels.isEmpty ? [Panel(series: [])] : panels
    self.references = references
    self.bandName = bandName
  }

  /// The curves of all panels.
  public var series: [Series] { panels.flatMap(\.series) }
}

extension LineChart.Series {
  fileprivate func validate() throws(ChartError) {
    func check(_ count: Int?, _ part: String) throws(ChartError) {
      guard let count, count != y.count else { return }
      throw .lengths(of: "\(part) of series '\(name)'", expected: y.count, found: count)
    }
    try check(x?.count, "x")
    try check(lower?.count ?? (upper == nil ? nil : 0), "lower bounds")
    try check(upper?.count ?? (lower == nil ? nil : 0), "upper bounds")
  }

  /// A value with its position and interval.
  struct Point {
    let x: Double
    let y: Double
    let band: (low: Double, high: Double)?
  }

  /// Stretches of drawable points between gaps.
  var runs: [[Point]] {
    var runs: [[Point]] = []
    var run: [Point] = []
    for index in y.indices {
      let position = x.map { $0[index] } ?? Double(index)
      guard let value = y[index], value.isDrawable, position.isDrawable else {
        if !run.isEmpty { runs.append(run) }
        run = []
        continue
      }
      var band: (Double, Double)?
      if let low = lower?[index], let high = upper?[index], low.isDrawable, high.isDrawable {
        band = (min(low, high), max(low, high))
      }
      run.append(Point(x: position, y: value, band: band))
    }
    if !run.isEmpty { runs.append(run) }
    return runs
  }

  var hasBand: Bool { runs.contains { $0.contains { $0.band != nil } } }
}
