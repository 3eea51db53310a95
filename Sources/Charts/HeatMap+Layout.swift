extension HeatMap {
  /// Where the panels of a heat map stand and how their labels are written.
  struct Layout {
    static let labelSize = 11.0
    private static let cellTextSize = 10.5
    /// Sides of square cells in pixels.
    private static let largestCell = 64.0
    private static let tallestPanel = 480.0
    private static let mostCellsASide = 200
    private static let mostSeparateCells = 2_600

    let blocked: [Blocked]
    let mapping: ColorMapping
    let panelsPerRow: Int
    let sharesRowLabels: Bool
    let rowLabelRoom: Double
    let columnLabelRoom: Double
    /// The x at which the first panel of a row begins.
    let left: Double
    let gap: Double
    /// Whether cells are elements of their own, with tooltips.
    let drawsCells: Bool
    /// Whether cells without a value are exceptions worth marking, unlike a causal mask.
    let missingIsRare: Bool
    private let panelWidth: Double
    private let slantsColumnLabels: Bool
    /// The longest label that is not cut.
    private let labelLimit: Double

    init(_ map: HeatMap, width: Double) {
      let panels = map.panels
      mapping = map.mapping
      missingIsRare = map.missingCount * 6 <= panels.reduce(0) { $0 + $1.values.count }
      gap = 22
      let first = panels.first
      sharesRowLabels = panels.allSatisfy {
        $0.rowLabels == first?.rowLabels && $0.rowCount == first?.rowCount
      }
      let longest = panels.map { Self.longestLabel($0.rowLabels, count: $0.rowCount) }.max() ?? 0
      let titleRoom = map.rowTitle.isEmpty ? 0.0 : 22
      let free =
        width - 2 * Header.margin - titleRoom + 4
        - ColorBar.uprightRoom(mapping, name: map.valueName, ends: map.ends)
      labelLimit = Self.labelLimit(panels, free: free, gap: gap, shared: sharesRowLabels)
      rowLabelRoom = min(longest, labelLimit) + 8
      left = Header.margin + titleRoom + rowLabelRoom
      let room = free - rowLabelRoom
      let between = gap + (sharesRowLabels ? 0 : rowLabelRoom)
      var perRow = max(1, panels.count)
      func share(_ count: Int) -> Double {
        (room - between * Double(count - 1)) / Double(count)
      }
      while perRow > 1, share(perRow) < 150 { perRow -= 1 }
      panelsPerRow = perRow
      let panelWidth = max(60, share(perRow))
      self.panelWidth = panelWidth
      let limit = min(Self.mostCellsASide, max(60, Int(panelWidth)))
      blocked = panels.map { panel in
        // Square matrices keep square blocks.
        panel.blocks(rows: panel.rowCount == panel.columnCount ? limit : 160, columns: limit)
      }
      drawsCells =
        panels.reduce(0) { $0 + $1.values.count } <= Self.mostSeparateCells
        && blocked.allSatisfy { $0.tall == 1 && $0.wide == 1 }

      var slants = false
      var columnRoom = 20.0
      for (panel, shown) in zip(panels, blocked) {
        guard let labels = panel.columnLabels, shown.columnCount > 0 else { continue }
        let cell = Self.size(shown, width: panelWidth).width / Double(shown.columnCount)
        let widest = Self.longestLabel(labels, count: 0)
        if widest > cell - 4 {
          slants = true
          columnRoom = max(columnRoom, 14 + min(widest, labelLimit) * 0.71)
        }
      }
      slantsColumnLabels = slants
      columnLabelRoom = columnRoom
    }

    /// Labels may take the room that square cells of full size leave, which is none where cells fill
    /// the width.
    private static func labelLimit(
      _ panels: [Panel], free: Double, gap: Double, shared: Bool
    ) -> Double {
      let usual = 130.0
      let longest = 240.0
      guard !panels.isEmpty, panels.allSatisfy({ $0.rowCount == $0.columnCount }) else {
        return usual
      }
      let cells = panels.reduce(0) {
        $0 + min(largestCell * Double($1.columnCount), tallestPanel)
      }
      let spare = free - cells - gap * Double(panels.count - 1)
      let share = shared ? spare : spare / Double(panels.count)
      return max(usual, min(longest, share - 8))
    }

    /// What the figure says about cells that were put together.
    var blockNote: String? {
      guard let tall = blocked.map(\.tall).max(), let wide = blocked.map(\.wide).max(),
        tall > 1 || wide > 1
      else { return nil }
      let exact = blocked.allSatisfy { $0.tall == tall && $0.wide == wide } ? "" : "up to "
      return
        "drawn in blocks of \(exact)\(tall) × \(wide) cells, each its value of largest magnitude"
    }

    func box(_ index: Int, x: Double, y: Double) -> Box {
      let size = Self.size(blocked[index], width: panelWidth)
      return Box(x: x.rounded(), y: y.rounded(), width: size.width, height: size.height)
    }

    /// How wide a panel is with its title, which may be wider than its cells where these leave room.
    func room(for title: String, above box: Box) -> Double {
      let wanted = TextMetrics.width(title, size: PlotArea.panelTitleSize, bold: true)
      return max(box.width, min(wanted, panelWidth))
    }

    /// Square matrices have square cells; others have cells that fill the width.
    private static func size(_ shown: Blocked, width: Double) -> (width: Double, height: Double) {
      guard shown.rowCount > 0, shown.columnCount > 0 else { return (min(width, 150), 80) }
      let (rows, columns) = (Double(shown.rowCount), Double(shown.columnCount))
      if shown.rowCount == shown.columnCount {
        let cell = whole(min(width / columns, largestCell, tallestPanel / rows))
        return (cell * columns, cell * rows)
      }
      let cell = whole(min(width / columns, 72))
      let height = whole(min(max(min(cell, 34), 22), tallestPanel / rows))
      return (cell * columns, height * rows)
    }

    /// Cells that are large enough begin and end at whole pixels.
    private static func whole(_ size: Double) -> Double { size >= 12 ? size.rounded(.down) : size }

    private static func longestLabel(_ labels: [String]?, count: Int) -> Double {
      guard let labels else { return TextMetrics.width("\(max(0, count - 1))", size: labelSize) }
      return labels.map { TextMetrics.width($0, size: labelSize) }.max() ?? 0
    }

    // MARK: Labels

    func drawLabels(
      _ panel: Panel, _ shown: Blocked, box: Box, showsRowLabels: Bool, on canvas: inout Canvas
    ) {
      guard shown.rowCount > 0, shown.columnCount > 0 else { return }
      if showsRowLabels { drawRowLabels(panel, shown, box: box, on: &canvas) }
      let width = box.width / Double(shown.columnCount)
      let widest = Self.longestLabel(panel.columnLabels, count: panel.columnCount)
      let pitch = slantsColumnLabels ? 14 : widest + 10
      let every = Self.every(pitch / width, named: panel.columnLabels != nil, side: shown.wide)
      for column in stride(from: 0, to: shown.columnCount, by: every) {
        let name = panel.columnName(column * shown.wide)
        let x = box.x + width * (Double(column) + 0.5)
        // A slanted label ends under its cell and begins at the left; it must not leave the figure.
        let limit = slantsColumnLabels ? min(labelLimit, x / 0.71) : labelLimit
        let text = TextMetrics.fitted(name, width: limit, size: Self.labelSize)
        if slantsColumnLabels {
          canvas.text(
            text, x + 4, box.bottom + 13, size: Self.labelSize, anchor: .end, rotated: -45,
            tooltip: text == name ? nil : name)
        } else {
          canvas.text(
            text, x, box.bottom + 15, size: Self.labelSize, anchor: .middle)
        }
      }
    }

    private func drawRowLabels(
      _ panel: Panel, _ shown: Blocked, box: Box, on canvas: inout Canvas
    ) {
      let height = box.height / Double(shown.rowCount)
      let pitch = panel.rowLabels != nil ? 13.0 : 20
      let every = Self.every(pitch / height, named: panel.rowLabels != nil, side: shown.tall)
      for row in stride(from: 0, to: shown.rowCount, by: every) {
        let name = panel.rowName(row * shown.tall)
        let lines = TextMetrics.wrapped(
          name, width: labelLimit, size: Self.labelSize, lines: height >= 27 ? 2 : 1)
        let middle = box.y + height * (Double(row) + 0.5) + 3.8
        for (line, text) in lines.enumerated() {
          let offset = 12.5 * (Double(line) - Double(lines.count - 1) / 2)
          canvas.text(
            text, box.x - 6, middle + offset, size: Self.labelSize, anchor: .end,
            tooltip: lines.count == 1 && text == name ? nil : name)
        }
      }
    }

    /// How many cells lie between two labels: as few as fit; numbers at round steps.
    private static func every(_ least: Double, named: Bool, side: Int) -> Int {
      let needed = max(1, Int(min(least, 1e6).rounded(.up)))
      guard !named else { return needed }
      for decade in [1, 10, 100, 1_000, 10_000, 100_000] {
        for mantissa in [1, 2, 5] {
          // A round step in cells that is a whole number of blocks.
          let step = mantissa * decade
          if step % side == 0, step / side >= needed { return step / side }
        }
      }
      return needed
    }

    // MARK: Numbers in cells

    /// Large cells have larger numbers; six digits fit either way.
    static func cellTextSize(_ cell: Box) -> Double {
      cell.width >= 48 && cell.height >= 28 ? 12.5 : cellTextSize
    }

    /// The numbers to print in the cells, all with the same decimals; nil where they do not fit.
    func cellTexts(_ panel: Panel, width: Double, height: Double) -> [String]? {
      guard height >= 15, width >= 18 else { return nil }
      let values = panel.values.filter(\.isDrawable)
      let largest = Extent(values.map(\.magnitude)).high
      let areWhole = values.allSatisfy { $0 == $0.rounded() && $0.magnitude < 1e6 }
      let texts = panel.values.map { value -> String in
        guard value.isDrawable else { return "" }
        if areWhole { return NumberText.fixed(value, decimals: 0) }
        if largest < 0.01 || largest >= 1e5 { return NumberText.scientific(value, digits: 2) }
        return NumberText.fixed(value, decimals: largest < 10 ? 2 : 1)
      }
      let widest = Extent(
        texts.map { TextMetrics.width($0, size: Self.cellTextSize, bold: true) }
      ).high
      return widest <= width - 3 ? texts : nil
    }
  }
}
