extension LineChart {
  public func svg(theme: Theme, width: Double) -> String {
    var canvas = Canvas(theme: theme, width: width)
    let marks = self.marks
    let top = Header.draw(on: &canvas, title: title, subtitle: subtitle, legend: legend(marks))
    let height = drawPanels(marks, on: &canvas, top: top)
    return canvas.document(title: title, description: sentence, height: height)
  }

  /// Values of series on the right are read on the left if there is no right axis.
  func isOnRight(_ one: Series) -> Bool { right != nil && one.side == .right }

  func isOnRight(_ line: ReferenceLine) -> Bool { right != nil && line.along == .right }

  /// What a curve is recognised by in other panels; the second of two with one name is another.
  private struct Identity: Hashable {
    let name: String
    let isOnRight: Bool
    var repetition = 0
  }

  /// The number of each curve's mark, panel by panel.
  var marks: [[Int]] {
    var numbers: [Identity: Int] = [:]
    return panels.map { panel in
      var present: Set<Identity> = []
      return panel.series.map { one in
        var identity = Identity(name: one.name, isOnRight: isOnRight(one))
        while !present.insert(identity).inserted { identity.repetition += 1 }
        let number = numbers[identity] ?? numbers.count
        numbers[identity] = number
        return number
      }
    }
  }

  private func legend(_ marks: [[Int]]) -> [LegendItem] {
    var items: [LegendItem] = []
    // Numbers are given in the order of the first appearance.
    for (number, one) in zip(marks.joined(), series) where number == items.count {
      let side = right == nil ? "" : isOnRight(one) ? " (right axis)" : " (left axis)"
      items.append(LegendItem(name: one.name + side, swatch: .line(SeriesMark(index: number))))
    }
    if items.count == 1, right == nil, references.isEmpty { items = [] }
    if series.contains(where: \.hasBand) {
      let isPointwise = series.allSatisfy { $0.runs.allSatisfy { $0.count == 1 } }
      items.append(LegendItem(name: bandName, swatch: isPointwise ? .whisker : .band))
    }
    return items + references.map { LegendItem(name: $0.name, swatch: .rule) }
  }

  /// With two axes, an axis that has one kind of curve wears its colour.
  private func tint(_ marks: [[Int]], right onRight: Bool) -> Paint? {
    guard right != nil else { return nil }
    let numbers = Set(zip(marks.joined(), series).filter { isOnRight($1) == onRight }.map(\.0))
    return numbers.count == 1 ? numbers.first.map { SeriesMark(index: $0).paint } : nil
  }

  // MARK: Domains

  func xExtent(of series: [Series]) -> Extent {
    var extent = Extent()
    for run in series.lazy.flatMap(\.runs) {
      for point in run where x.kind != .logarithmic || point.x > 0 { extent.include(point.x) }
    }
    for line in references where line.along == .x { extent.include(line.value) }
    return extent
  }

  /// - Parameter bands: Whether the intervals count, too.
  func yExtent(of series: [Series], right onRight: Bool, bands: Bool = true) -> Extent {
    let isLogarithmic = (onRight ? right : left)?.kind == .logarithmic
    var extent = Extent()
    func include(_ value: Double) {
      if !isLogarithmic || value > 0 { extent.include(value) }
    }
    for one in series where isOnRight(one) == onRight {
      for point in one.runs.joined() {
        include(point.y)
        if bands, let band = point.band {
          include(band.low)
          include(band.high)
        }
      }
    }
    for line in references where line.along != .x && isOnRight(line) == onRight {
      include(line.value)
    }
    return isLogarithmic ? extent : extent.includingNearbyZero()
  }

  // MARK: Panels

  /// How panels stand: as many side by side as stay legible, in rows of like length.
  private struct Grid {
    static let gap = 16.0
    /// Three or four numbers fit along an axis of this length.
    private static let leastWidth = 150.0

