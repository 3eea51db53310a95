extension BarChart {
  public func svg(theme: Theme, width: Double) -> String {
    var canvas = Canvas(theme: theme, width: width)
    let top = Header.draw(on: &canvas, title: title, subtitle: subtitle, legend: legend)
    let height =
      isHorizontal(width: canvas.width)
      ? drawHorizontal(on: &canvas, top: top) : drawVertical(on: &canvas, top: top)
    return canvas.document(title: title, description: sentence, height: height)
  }

  private static let labelSize = 11.5

  private var legend: [LegendItem] {
    var items: [LegendItem] = []
    if series.count > 1 {
      items = series.enumerated().map { LegendItem(name: $1.name, swatch: .bar(.series($0))) }
    }
    if series.contains(where: { one in groups.indices.contains { one.interval($0) != nil } }) {
      items.append(LegendItem(name: intervalName, swatch: .whisker))
    }
    return items
      + references.filter { $0.along == .left }.map { LegendItem(name: $0.name, swatch: .rule) }
  }

  private func isHorizontal(width: Double) -> Bool {
    guard orientation == .automatic else { return orientation == .horizontal }
    let room = (width - 90) / Double(max(1, groups.count)) - 8
    return groups.contains { label in
      TextMetrics.wrapped(label, width: room, size: Self.labelSize, lines: 2)
        .contains { $0.hasSuffix("…") }
    }
  }

  private var extent: Extent {
    var extent = Extent(low: 0, high: 0)
    for one in series {
      for group in groups.indices {
        if let value = one.value(group) { extent.include(value) }
        if let interval = one.interval(group) {
          extent.include(interval.low)
          extent.include(interval.high)
        }
      }
    }
    for line in references where line.along == .left { extent.include(line.value) }
    return extent.includingNearbyZero()
  }

  private var isEmpty: Bool {
    !series.contains { one in groups.indices.contains { one.value($0) != nil } }
  }

  // MARK: Upright

  private func drawVertical(on canvas: inout Canvas, top: Double) -> Double {
    let plotHeight = max(190, min(320, (canvas.width * 0.36).rounded()))
    let y = top + 14
    let scale = Scale(
      values, extent: extent, pixels: (y + plotHeight, y), spacing: 44, covering: true)
    let room = PlotArea.valueAxisWidth(scale, hasTitle: !values.caption.isEmpty) + 4
    let box = Box(x: room, y: y, width: max(80, canvas.width - room - 18), height: plotHeight)
    let area = PlotArea(box: box)
    area.drawValueAxis(values, scale: scale, on: &canvas)
    drawReferences(scale, on: &canvas) { (box.x, $0, box.right, $0) }

    let slot = box.width / Double(max(1, groups.count))
    let thickness = min(46, slot * 0.76 / Double(max(1, series.count)))
    let start = (slot - thickness * Double(series.count)) / 2
    clip(scale, to: box, on: &canvas) { canvas in
      for group in groups.indices {
        for (index, one) in series.enumerated() {
          let x = box.x + slot * Double(group) + start + thickness * Double(index)
          drawUpright(
            one, index, group, x: x, thickness: thickness, scale: scale, box: box, on: &canvas)
        }
      }
    }
    let base = scale.position(0).map { max(box.y, min(box.bottom, $0)) } ?? box.bottom
    canvas.line(box.x, base, box.right, base, style: Style(stroke: .axis))
    if isEmpty { area.drawEmptyNote(on: &canvas) }

    var lines = 1
    let every = max(1, Int((13 / max(slot, 0.01)).rounded(.up)))
    for (group, name) in groups.enumerated() where group % every == 0 {
      let wrapped = TextMetrics.wrapped(name, width: slot - 6, size: Self.labelSize, lines: 2)
      lines = max(lines, wrapped.count)
      for (line, text) in wrapped.enumerated() {
        canvas.text(
          text, box.x + slot * (Double(group) + 0.5), box.bottom + 17 + 14 * Double(line),
          size: Self.labelSize, anchor: .middle, tooltip: text == name ? nil : name)
      }
    }
    let bottom = box.bottom + 17 + 14 * Double(lines - 1)
    if groupTitle.isEmpty { return bottom + 13 }
    area.drawBottomTitle(groupTitle, y: bottom + 20, on: &canvas)
    return bottom + 32
  }

  private func drawUpright(
    _ one: Series, _ index: Int, _ group: Int, x: Double, thickness: Double, scale: Scale,
    box: Box, on canvas: inout Canvas
  ) {
    guard let value = one.value(group), let end = scale.position(value),
      let base = scale.position(max(scale.domain.low, min(scale.domain.high, 0)))
    else { return }
    let gap = thickness > 6 ? 1.0 : 0
    canvas.rect(
      Box(x: x + gap, y: min(base, end), width: thickness - 2 * gap, height: abs(base - end)),
      style: Style(fill: .series(index)), tooltip: tooltip(one, group))
    var tip = end
    if let interval = one.interval(group), let low = scale.position(interval.low),
      let high = scale.position(interval.high)
    {
      canvas.path(
        Header.whisker(x: x + thickness / 2, from: high, to: low),
        style: Style(stroke: .ink, strokeWidth: 1.25))
      tip = value < 0 ? max(end, low) : min(end, high)
    }
    let label = NumberText.compact(value)
    if TextMetrics.width(label, size: 10.5) <= thickness + 6 {
      canvas.text(
        label, x + thickness / 2, value < 0 ? tip + 12 : tip - 4, size: 10.5, anchor: .middle,
        halo: true)
    }
  }

  // MARK: Lying

  private func drawHorizontal(on canvas: inout Canvas, top: Double) -> Double {
    let longest = groups.map { TextMetrics.width($0, size: Self.labelSize) }.max() ?? 0
    let labelRoom = min(longest, canvas.width * 0.36)
    let titleRoom = groupTitle.isEmpty ? 0.0 : 20
    let x = 14 + titleRoom + labelRoom + 8
    let bars = Double(max(1, series.count))
    let count = Double(max(1, groups.count))
    let thickness = min(19, max(2, 3_000 / (count * (bars + 0.6))))
    let slot = thickness * (bars + 0.6)
    let box = Box(
      x: x, y: top + 4, width: max(80, canvas.width - x - 54), height: max(60, slot * count))
    let scale = Scale(
      values, extent: extent, pixels: (box.x, box.right), spacing: 70, covering: true)
    let area = PlotArea(box: box)
    area.drawBottomAxis(values, scale: scale, grid: true, on: &canvas)
    drawReferences(scale, on: &canvas) { ($0, box.y, $0, box.bottom) }
    clip(scale, to: box, on: &canvas) { canvas in
      for group in groups.indices {
        for (index, one) in series.enumerated() {
          let y = box.y + slot * Double(group) + thickness * (Double(index) + 0.3)
          drawLying(one, index, group, y: y, thickness: thickness, scale: scale, on: &canvas)
        }
      }
    }
    let base = scale.position(0).map { max(box.x, min(box.right, $0)) } ?? box.x
    canvas.line(base, box.y, base, box.bottom, style: Style(stroke: .axis))
    if isEmpty { area.drawEmptyNote(on: &canvas) }
    let every = max(1, Int((12 / slot).rounded(.up)))
    for (group, name) in groups.enumerated() where group % every == 0 {
      let lines = TextMetrics.wrapped(
        name, width: labelRoom, size: Self.labelSize, lines: slot >= 28 ? 2 : 1)
      let middle = box.y + slot * (Double(group) + 0.5) + 4
      for (line, text) in lines.enumerated() {
        canvas.text(
          text, box.x - 8, middle + 13 * (Double(line) - Double(lines.count - 1) / 2),
          size: Self.labelSize, anchor: .end, tooltip: text == name ? nil : name)
      }
    }
    if !groupTitle.isEmpty {
      canvas.text(
        TextMetrics.fitted(groupTitle, width: box.height + 40, size: PlotArea.titleSize), 24,
        box.centerY, size: PlotArea.titleSize, anchor: .middle, rotated: -90)
    }
    return box.bottom + (values.caption.isEmpty ? 28 : 48)
  }

  private func drawLying(
    _ one: Series, _ index: Int, _ group: Int, y: Double, thickness: Double, scale: Scale,
    on canvas: inout Canvas
  ) {
    guard let value = one.value(group), let end = scale.position(value),
      let base = scale.position(max(scale.domain.low, min(scale.domain.high, 0)))
    else { return }
    let gap = thickness > 6 ? 1.0 : 0
    canvas.rect(
      Box(x: min(base, end), y: y + gap, width: abs(base - end), height: thickness - 2 * gap),
      style: Style(fill: .series(index)), tooltip: tooltip(one, group))
    var tip = end
    if let interval = one.interval(group), let low = scale.position(interval.low),
      let high = scale.position(interval.high)
    {
      let level = y + thickness / 2
      let style = Style(stroke: .ink, strokeWidth: 1.25)
      canvas.line(low, level, high, level, style: style)
      canvas.line(low, level - 3, low, level + 3, style: style)
      canvas.line(high, level - 3, high, level + 3, style: style)
      tip = value < 0 ? min(end, low) : max(end, high)
    }
    if thickness >= 11 {
      canvas.text(
        NumberText.compact(value), value < 0 ? tip - 5 : tip + 5, y + thickness / 2 + 3.8,
        size: 10.5, anchor: value < 0 ? .end : .start, halo: true)
    }
  }

  // MARK: Both

  /// Cuts off what lies outside a range that was asked for.
  private func clip(
    _ scale: Scale, to box: Box, on canvas: inout Canvas, _ draw: (inout Canvas) -> Void
  ) {
    if scale.domain.contains(extent) { draw(&canvas) } else { canvas.clipped(to: box, draw) }
  }

  private func drawReferences(
    _ scale: Scale, on canvas: inout Canvas,
    ends: (Double) -> (Double, Double, Double, Double)
  ) {
    for line in references where line.along == .left {
      guard let position = scale.position(line.value),
        Extent(low: scale.domain.low, high: scale.domain.high).contains(Extent([line.value]))
      else { continue }
      let (x1, y1, x2, y2) = ends(position)
      canvas.line(
        x1, y1, x2, y2, style: Style(stroke: .reference, dash: "4 3"),
        tooltip: "\(line.name): \(NumberText.compact(line.value, digits: 4))")
    }
  }

  private func tooltip(_ one: Series, _ group: Int) -> String {
    var text = "\(groups[group])\n\(one.name): "
    text += NumberText.compact(one.value(group) ?? .nan, digits: 4)
    if let interval = one.interval(group) {
      text += "\n\(intervalName): \(NumberText.compact(interval.low, digits: 4)) to "
      text += NumberText.compact(interval.high, digits: 4)
    }
    return text
  }
}
