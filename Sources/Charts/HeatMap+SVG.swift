extension HeatMap {
  public func svg(theme: Theme, width: Double) -> String {
    var canvas = Canvas(theme: theme, width: width)
    let layout = Layout(self, width: canvas.width)
    var notes = [subtitle].compactMap { $0 }
    if let note = layout.blockNote { notes.append(note) }
    let gaps: LegendItem.Swatch =
      layout.missingIsRare && layout.drawsCells ? .missing : .bar(.missing)
    let top = Header.draw(
      on: &canvas, title: title, subtitle: notes.isEmpty ? nil : notes.joined(separator: " · "),
      legend: missingCount > 0 ? [LegendItem(name: "no value", swatch: gaps)] : [])
    let height = drawPanels(layout, top: top, on: &canvas)
    return canvas.document(title: title, description: sentence, height: height)
  }

  private func drawPanels(_ layout: Layout, top: Double, on canvas: inout Canvas) -> Double {
    var y = top
    var firstBox: Box?
    var right = Header.margin
    let rows = stride(from: 0, to: panels.count, by: layout.panelsPerRow)
    for (line, start) in rows.enumerated() {
      let indices = start..<min(panels.count, start + layout.panelsPerRow)
      let titleRoom = indices.contains { !title(of: panels[$0]).isEmpty } ? 20.0 : 4
      var x = layout.left
      var bottom = y
      for index in indices {
        if index > start, !layout.sharesRowLabels { x += layout.rowLabelRoom }
        let box = layout.box(index, x: x, y: y + titleRoom)
        let isFirst = index == start
        drawPanel(
          index, layout, box: box, showsRowLabels: isFirst || !layout.sharesRowLabels, on: &canvas)
        if isFirst, !rowTitle.isEmpty {
          canvas.text(
            TextMetrics.fitted(rowTitle, width: box.height + 30, size: PlotArea.titleSize),
            Header.margin + 10, box.centerY, size: PlotArea.titleSize, anchor: .middle,
            rotated: -90)
        }
        if line == 0, isFirst { firstBox = box }
        let end = box.x + layout.room(for: title(of: panels[index]), above: box)
        right = max(right, end)
        bottom = max(bottom, box.bottom)
        x = end + layout.gap
      }
      y = bottom + layout.columnLabelRoom + (columnTitle.isEmpty ? 6 : 22)
      if line < rows.underestimatedCount - 1 { y += 8 }
    }
    guard let firstBox else {
      canvas.text("no panels to show", Header.margin, y + 20, size: 13, paint: .quiet)
      return y + 36
    }
    let bar = Box(
      x: right + 18, y: firstBox.y, width: 14, height: max(84, min(280, firstBox.height)))
    ColorBar.drawUpright(
      layout.mapping, name: valueName, ends: ends, box: bar,
      on: &canvas)
    return max(y + 6, bar.bottom + 18)
  }

  private func drawPanel(
    _ index: Int, _ layout: Layout, box: Box, showsRowLabels: Bool, on canvas: inout Canvas
  ) {
    let panel = panels[index]
    let shown = layout.blocked[index]
    let mapping = mapping(of: panel)
    let title = title(of: panel)
    PlotArea(box: box).drawPanelTitle(title, room: layout.room(for: title, above: box), on: &canvas)
    if shown.values.isEmpty {
      canvas.rect(box, style: Style(fill: .missing))
      canvas.text(
        "empty", box.centerX, box.centerY + 4, size: 12, paint: .quiet, anchor: .middle)
    } else if layout.drawsCells {
      drawCells(panel, layout, mapping, box: box, on: &canvas)
    } else {
      drawRuns(panel, shown, mapping, box: box, on: &canvas)
    }
    canvas.rect(box, style: Style(stroke: .axis, strokeWidth: 0.75))
    layout.drawLabels(panel, shown, box: box, showsRowLabels: showsRowLabels, on: &canvas)
    if !columnTitle.isEmpty {
      canvas.text(
        TextMetrics.fitted(columnTitle, width: box.width + 40, size: PlotArea.titleSize),
        box.centerX, box.bottom + layout.columnLabelRoom + 14, size: PlotArea.titleSize,
        anchor: .middle)
    }
  }

  // MARK: Cells

  private func drawCells(
    _ panel: Panel, _ layout: Layout, _ mapping: ColorMapping, box: Box, on canvas: inout Canvas
  ) {
    let width = box.width / Double(panel.columnCount)
    let height = box.height / Double(panel.rowCount)
    let texts = layout.cellTexts(panel, width: width, height: height)
    if !layout.missingIsRare { canvas.rect(box, style: Style(fill: .missing)) }
    canvas.group("shape-rendering=\"crispEdges\"") { canvas in
      for row in 0..<panel.rowCount {
        for column in 0..<panel.columnCount {
          let cell = Box(
            x: box.x + width * Double(column), y: box.y + height * Double(row), width: width,
            height: height)
          let text = texts?[row * panel.columnCount + column]
          drawCell(panel, row, column, layout, mapping, cell, text: text, on: &canvas)
        }
      }
    }
  }

  private func drawCell(
    _ panel: Panel, _ row: Int, _ column: Int, _ layout: Layout, _ mapping: ColorMapping,
    _ cell: Box, text: String?, on canvas: inout Canvas
  ) {
    let value = panel.values[row * panel.columnCount + column]
    let number = NumberText.compact(value, digits: 4)
    let tooltip = "\(panel.rowName(row)), \(panel.columnName(column)): \(number)"
    guard value.isDrawable else {
      if layout.missingIsRare { Header.hatched(cell, on: &canvas, tooltip: tooltip) }
      return
    }
    let fill = mapping.paint(value)
    canvas.rect(cell, style: Style(fill: fill), tooltip: tooltip)
    if let text {
      canvas.text(
        text, cell.centerX, cell.centerY + 4, size: Layout.cellTextSize(cell), paint: fill.ink,
        anchor: .middle, bold: true)
    }
  }

  /// Cells as horizontal strokes, one path a colour: equal neighbours become one stroke, colours
  /// are those of the scale's steps. A tooltip for each row names its largest value.
  private func drawRuns(
    _ panel: Panel, _ shown: Blocked, _ mapping: ColorMapping, box: Box, on canvas: inout Canvas
  ) {
    var paths = [String](repeating: "", count: ColorScale.steps + 1)
    canvas.rect(box, style: Style(fill: .missing))
    for row in 0..<shown.rowCount {
      var column = 0
      func step(_ column: Int) -> Int? {
        let value = shown.values[row * shown.columnCount + column]
        return value.isDrawable ? mapping.step(value) : nil
      }
      while column < shown.columnCount {
        let index = step(column)
        let start = column
        while column < shown.columnCount, step(column) == index { column += 1 }
        if let index { paths[index] += "M\(start) \(row)h\(column - start)" }
      }
    }
    let (x, y) = (NumberText.coordinate(box.x), NumberText.coordinate(box.y))
    let width = NumberText.fixed(box.width / Double(shown.columnCount), decimals: 5)
    let height = NumberText.fixed(box.height / Double(shown.rowCount), decimals: 5)
    let place = "translate(\(x) \(y)) scale(\(width) \(height)) translate(0 .5)"
    canvas.group("shape-rendering=\"crispEdges\" transform=\"\(place)\"") { canvas in
      for (index, path) in paths.enumerated() {
        canvas.path(path, style: Style(stroke: mapping.scale.paint(step: index)))
      }
    }
    drawRowTooltips(panel, shown, box: box, on: &canvas)
  }

  private func drawRowTooltips(
    _ panel: Panel, _ shown: Blocked, box: Box, on canvas: inout Canvas
  ) {
    let height = box.height / Double(shown.rowCount)
    for row in 0..<shown.rowCount {
      let cells = shown.values[(row * shown.columnCount)..<((row + 1) * shown.columnCount)]
      guard
        let peak = cells.indices.filter({ cells[$0].isDrawable }).max(by: {
          cells[$0].magnitude < cells[$1].magnitude
        })
      else { continue }
      let column = (peak - cells.startIndex) * shown.wide
      canvas.rect(
        Box(x: box.x, y: box.y + height * Double(row), width: box.width, height: height),
        style: Style(),
        tooltip: "\(panel.rowName(row * shown.tall)): largest at \(panel.columnName(column)), "
          + NumberText.compact(cells[peak], digits: 4))
    }
  }
}
