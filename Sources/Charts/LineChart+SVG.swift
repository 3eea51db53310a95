extension LineChart {
  public func svg(theme: Theme, width: Double) -> String {
    var canvas = Canvas(theme: theme, width: width)
    let top = Header.draw(on: &canvas, title: title, subtitle: subtitle, legend: legend)
    let height = drawPlot(on: &canvas, top: top)
    return canvas.document(title: title, description: sentence, height: height)
  }

  /// Values of series on the right are read on the left if there is no right axis.
  func isOnRight(_ one: Series) -> Bool { right != nil && one.side == .right }

  private func isOnRight(_ line: ReferenceLine) -> Bool { right != nil && line.along == .right }

  private var legend: [LegendItem] {
    var items: [LegendItem] = []
    if series.count > 1 || right != nil || !references.isEmpty {
      for (index, one) in series.enumerated() {
        let side = right == nil ? "" : isOnRight(one) ? " (right axis)" : " (left axis)"
        items.append(
          LegendItem(name: one.name + side, swatch: .line(SeriesMark(index: index))))
      }
    }
    if series.contains(where: \.hasBand) {
      let isPointwise = series.allSatisfy { $0.runs.allSatisfy { $0.count == 1 } }
      items.append(LegendItem(name: bandName, swatch: isPointwise ? .whisker : .band))
    }
    items += references.map {
      LegendItem(name: $0.name, swatch: .rule)
    }
    return items
  }

  // MARK: Domains

  private var xExtent: Extent {
    var extent = Extent()
    for one in series {
      for run in one.runs {
        for point in run where x.kind != .logarithmic || point.x > 0 { extent.include(point.x) }
      }
    }
    for line in references where line.along == .x { extent.include(line.value) }
    return extent
  }

  /// - Parameter bands: Whether the intervals count, too.
  private func yExtent(right onRight: Bool, bands: Bool = true) -> Extent {
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

  // MARK: Drawing

  /// - Returns: The height of the figure.
  private func drawPlot(on canvas: inout Canvas, top: Double) -> Double {
    let plotHeight = max(190, min(340, (canvas.width * 0.38).rounded()))
    let (leftExtent, rightExtent) = (yExtent(right: false), yExtent(right: true))
    func scale(_ axis: Axis, _ extent: Extent, y: Double) -> Scale {
      Scale(axis, extent: extent, pixels: (y + plotHeight, y), spacing: 44, covering: true)
    }
    // A power of ten above an axis needs a line of its own.
    let hasPower =
      scale(left, leftExtent, y: 0).ticks.exponent != 0
      || right.map { scale($0, rightExtent, y: 0).ticks.exponent != 0 } ?? false
    let y = top + (hasPower ? 18 : 8)
    let leftScale = scale(left, leftExtent, y: y)
    let rightScale = right.map { scale($0, rightExtent, y: y) }
    let leftRoom = PlotArea.valueAxisWidth(leftScale, hasTitle: !left.caption.isEmpty)
    let rightRoom = rightScale.map {
      PlotArea.valueAxisWidth($0, hasTitle: !(right?.caption.isEmpty ?? true))
    }
    let box = Box(
      x: leftRoom + 4, y: y,
      width: max(80, canvas.width - leftRoom - 4 - (rightRoom ?? 16) - 2), height: plotHeight)
    let inset = 8.0
    let xScale = Scale(
      x, extent: xExtent, pixels: (box.x + inset, box.right - inset), spacing: 42, covering: false)

    let area = PlotArea(box: box)
    area.drawValueAxis(left, scale: leftScale, tint: tint(right: false), on: &canvas)
    if let right, let rightScale {
      area.drawValueAxis(
        right, scale: rightScale, onRight: true, tint: tint(right: true), on: &canvas)
    }
    area.drawBottomAxis(x, scale: xScale, on: &canvas)
    if series.allSatisfy({ $0.runs.isEmpty }) { area.drawEmptyNote(on: &canvas) }

    let scales = Scales(x: xScale, left: leftScale, right: rightScale ?? leftScale)
    drawReferences(scales, in: box, on: &canvas)
    // Where intervals alone leave the axes, markers on the border stay whole.
    canvas.clipped(to: overflows(scales, bands: true) ? box : nil) { canvas in
      for (index, one) in series.enumerated() {
        drawBand(one, index: index, x: scales.x, y: scales.y(isOnRight(one)), on: &canvas)
      }
    }
    canvas.clipped(to: overflows(scales, bands: false) ? box : nil) { canvas in
      for (index, one) in series.enumerated() {
        drawCurve(one, index: index, x: scales.x, y: scales.y(isOnRight(one)), on: &canvas)
        drawMarks(one, index: index, x: scales.x, y: scales.y(isOnRight(one)), on: &canvas)
      }
    }
    return box.bottom + (x.caption.isEmpty ? 26 : 46)
  }

  private struct Scales {
    let x: Scale
    let left: Scale
    let right: Scale

    func y(_ onRight: Bool) -> Scale { onRight ? right : left }
  }

  /// With two axes, an axis that has one series wears its colour.
  private func tint(right onRight: Bool) -> Paint? {
    guard right != nil else { return nil }
    let indices = series.indices.filter { isOnRight(series[$0]) == onRight }
    return indices.count == 1 ? SeriesMark(index: indices[0]).paint : nil
  }

  /// Whether something lies outside a range that an axis was given.
  private func overflows(_ scales: Scales, bands: Bool) -> Bool {
    !scales.x.domain.contains(xExtent)
      || (right == nil ? [false] : [false, true]).contains {
        !scales.y($0).domain.contains(yExtent(right: $0, bands: bands))
      }
  }

  private func drawReferences(_ scales: Scales, in box: Box, on canvas: inout Canvas) {
    for line in references {
      let style = Style(stroke: .reference, dash: "4 3")
      let tooltip = "\(line.name): \(NumberText.compact(line.value, digits: 4))"
      let scale = line.along == .x ? scales.x : scales.y(isOnRight(line))
      guard scale.domain.contains(Extent([line.value])), let place = scale.position(line.value)
      else { continue }
      if line.along == .x {
        canvas.line(place, box.y, place, box.bottom, style: style, tooltip: tooltip)
      } else {
        canvas.line(box.x, place, box.right, place, style: style, tooltip: tooltip)
      }
    }
  }

  private func drawBand(
    _ one: Series, index: Int, x: Scale, y: Scale, on canvas: inout Canvas
  ) {
    let paint = SeriesMark(index: index).paint
    for run in one.runs {
      for stretch in run.split(whereSeparator: { $0.band == nil }) {
        let corners = stretch.compactMap { point -> (x: Double, low: Double, high: Double)? in
          guard let band = point.band, let px = x.position(point.x),
            let low = y.position(band.low), let high = y.position(band.high)
          else { return nil }
          return (px + dodge(index), low, high)
        }
        if corners.count == 1 {
          let (px, low, high) = corners[0]
          canvas.path(
            Header.whisker(x: px, from: low, to: high),
            style: Style(stroke: paint, strokeWidth: 1.25))
        } else {
          let outline =
            Polyline.thinned(corners.map { ($0.x, $0.high) })
            + Polyline.thinned(corners.map { ($0.x, $0.low) }).reversed()
          canvas.path(
            Polyline.path(outline) + (outline.isEmpty ? "" : "Z"),
            style: Style(fill: paint, opacity: 0.17))
        }
      }
    }
  }

  private func drawCurve(
    _ one: Series, index: Int, x: Scale, y: Scale, on canvas: inout Canvas
  ) {
    let mark = SeriesMark(index: index)
    var data = ""
    for run in one.runs where run.count > 1 {
      data += Polyline.path(Polyline.thinned(pixels(of: run, x: x, y: y)))
    }
    canvas.path(
      data, style: Style(stroke: mark.paint, strokeWidth: 2, dash: mark.dash, rounded: true),
      tooltip: one.name)
  }

  /// Series of a single point each stand side by side, or they would hide one another.
  private func dodge(_ index: Int) -> Double {
    let isSingle = series.count > 1 && series.allSatisfy { $0.y.count == 1 }
    return isSingle ? 14 * (Double(index) - Double(series.count - 1) / 2) : 0
  }

  private func pixels(of run: [Series.Point], x: Scale, y: Scale) -> [(Double, Double)] {
    run.compactMap { point in
      guard let px = x.position(point.x), let py = y.position(point.y) else { return nil }
      return (px, py)
    }
  }

  /// Markers on all points of a short curve and on some of a long one, each series at other
  /// places; a tooltip on every point as long as there are not too many.
  private func drawMarks(
    _ one: Series, index: Int, x: Scale, y: Scale, on canvas: inout Canvas
  ) {
    let mark = SeriesMark(index: index)
    let points = Array(one.runs.joined())
    let lonely = one.runs.filter { $0.count == 1 }.count == points.count
    let isShort = points.count <= 26 || lonely && points.count <= 500
    let every = max(1, points.count / 9)
    let phase = isShort || series.count == 1 ? 0 : every * index / series.count
    for (place, point) in points.enumerated() {
      guard let px = x.position(point.x), let py = y.position(point.y) else { continue }
      let shifted = px + dodge(index)
      let tooltip = points.count <= 600 ? self.tooltip(one, point) : nil
      if isShort || series.count > 1 && place % every == phase {
        canvas.path(
          mark.marker.path(shifted, py, radius: 3.4),
          style: Style(fill: mark.paint, stroke: .background, strokeWidth: 0.75), tooltip: tooltip)
      } else if let tooltip {
        canvas.circle(px, py, radius: 4, style: Style(), tooltip: tooltip)
      }
    }
  }

  private func tooltip(_ one: Series, _ point: Series.Point) -> String {
    let place = x.title.isEmpty ? "x" : x.title
    var text = "\(one.name)\n\(place) \(NumberText.compact(point.x, digits: 6)): "
    text += NumberText.compact(point.y, digits: 4)
    if let band = point.band {
      text += "\n\(bandName): \(NumberText.compact(band.low, digits: 4)) to "
      text += NumberText.compact(band.high, digits: 4)
    }
    return text
  }
}
