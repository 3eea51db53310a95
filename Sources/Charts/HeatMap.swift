/// Matrices as coloured cells, side by side on one colour scale.
///
/// ```swift
/// let map = try HeatMap(
///   title: "Confusion", panels: [
///     .init("predicted", rows: predicted, rowLabels: names, columnLabels: names),
///     .init("measured", rows: measured, rowLabels: names, columnLabels: names),
///   ], valueName: "AUC", scale: .blues, range: 0...1)
/// ```
public struct HeatMap: Figure {
  /// One matrix.
  public struct Panel: Sendable, Equatable {
    public let title: String
    public let rowCount: Int
    public let columnCount: Int
    /// Row-major; NaN and infinities are cells without a value.
    public let values: [Double]
    /// nil: the row numbers, from 0.
    public let rowLabels: [String]?
    /// nil: the column numbers, from 0.
    public let columnLabels: [String]?

    /// A matrix as rows of equal length.
    ///
    /// - Throws: ``ChartError/lengths(of:expected:found:)`` for ragged rows or labels that do not
    ///   match.
    public init(
      _ title: String = "", rows: [[Double]], rowLabels: [String]? = nil,
      columnLabels: [String]? = nil
    ) throws(ChartError) {
      let columns = rows.first?.count ?? 0
      for (index, row) in rows.enumerated() where row.count != columns {
        throw .lengths(
          of: "row \(index) of heat map '\(title)'", expected: columns, found: row.count)
      }
      try self.init(
        title, values: rows.flatMap { $0 }, rowCount: rows.count, columnCount: columns,
        rowLabels: rowLabels, columnLabels: columnLabels)
    }

    /// A matrix as row-major values.
    ///
    /// - Throws: ``ChartError/lengths(of:expected:found:)``.
    public init(
      _ title: String = "", values: [Double], rowCount: Int, columnCount: Int,
      rowLabels: [String]? = nil, columnLabels: [String]? = nil
    ) throws(ChartError) {
      let (count, overflow) = rowCount.multipliedReportingOverflow(by: columnCount)
      guard rowCount >= 0, columnCount >= 0, !overflow, count == values.count else {
        throw .lengths(
          of: "\(rowCount) × \(columnCount) heat map '\(title)'",
          expected: overflow ? .max : count, found: values.count)
      }
      if let rowLabels, rowLabels.count != rowCount {
        throw .lengths(of: "row labels of '\(title)'", expected: rowCount, found: rowLabels.count)
      }
      if let columnLabels, columnLabels.count != columnCount {
        throw .lengths(
          of: "column labels of '\(title)'", expected: columnCount, found: columnLabels.count)
      }
      self.title = title
      self.rowCount = rowCount
      self.columnCount = columnCount
      self.values = values
      self.rowLabels = rowLabels
      self.columnLabels = columnLabels
    }

    func rowName(_ row: Int) -> String { rowLabels?[row] ?? "\(row)" }
    func columnName(_ column: Int) -> String { columnLabels?[column] ?? "\(column)" }
  }

  public let title: String
  public let subtitle: String?
  public let panels: [Panel]
  public let rowTitle: String
  public let columnTitle: String
  /// What the colours stand for, with its unit; written along the colour bar.
  public let valueName: String
  public let scale: ColorScale
  /// What the ends of the colours stand for; nil: as the values need.
  public let range: ClosedRange<Double>?
  /// Whether the colours of each panel reach from its own lowest to its own highest value, which its
  /// title then says; for panels of different measures.
  public let scalesPanels: Bool

  /// A heat map. Empty matrices and values that are not finite are welcome. A matrix with more
  /// cells than can be seen (about 200 a side) is drawn in blocks, and the figure says so.
  ///
  /// - Throws: ``ChartError/range(of:reason:)``.
  public init(
    title: String, subtitle: String? = nil, panels: [Panel], rowTitle: String = "",
    columnTitle: String = "", valueName: String, scale: ColorScale = .viridis,
    range: ClosedRange<Double>? = nil, scalesPanels: Bool = false
  ) throws(ChartError) {
    if let range, !range.lowerBound.isDrawable || !range.upperBound.isDrawable {
      throw .range(of: "colour scale", reason: "the range must be finite")
    }
    self.title = title
    self.subtitle = subtitle
    self.panels = panels
    self.rowTitle = rowTitle
    self.columnTitle = columnTitle
    self.valueName = valueName
    self.scale = scale
    self.range = range
    self.scalesPanels = scalesPanels
  }
}

extension HeatMap.Panel {
  /// The panel in blocks of cells so that neither side has more than a number of blocks; each
  /// block is its value of largest magnitude.
  func blocks(rows rowLimit: Int, columns columnLimit: Int) -> HeatMap.Blocked {
    let tall = max(1, (rowCount + rowLimit - 1) / rowLimit)
    let wide = max(1, (columnCount + columnLimit - 1) / columnLimit)
    guard tall > 1 || wide > 1 else {
      return .init(tall: 1, wide: 1, rowCount: rowCount, columnCount: columnCount, values: values)
    }
    let rows = (rowCount + tall - 1) / tall
    let columns = (columnCount + wide - 1) / wide
    var blocked = [Double](repeating: .nan, count: rows * columns)
    for row in 0..<rowCount {
      for column in 0..<columnCount {
        let value = values[row * columnCount + column]
        guard value.isDrawable else { continue }
        let place = (row / tall) * columns + column / wide
        if blocked[place].isNaN || value.magnitude > blocked[place].magnitude {
          blocked[place] = value
        }
      }
    }
    return .init(tall: tall, wide: wide, rowCount: rows, columnCount: columns, values: blocked)
  }
}

extension HeatMap {
  /// A panel as it is drawn.
  struct Blocked {
    /// Rows and columns of cells in a block.
    let tall: Int
    let wide: Int
    let rowCount: Int
    let columnCount: Int
    let values: [Double]
  }

  var extent: Extent {
    var extent = Extent()
    for panel in panels { for value in panel.values { extent.include(value) } }
    return extent
  }

  var missingCount: Int {
    panels.reduce(0) { $0 + $1.values.count { !$0.isDrawable } }
  }

  var mapping: ColorMapping {
    ColorMapping(scale: scale, range: range, extent: extent, isWhole: areCounts)
  }

  /// The colours of one panel.
  func mapping(of panel: Panel) -> ColorMapping {
    guard scalesPanels, let ends = ends(of: panel) else { return mapping }
    return ColorMapping(scale: scale, range: ends, extent: extent)
  }

  /// What the ends of the colour bar are called, where they stand for no numbers of the whole figure.
  var ends: (low: String, high: String)? { scalesPanels ? ("lowest", "highest") : nil }

  private func ends(of panel: Panel) -> ClosedRange<Double>? {
    let values = panel.values.filter(\.isDrawable)
    return values.min().flatMap { low in values.max().map { low...$0 } }
  }

  /// `Measured, AUC: 0.62 to 1`.
  func title(of panel: Panel) -> String {
    guard scalesPanels, let ends = ends(of: panel) else { return panel.title }
    return panel.title + ": \(NumberText.compact(ends.lowerBound)) to "
      + NumberText.compact(ends.upperBound)
  }

  /// Whether every value is a whole number.
  private var areCounts: Bool {
    panels.allSatisfy { panel in
      panel.values.allSatisfy { !$0.isDrawable || $0 == $0.rounded() && $0.magnitude < 1e6 }
    }
  }
}
