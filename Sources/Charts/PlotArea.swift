/// Draws axes, grid and axis titles around a rectangle.
struct PlotArea {
  static let tickSize = 11.0
  static let titleSize = 12.0

  let box: Box

  /// Ticks and title of a value axis at the left or right edge.
  ///
  /// - Parameters:
  ///   - isLabelled: Whether there are numbers and a title, too; not where a neighbour has them.
  ///   - tint: The paint of the axis title, where it names a single series.
  func drawValueAxis(
    _ axis: Axis, scale: Scale, onRight: Bool = false, isLabelled: Bool = true,
    tint: Paint? = nil, on canvas: inout Canvas
  ) {
    let edge = onRight ? box.right : box.x
    let outward = onRight ? 1.0 : -1.0
    for (value, label) in zip(scale.ticks.values, scale.ticks.labels) {
      guard let y = scale.position(value) else { continue }
      if !onRight { canvas.line(box.x, y, box.right, y, style: Style(stroke: .grid)) }
      guard isLabelled else { continue }
      if onRight { canvas.line(edge, y, edge + 4, y, style: Style(stroke: .axis)) }
      canvas.text(
        label, edge + outward * 7, y + 3.8, size: Self.tickSize, paint: .quiet,
        anchor: onRight ? .start : .end)
    }
    if onRight { canvas.line(edge, box.y, edge, box.bottom, style: Style(stroke: .axis)) }
    guard isLabelled else { return }
    if scale.ticks.exponent != 0 {
      canvas.text(
        NumberText.timesTenTo(scale.ticks.exponent), edge + outward * 2, box.y - 9,
        size: Self.tickSize, paint: .quiet, anchor: onRight ? .start : .end)
    }
    let caption = TextMetrics.fitted(axis.caption, width: box.height + 40, size: Self.titleSize)
    let x =
      onRight
      ? box.right + 7 + scale.labelWidth(size: Self.tickSize) + 18
      : box.x - 7 - scale.labelWidth(size: Self.tickSize) - 10
    canvas.text(
      caption, x, box.centerY, size: Self.titleSize, paint: tint ?? .ink, anchor: .middle,
      rotated: -90)
  }

  /// Ticks and title of an axis along the bottom edge.
  func drawBottomAxis(_ axis: Axis, scale: Scale, grid: Bool = false, on canvas: inout Canvas) {
    drawBottomTicks(scale, grid: grid, on: &canvas)
    drawBottomTitle(axis, scale: scale, on: &canvas)
  }

  func drawBottomTicks(_ scale: Scale, grid: Bool = false, on canvas: inout Canvas) {
    for (value, label) in zip(scale.ticks.values, scale.ticks.labels) {
      guard let x = scale.position(value) else { continue }
      if grid { canvas.line(x, box.y, x, box.bottom, style: Style(stroke: .grid)) }
      canvas.line(x, box.bottom, x, box.bottom + 4, style: Style(stroke: .axis))
      canvas.text(
        label, x, box.bottom + 17, size: Self.tickSize, paint: .quiet, anchor: .middle)
    }
    canvas.line(box.x, box.bottom, box.right, box.bottom, style: Style(stroke: .axis))
  }

  func drawBottomTitle(_ axis: Axis, scale: Scale, on canvas: inout Canvas) {
    var caption = axis.caption
    if scale.ticks.exponent != 0 { caption += " " + NumberText.timesTenTo(scale.ticks.exponent) }
    drawBottomTitle(caption, y: box.bottom + 36, on: &canvas)
  }

  func drawBottomTitle(_ caption: String, y: Double, on canvas: inout Canvas) {
    let fitted = TextMetrics.fitted(caption, width: canvas.width - 24, size: Self.titleSize)
    // A title longer than the axis is moved so that it stays inside the figure.
    let half = TextMetrics.width(fitted, size: Self.titleSize) / 2
    let x = max(12 + half, min(canvas.width - 12 - half, box.centerX))
    canvas.text(fitted, x, y, size: Self.titleSize, anchor: .middle)
  }

  /// Room for a value axis: tick labels, title and gaps.
  static func valueAxisWidth(_ scale: Scale, hasTitle: Bool) -> Double {
    scale.labelWidth(size: tickSize) + 7 + (hasTitle ? 24 : 10)
  }

  static let panelTitleSize = 12.5

  /// The name of one panel among several, above it.
  ///
  /// - Parameter room: how far it may go to the right of the panel's left edge; as far as the panel
  ///   if nil. A name that needs more than the panel begins at the edge.
  func drawPanelTitle(_ title: String, room: Double? = nil, on canvas: inout Canvas) {
    let usual = box.width + 12
    let limit = max(usual, room ?? usual)
    let text = TextMetrics.fitted(title, width: limit, size: Self.panelTitleSize, bold: true)
    let isWide = TextMetrics.width(text, size: Self.panelTitleSize, bold: true) > usual
    canvas.text(
      text, isWide ? box.x : box.centerX, box.y - 8, size: Self.panelTitleSize,
      anchor: isWide ? .start : .middle, bold: true, tooltip: text == title ? nil : title)
  }

  func drawEmptyNote(on canvas: inout Canvas) {
    canvas.text(
      box.width < 180 ? "no values" : "no finite values to show", box.centerX, box.centerY,
      size: 13, paint: .quiet, anchor: .middle, halo: true)
  }
}
