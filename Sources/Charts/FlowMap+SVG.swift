extension FlowMap {
  public func svg(theme: Theme, width: Double) -> String {
    var canvas = Canvas(theme: theme, width: width)
    var top = Header.draw(on: &canvas, title: title, subtitle: subtitle, legend: legend)
    let room = canvas.width - 2 * Header.margin
    let columns = max(1, min(panels.count, Int(room / Self.leastPanelWidth)))
    let gap = 18.0
    let panelWidth = (room - gap * Double(columns - 1)) / Double(columns)
    for start in stride(from: 0, to: panels.count, by: columns) {
      var bottom = top
      for (column, panel) in panels[start..<min(start + columns, panels.count)].enumerated() {
        let layout = Layout(
          panel, x: Header.margin + Double(column) * (panelWidth + gap), y: top, width: panelWidth)
        draw(panel, layout, on: &canvas)
        bottom = max(bottom, layout.bottom)
      }
      top = bottom + 20
    }
    if panels.isEmpty {
      canvas.text("no tokens to show", Header.margin, top + 14, size: 13, paint: .quiet)
      top += 24
    }
    return canvas.document(title: title, description: sentence, height: top)
  }

  private static let leastPanelWidth = 250.0

  private var legend: [LegendItem] {
    let arcs = kinds.indices.map { LegendItem(name: kinds[$0].name, swatch: .bar(paint($0))) }
    let tokens = categories.indices.filter { categories[$0].isEmphasized }.map {
      LegendItem(name: categories[$0].name, swatch: .token(.token($0), emphasis: true))
    }
    return arcs + tokens
  }

  private func paint(_ kind: Int) -> Paint {
    kinds[kind].isBackground ? .reference : .series(kind)
  }

  /// Where the tokens of a panel stand.
  private struct Layout {
    let box: Box
    /// Pixels from a token to the next: long texts are set small, to be enlarged.
    let pitch: Double
    let fontSize: Double
    /// Where tokens end and arcs begin.
    let spine: Double

    /// The cells of the longest token that is shown whole.
    static let mostCells = 16
    /// Of a monospaced face, in ems.
    static let cellWidth = 0.61

    var emphasizedSize: Double { max(fontSize, 9) }

    init(_ panel: Panel, x: Double, y: Double, width: Double) {
      let count = Double(max(1, panel.tokens.count))
      pitch = max(3, min(16, 1_600 / count))
      fontSize = min(11.5, pitch * 0.86)
      box = Box(x: x, y: y + 30, width: width, height: pitch * count)
      let cells = panel.tokens.map { TextMetrics.cells(TokenText.plain($0.text)) }.max() ?? 0
      let text = Double(min(cells, Self.mostCells) + 1) * max(fontSize, 9) * Self.cellWidth + 6
      spine = x + min(text, width * 0.45)
    }

    var bottom: Double { box.bottom }
    func center(_ token: Int) -> Double { box.y + (Double(token) + 0.5) * pitch }
  }

  private func draw(_ panel: Panel, _ layout: Layout, on canvas: inout Canvas) {
    let box = layout.box
    canvas.text(
      TextMetrics.fitted(panel.title, width: box.width, size: 12.5, bold: true), box.x, box.y - 20,
      size: 12.5, bold: true, tooltip: panel.title)
    canvas.text(
      absence(panel) ?? "opaque: \(valueName) \(NumberText.compact(fullValue(panel)))", box.x,
      box.y - 6, size: 11, paint: .quiet)
    for (arc, share) in drawn(panel) { draw(arc, share, panel, layout, on: &canvas) }
    // The tokens that matter last, and never too small to read: in a long text they cover others.
    for emphasized in [false, true] {
      let size = emphasized ? layout.emphasizedSize : layout.fontSize
      let attributes =
        "font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\""
        + " font-size=\"\(NumberText.coordinate(size))\" text-anchor=\"end\""
      canvas.group(attributes) { canvas in
        for index in panel.tokens.indices where isEmphasized(panel.tokens[index]) == emphasized {
          draw(index, panel, layout, fontSize: size, on: &canvas)
        }
      }
    }
  }

  private func category(_ token: TokenMap.Token) -> Int? {
    token.category.flatMap { name in categories.firstIndex { $0.name == name } }
  }

  private func isEmphasized(_ token: TokenMap.Token) -> Bool {
    category(token).map { categories[$0].isEmphasized } ?? false
  }

  private func draw(
    _ arc: Arc, _ share: Double, _ panel: Panel, _ layout: Layout, on canvas: inout Canvas
  ) {
    let (start, end) = (layout.center(arc.from), layout.center(arc.to))
    let distance = abs(end - start) / max(layout.box.height, 1)
    // A cubic reaches three quarters of the way to its control points.
    let reach = (layout.box.right - layout.spine - 4) / 0.75
    let bulge = layout.spine + reach * (0.06 + 0.94 * distance.squareRoot())
    let numbers = [layout.spine + 2, start, bulge, start, bulge, end, layout.spine + 2, end]
      .map(NumberText.coordinate)
    let isBackground = kinds[arc.kind].isBackground
    canvas.path(
      "M\(numbers[0]) \(numbers[1])C\(numbers[2...].joined(separator: " "))",
      style: Style(
        stroke: paint(arc.kind), strokeWidth: 0.8 + (isBackground ? 0.6 : 1.7) * share,
        opacity: isBackground ? 0.45 * share : max(0.06, share)),
      tooltip:
        "\(Self.ends(arc, of: panel))\n\(valueName) \(NumberText.compact(arc.value, digits: 4))")
  }

  private func draw(
    _ index: Int, _ panel: Panel, _ layout: Layout, fontSize: Double, on canvas: inout Canvas
  ) {
    let token = panel.tokens[index]
    let runs = Self.shortened(TokenText.runs(token.text), cells: Layout.mostCells)
    let cells = max(1, TextMetrics.cells(runs.map(\.text).joined()))
    let width = Double(cells) * fontSize * Layout.cellWidth + 6
    let height = max(layout.pitch - 1, fontSize * 1.1)
    let y = layout.center(index)
    let fill: Paint = category(token).map { .token($0) } ?? .background
    var lines = ["'\(TokenText.plain(token.text))'"]
    if let name = token.category { lines.append(name) }
    if !token.details.isEmpty { lines.append(token.details) }
    canvas.group(tooltip: lines.joined(separator: "\n")) { canvas in
      canvas.rect(
        Box(x: layout.spine - width, y: y - height / 2, width: width, height: height),
        radius: min(3, height / 4),
        style: Style(fill: fill, stroke: isEmphasized(token) ? .ink : nil, strokeWidth: 1))
      canvas.token(
        runs, layout.spine - 3, y + fontSize * 0.34, paint: fill.ink, bold: isEmphasized(token))
    }
  }

  /// The beginning of a token's text, with "…" where something was cut off.
  private static func shortened(_ runs: [TokenMap.Run], cells limit: Int) -> [TokenMap.Run] {
    guard TextMetrics.cells(runs.map(\.text).joined()) > limit else { return runs }
    var room = limit - 1
    var kept: [TokenMap.Run] = []
    for run in runs where room > 0 {
      var text = ""
      for character in run.text {
        room -= TextMetrics.cells(character)
        if room < 0 { break }
        text.append(character)
      }
      kept.append(TokenMap.Run(text: text, isFaint: run.isFaint))
    }
    return kept + [TokenMap.Run(text: "…", isFaint: true)]
  }
}