    let columns: Int
    let plotHeight: Double
    /// The least distance between numbers along the x axis and along a y axis.
    let spacing: (x: Double, y: Double)

    init(count: Int, width: Double) {
      let most = max(1, Int((width - 64 + Self.gap) / (Self.leastWidth + Self.gap)))
      let rows = (count + most - 1) / most
      columns = (count + rows - 1) / rows
      spacing = count > 1 ? (28, 30) : (42, 44)
      let share = (width / Double(columns) * 0.8).rounded()
      plotHeight =
        count > 1 ? max(150, min(230, share)) : max(190, min(340, (width * 0.38).rounded()))
    }
  }

  /// - Returns: The height of the figure.
  private func drawPanels(_ marks: [[Int]], on canvas: inout Canvas, top: Double) -> Double {
    let grid = Grid(count: panels.count, width: canvas.width)
    let all = series
    let xExtent = xExtent(of: all)
    let (leftExtent, rightExtent) = (yExtent(of: all, right: false), yExtent(of: all, right: true))
    func scale(_ axis: Axis, _ extent: Extent, y: Double) -> Scale {
      Scale(
        axis, extent: extent, pixels: (y + grid.plotHeight, y), spacing: grid.spacing.y,
        covering: true)
    }
    let leftScale = scale(left, leftExtent, y: 0)
    let rightScale = right.map { scale($0, rightExtent, y: 0) }
    // A title or a power of ten above the axis needs a line of its own.
    let hasPower = leftScale.ticks.exponent != 0 || rightScale?.ticks.exponent ?? 0 != 0
    let headRoom = panels.contains { !$0.title.isEmpty } ? 24.0 : hasPower ? 18 : 8
    let leftRoom = PlotArea.valueAxisWidth(leftScale, hasTitle: !left.caption.isEmpty) + 4
    let rightRoom =
      rightScale.map { PlotArea.valueAxisWidth($0, hasTitle: right?.caption.isEmpty == false) + 2 }
      ?? 18
    let room = max(80, canvas.width - leftRoom - rightRoom)
    let pitch = (room + Grid.gap) / Double(grid.columns)
    let tickRoom = 26.0
    let inset = 8.0

    var bottom = top
    for (index, panel) in panels.enumerated() {
      let (row, column) = index.quotientAndRemainder(dividingBy: grid.columns)
      let box = Box(
        x: leftRoom + pitch * Double(column),
        y: top + headRoom + (headRoom + grid.plotHeight + tickRoom) * Double(row),
        width: pitch - Grid.gap, height: grid.plotHeight)
      let plot = Plot(
        chart: self, series: panel.series, marks: marks[index].map(SeriesMark.init), box: box,
        x: Scale(
          x, extent: xExtent, pixels: (box.x + inset, box.right - inset),
          spacing: x.kind == .integer ? grid.spacing.x : 42, covering: false),
        left: scale(left, leftExtent, y: box.y),
        right: right.map { scale($0, rightExtent, y: box.y) })
      let area = PlotArea(box: box)
      area.drawPanelTitle(panel.title, on: &canvas)
      area.drawValueAxis(
        left, scale: plot.left, isLabelled: column == 0, tint: tint(marks, right: false),
        on: &canvas)
      if let right, let rightScale = plot.right {
        area.drawValueAxis(
          right, scale: rightScale, onRight: true,
          isLabelled: column == grid.columns - 1 || index == panels.count - 1,
          tint: tint(marks, right: true), on: &canvas)
      }
      area.drawBottomTicks(plot.x, on: &canvas)
      plot.draw(on: &canvas)
      bottom = box.bottom
      if index == panels.count - 1 {
        let whole = Box(x: leftRoom, y: box.y, width: room, height: box.height)
        PlotArea(box: whole).drawBottomTitle(x, scale: plot.x, on: &canvas)
      }
    }
    return bottom + tickRoom + (x.caption.isEmpty ? 0 : 20)
  }
}
