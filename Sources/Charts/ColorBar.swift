/// The key of a colour scale: a strip of colours with ticks.
enum ColorBar {
  private static let strips = ColorScale.steps + 1

  /// An upright bar with ticks and its name at the right.
  ///
  /// - Parameters:
  ///   - ends: what to call the ends, instead of ticks.
  ///   - box: The strip itself.
  static func drawUpright(
    _ mapping: ColorMapping, name: String, ends: (low: String, high: String)? = nil, box: Box,
    on canvas: inout Canvas
  ) {
    let step = box.height / Double(strips)
    canvas.group("shape-rendering=\"crispEdges\"") { canvas in
      for index in 0..<strips {
        let paint = mapping.scale.paint(step: strips - 1 - index)
        canvas.rect(
          Box(x: box.x, y: box.y + step * Double(index), width: box.width, height: step + 0.5),
          style: Style(fill: paint))
      }
    }
    canvas.rect(box, style: Style(stroke: .axis, strokeWidth: 0.75))
    let scale = Self.scale(mapping, pixels: (box.bottom, box.y), spacing: min(32, box.height / 5.2))
    for (y, label) in [(box.y + 9, ends?.high), (box.bottom - 2, ends?.low)] {
      guard let label else { continue }
      canvas.text(label, box.right + 6, y, size: PlotArea.tickSize, paint: .quiet)
    }
    for (value, label) in zip(scale.ticks.values, scale.ticks.labels) where ends == nil {
      guard let y = scale.position(value) else { continue }
      canvas.line(box.right, y, box.right + 3, y, style: Style(stroke: .axis))
      canvas.text(label, box.right + 6, y + 3.8, size: PlotArea.tickSize, paint: .quiet)
    }
    let caption = ends == nil ? self.caption(name, scale) : name
    let x = box.right + 6 + labelWidth(scale, ends) + 17
    let text = TextMetrics.fitted(caption, width: box.height + 30, size: PlotArea.titleSize)
    canvas.text(
      text, x, box.centerY, size: PlotArea.titleSize, anchor: .middle, rotated: -90,
      tooltip: text == caption ? nil : caption)
  }

  /// A lying bar with its name before it and ticks below.
  static func drawLying(
    _ mapping: ColorMapping, name: String, box: Box, on canvas: inout Canvas
  ) {
    let step = box.width / Double(strips)
    canvas.group("shape-rendering=\"crispEdges\"") { canvas in
      for index in 0..<strips {
        let paint = mapping.scale.paint(step: index)
        canvas.rect(
          Box(x: box.x + step * Double(index), y: box.y, width: step + 0.5, height: box.height),
          style: Style(fill: paint))
      }
    }
    canvas.rect(box, style: Style(stroke: .axis, strokeWidth: 0.75))
    let scale = Self.scale(mapping, pixels: (box.x, box.right), spacing: 48)
    for (value, label) in zip(scale.ticks.values, scale.ticks.labels) {
      guard let x = scale.position(value) else { continue }
      canvas.line(x, box.bottom, x, box.bottom + 3, style: Style(stroke: .axis))
      canvas.text(
        label, x, box.bottom + 14, size: PlotArea.tickSize, paint: .quiet, anchor: .middle)
    }
    canvas.text(
      caption(name, scale), box.right + 14, box.y + 10, size: PlotArea.titleSize)
  }

  /// Room at the right of a map for an upright bar, its ticks and its name.
  static func uprightRoom(
    _ mapping: ColorMapping, name: String, ends: (low: String, high: String)? = nil
  ) -> Double {
    let scale = Self.scale(mapping, pixels: (200, 0), spacing: 20)
    let labels = labelWidth(scale, ends)
    return 18 + 14 + 6 + labels + (name.isEmpty && scale.ticks.exponent == 0 ? 4 : 24)
  }

  private static func labelWidth(_ scale: Scale, _ ends: (low: String, high: String)?) -> Double {
    guard let ends else { return scale.labelWidth(size: PlotArea.tickSize) }
    return max(
      TextMetrics.width(ends.low, size: PlotArea.tickSize),
      TextMetrics.width(ends.high, size: PlotArea.tickSize))
  }

  private static func scale(
    _ mapping: ColorMapping, pixels: (Double, Double), spacing: Double
  ) -> Scale {
    let axis = Axis(
      "", kind: mapping.isWhole ? .integer : .linear,
      range: mapping.low < mapping.high ? mapping.low...mapping.high : nil)
    return Scale(
      axis, extent: Extent(low: mapping.low, high: mapping.high), pixels: pixels,
      spacing: spacing, covering: false)
  }

  private static func caption(_ name: String, _ scale: Scale) -> String {
    guard scale.ticks.exponent != 0 else { return name }
    return name + " (" + NumberText.timesTenTo(scale.ticks.exponent) + ")"
  }
}
