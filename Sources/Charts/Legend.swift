/// How a series is told from the others: by colour, and also by dash and by marker.
struct SeriesMark: Sendable {
  let paint: Paint
  let dash: String
  let marker: Marker

  init(index: Int) {
    let dashes = ["", "7 3", "2 3", "9 3 2 3", "5 2", "12 4"]
    paint = .series(index)
    dash = dashes[index % dashes.count]
    marker = Marker.allCases[index % Marker.allCases.count]
  }
}

enum Marker: CaseIterable, Sendable {
  case circle, square, triangle, diamond, downTriangle, plus

  /// Path data of the marker around a point.
  func path(_ x: Double, _ y: Double, radius: Double) -> String {
    func points(_ offsets: [(Double, Double)]) -> String {
      var data = ""
      for (index, offset) in offsets.enumerated() {
        data += index == 0 ? "M" : "L"
        data += NumberText.coordinate(x + offset.0 * radius) + " "
        data += NumberText.coordinate(y + offset.1 * radius)
      }
      return data + "Z"
    }
    switch self {
    case .circle:
      let r = NumberText.coordinate(radius)
      let (left, right) = (NumberText.coordinate(x - radius), NumberText.coordinate(x + radius))
      let level = NumberText.coordinate(y)
      return "M\(left) \(level)A\(r) \(r) 0 1 1 \(right) \(level)A\(r) \(r) 0 1 1 \(left) \(level)Z"
    case .square: return points([(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)])
    case .triangle: return points([(0, -1.2), (1.1, 0.8), (-1.1, 0.8)])
    case .diamond: return points([(0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)])
    case .downTriangle: return points([(0, 1.2), (1.1, -0.8), (-1.1, -0.8)])
    case .plus:
      return points([
        (-0.4, -1.2), (0.4, -1.2), (0.4, -0.4), (1.2, -0.4), (1.2, 0.4), (0.4, 0.4), (0.4, 1.2),
        (-0.4, 1.2), (-0.4, 0.4), (-1.2, 0.4), (-1.2, -0.4), (-0.4, -0.4),
      ])
    }
  }
}

/// One entry of a legend.
struct LegendItem {
  enum Swatch {
    case line(SeriesMark)
    case bar(Paint)
    case token(Paint, emphasis: Bool)
    case band
    case whisker
    case rule
    case missing
  }

  let name: String
  let swatch: Swatch

  var swatchWidth: Double {
    switch swatch {
    case .line, .rule: 26
    case .band, .token: 18
    case .bar, .missing: 13
    case .whisker: 9
    }
  }
}

/// Title, subtitle and legend, above the plot so that nothing covers data.
enum Header {
  static let margin = 14.0
  private static let legendSize = 12.0

  /// Draws the header.
  ///
  /// - Returns: The y below which the plot may begin.
  static func draw(
    on canvas: inout Canvas, title: String, subtitle: String?, legend: [LegendItem]
  ) -> Double {
    let room = canvas.width - 2 * margin
    var y = 10.0
    for line in TextMetrics.wrapped(title, width: room, size: 15, bold: true, lines: 2) {
      y += 17
      canvas.text(line, margin, y - 2, size: 15, bold: true)
    }
    if let subtitle {
      for line in TextMetrics.wrapped(subtitle, width: room, size: 12, lines: 3) {
        y += 16
        canvas.text(line, margin, y, size: 12, paint: .quiet)
      }
    }
    if !legend.isEmpty { y = drawLegend(legend, on: &canvas, y: y + 12, room: room) }
    return y + 12
  }

  private static func drawLegend(
    _ items: [LegendItem], on canvas: inout Canvas, y top: Double, room: Double
  ) -> Double {
    var (x, y) = (margin, top)
    for item in items {
      let lead = item.swatchWidth + 6
      let name = TextMetrics.fitted(item.name, width: room - lead, size: legendSize)
      let width = lead + TextMetrics.width(name, size: legendSize)
      if x > margin, x + width > margin + room {
        x = margin
        y += 19
      }
      draw(item.swatch, on: &canvas, x: x, y: y + 6, width: item.swatchWidth)
      canvas.text(
        name, x + lead, y + 10.3, size: legendSize,
        tooltip: name == item.name ? nil : item.name)
      x += width + 20
    }
    return y + 14
  }

  private static func draw(
    _ swatch: LegendItem.Swatch, on canvas: inout Canvas, x: Double, y: Double, width: Double
  ) {
    let box = Box(x: x, y: y - 6, width: width, height: 12)
    switch swatch {
    case .line(let mark):
      canvas.line(
        x, y, x + width, y, style: Style(stroke: mark.paint, strokeWidth: 2, dash: mark.dash))
      canvas.path(mark.marker.path(x + width / 2, y, radius: 3.4), style: Style(fill: mark.paint))
    case .bar(let paint):
      canvas.rect(box, radius: 1.5, style: Style(fill: paint))
    case .token(let paint, let emphasis):
      canvas.rect(
        box, radius: 3,
        style: Style(fill: paint, stroke: emphasis ? .ink : paint, strokeWidth: 1))
    case .band:
      canvas.rect(box, style: Style(fill: Paint.quiet.faded(0.72)))
    case .whisker:
      canvas.path(whisker(x: x + width / 2, from: y - 6, to: y + 6), style: Style(stroke: .ink))
    case .rule:
      canvas.line(x, y, x + width, y, style: Style(stroke: .reference, dash: "4 3"))
    case .missing:
      hatched(box, on: &canvas, tooltip: nil)
    }
  }

  /// Path data of an upright error bar with caps.
  static func whisker(x: Double, from: Double, to: Double) -> String {
    let (left, right) = (NumberText.coordinate(x - 3), NumberText.coordinate(x + 3))
    let center = NumberText.coordinate(x)
    let (a, b) = (NumberText.coordinate(from), NumberText.coordinate(to))
    return "M\(left) \(a)H\(right)M\(center) \(a)V\(b)M\(left) \(b)H\(right)"
  }

  /// A box for a value that is not there.
  static func hatched(_ box: Box, on canvas: inout Canvas, tooltip: String?) {
    canvas.rect(box, style: Style(fill: .missing), tooltip: tooltip)
    var data = ""
    let side = min(box.width, box.height)
    guard side >= 6 else { return }
    var offset = 5.0
    while offset < box.width + box.height {
      // The line x + y = offset, from the left or bottom edge to the top or right edge.
      let (x1, y1) = offset <= box.height ? (0, offset) : (offset - box.height, box.height)
      let (x2, y2) = offset <= box.width ? (offset, 0) : (box.width, offset - box.width)
      data += "M\(NumberText.coordinate(box.x + x1)) \(NumberText.coordinate(box.y + y1))"
      data += "L\(NumberText.coordinate(box.x + x2)) \(NumberText.coordinate(box.y + y2))"
      offset += 6
    }
    canvas.path(data, style: Style(stroke: .missingHatch))
  }
}
