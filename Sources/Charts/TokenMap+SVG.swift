extension TokenMap {
  public func svg(theme: Theme, width: Double) -> String {
    var canvas = Canvas(theme: theme, width: width)
    var top = Header.draw(on: &canvas, title: title, subtitle: subtitle, legend: legend)
    if let valueName {
      ColorBar.drawLying(
        mapping, name: valueName,
        box: Box(x: Header.margin + 8, y: top, width: 190, height: 11), on: &canvas)
      top += 34
    }
    let bottom = drawTokens(on: &canvas, top: top)
    return canvas.document(title: title, description: sentence, height: bottom + 12)
  }

  private static let fontSize = 13.0
  /// The advance of the widest common monospaced faces is 0.602 em.
  private static let cellWidth = 7.9
  private static let boxHeight = 21.0
  private static let lineHeight = 26.0

  private var legend: [LegendItem] {
    categories.indices.compactMap { index in
      let category = categories[index]
      if valueName == nil {
        return LegendItem(
          name: category.name,
          swatch: .token(.token(index), emphasis: category.isEmphasized))
      }
      guard category.isEmphasized else { return nil }
      return LegendItem(name: category.name, swatch: .token(.background, emphasis: true))
    }
  }

  private func drawTokens(on canvas: inout Canvas, top: Double) -> Double {
    guard !tokens.isEmpty else {
      canvas.text("no tokens to show", Header.margin, top + 14, size: 13, paint: .quiet)
      return top + 22
    }
    let mapping = self.mapping
    let (head, tail) = drawnIndices
    var pen = Pen(x: Header.margin, y: top, right: canvas.width - Header.margin)
    let attributes =
      "font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\""
      + " font-size=\"13\" text-anchor=\"middle\""
    canvas.group(attributes) { canvas in
      for index in head { draw(index, mapping, at: &pen, on: &canvas) }
      guard !tail.isEmpty else { return }
      let hidden = tokens.count - head.count - tail.count
      pen.breakLine()
      canvas.group("text-anchor=\"start\"") {
        $0.text(
          "… \(NumberText.count(hidden)) tokens are not drawn …", Header.margin + 4, pen.y + 15,
          size: 12, paint: .quiet)
      }
      pen.x += 1
      pen.breakLine()
      for index in tail { draw(index, mapping, at: &pen, on: &canvas) }
    }
    return pen.y + (pen.isAtStart ? 0 : Self.lineHeight) - (Self.lineHeight - Self.boxHeight)
  }

  /// Where the next token goes.
  private struct Pen {
    var x: Double
    var y: Double
    let right: Double

    var isAtStart: Bool { x == Header.margin }

    mutating func breakLine() {
      guard !isAtStart else { return }
      x = Header.margin
      y += TokenMap.lineHeight
    }

    mutating func box(width: Double) -> Box {
      if x + width > right { breakLine() }
      let box = Box(x: x, y: y, width: width, height: TokenMap.boxHeight)
      x += width + 2
      return box
    }
  }

  private func draw(
    _ index: Int, _ mapping: ColorMapping, at pen: inout Pen, on canvas: inout Canvas
  ) {
    let token = tokens[index]
    let runs = TokenText.runs(token.text)
    let cells = max(1, TextMetrics.cells(runs.map(\.text).joined()))
    let emphasis = isEmphasized(index)
    if TokenText.startsLine(token.text) { pen.breakLine() }
    let box = pen.box(width: Double(cells) * Self.cellWidth + 7)
    let fill = self.fill(index, mapping)
    canvas.group(tooltip: tooltip(index)) { canvas in
      canvas.rect(
        box, radius: 4,
        style: Style(fill: fill, stroke: emphasis ? .ink : nil, strokeWidth: 1.25))
      canvas.token(runs, box.centerX, box.y + 15.2, paint: fill.ink, bold: emphasis)
    }
    if TokenText.endsLine(token.text) { pen.breakLine() }
  }

  private func fill(_ index: Int, _ mapping: ColorMapping) -> Paint {
    if valueName != nil {
      guard let value = tokens[index].value, value.isDrawable else { return .missing }
      return mapping.paint(value)
    }
    return categoryIndices[index].map { .token($0) } ?? .missing
  }

  private func tooltip(_ index: Int) -> String {
    let token = tokens[index]
    var lines = ["'\(TokenText.plain(token.text))'"]
    if let category = token.category { lines.append(category) }
    if let valueName {
      lines.append("\(valueName): \(NumberText.compact(token.value ?? .nan, digits: 4))")
    }
    if !token.details.isEmpty { lines.append(token.details) }
    return lines.joined(separator: "\n")
  }
}
