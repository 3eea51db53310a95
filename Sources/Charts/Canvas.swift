/// What a shape is painted with; nothing by default.
struct Style {
  var fill: Paint?
  var stroke: Paint?
  var strokeWidth = 1.0
  /// Lengths of dashes and gaps in pixels, as SVG writes them; "" for a solid line.
  var dash = ""
  var opacity = 1.0
  var rounded = false
}

enum TextAnchor: String { case start, middle, end }

/// An SVG document while it is being written.
///
/// Colours are presentation attributes, so nothing outside the figure is restyled. Nothing in the
/// figure refers to another element (no clip paths, gradients or patterns); the only identifiers
/// are those of the root, its title and its description, and they are made from a hash of the
/// content. Two figures that differ have different identifiers, and the same figure twice on a
/// page has the same identifiers on the same content, whichever of the two is found.
struct Canvas {
  let theme: Theme
  let width: Double
  private var body = ""
  /// Paints that differ between themes with what they are used for, in the order of first use.
  private var uses: [PaintUse] = []
  private var classes: [PaintUse: String] = [:]

  private struct PaintUse: Hashable {
    let paint: Paint
    /// `fill` or `stroke`.
    let property: String
  }

  init(theme: Theme, width: Double) {
    self.theme = theme
    self.width =
      width.isNaN
      ? defaultFigureWidth
      : max(figureWidths.lowerBound, min(figureWidths.upperBound, width)).rounded()
    body.reserveCapacity(16_384)
  }

  // MARK: Shapes

  mutating func rect(
    _ box: Box, radius: Double = 0, style: Style, tooltip: String? = nil
  ) {
    body += "<rect"
    attribute("x", box.x)
    attribute("y", box.y)
    attribute("width", max(0, box.width))
    attribute("height", max(0, box.height))
    if radius > 0 { attribute("rx", radius) }
    close("rect", style, tooltip)
  }

  mutating func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, style: Style, tooltip: String? = nil
  ) {
    body += "<line"
    attribute("x1", x1)
    attribute("y1", y1)
    attribute("x2", x2)
    attribute("y2", y2)
    close("line", style, tooltip)
  }

  mutating func circle(_ x: Double, _ y: Double, radius: Double, style: Style, tooltip: String?) {
    body += "<circle"
    attribute("cx", x)
    attribute("cy", y)
    attribute("r", radius)
    close("circle", style, tooltip)
  }

  /// - Parameter data: The `d` attribute; written by this module, never by a user.
  mutating func path(_ data: String, style: Style, tooltip: String? = nil) {
    guard !data.isEmpty else { return }
    body += "<path d=\"\(data)\""
    close("path", style, tooltip)
  }

  mutating func text(
    _ text: String, _ x: Double, _ y: Double, size: Double, paint: Paint = .ink,
    anchor: TextAnchor = .start, bold: Bool = false, rotated degrees: Double = 0,
    halo: Bool = false, tooltip: String? = nil
  ) {
    guard !text.isEmpty else { return }
    body += "<text"
    attribute("x", x)
    attribute("y", y)
    attribute("font-size", size)
    if anchor != .start { body += " text-anchor=\"\(anchor.rawValue)\"" }
    if bold { body += " font-weight=\"600\"" }
    if degrees != 0 {
      let angle = NumberText.coordinate(degrees)
      let center = "\(NumberText.coordinate(x)) \(NumberText.coordinate(y))"
      body += " transform=\"rotate(\(angle) \(center))\""
    }
    colors(fill: paint, stroke: halo ? .background : nil)
    if halo { body += " stroke-width=\"3\" stroke-linejoin=\"round\" paint-order=\"stroke\"" }
    body += ">"
    if let tooltip { body += "<title>\(XMLText.escaped(tooltip))</title>" }
    body += XMLText.escaped(text)
    body += "</text>\n"
  }

  /// Text of a token: runs of plain and of faint text, one after the other.
  mutating func token(
    _ runs: [TokenMap.Run], _ x: Double, _ y: Double, paint: Paint, bold: Bool
  ) {
    body += "<text"
    attribute("x", x)
    attribute("y", y)
    if bold { body += " font-weight=\"600\"" }
    colors(fill: paint, stroke: nil)
    body += ">"
    for run in runs {
      let safe = XMLText.escaped(run.text)
      body += run.isFaint ? "<tspan fill-opacity=\".55\">\(safe)</tspan>" : safe
    }
    body += "</text>"
  }

  // MARK: Groups

  /// Shapes that share attributes; `attributes` is written by this module, never by a user.
  mutating func group(
    _ attributes: String = "", tooltip: String? = nil, _ draw: (inout Canvas) -> Void
  ) {
    body += attributes.isEmpty ? "<g>" : "<g \(attributes)>"
    if let tooltip { body += "<title>\(XMLText.escaped(tooltip))</title>" }
    draw(&self)
    body += "</g>\n"
  }

  /// Shapes of which only the part inside a box is shown, all of them if there is no box; a nested
  /// viewport needs no identifier.
  mutating func clipped(to box: Box?, _ draw: (inout Canvas) -> Void) {
    guard let box else { return draw(&self) }
    let numbers = [box.x, box.y, box.width, box.height].map(NumberText.coordinate)
    body += "<svg x=\"\(numbers[0])\" y=\"\(numbers[1])\" width=\"\(numbers[2])\""
    body += " height=\"\(numbers[3])\" viewBox=\"\(numbers.joined(separator: " "))\""
    body += " overflow=\"hidden\">\n"
    draw(&self)
    body += "</svg>\n"
  }

  // MARK: Attributes

  private mutating func attribute(_ name: String, _ value: Double) {
    body += " \(name)=\"\(NumberText.coordinate(value))\""
  }

  private mutating func close(_ name: String, _ style: Style, _ tooltip: String?) {
    colors(fill: style.fill, stroke: style.stroke)
    if style.fill == nil { body += " fill=\"none\"" }
    if style.stroke != nil {
      if style.strokeWidth != 1 { attribute("stroke-width", style.strokeWidth) }
      if !style.dash.isEmpty { body += " stroke-dasharray=\"\(style.dash)\"" }
      if style.rounded { body += " stroke-linejoin=\"round\" stroke-linecap=\"round\"" }
    }
    if style.opacity != 1 { attribute("opacity", style.opacity) }
    if style.fill == nil, tooltip != nil { body += " pointer-events=\"all\"" }
    if let tooltip {
      body += "><title>\(XMLText.escaped(tooltip))</title></\(name)>\n"
    } else {
      body += "/>\n"
    }
  }

  private mutating func colors(fill: Paint?, stroke: Paint?) {
    var classes: [String] = []
    for (property, paint) in [("fill", fill), ("stroke", stroke)] {
      guard let paint else { continue }
      body += " \(property)=\"\(shown(paint).hex)\""
      if let name = name(of: PaintUse(paint: paint, property: property)) { classes.append(name) }
    }
    if !classes.isEmpty { body += " class=\"\(classes.joined(separator: " "))\"" }
  }

  private func shown(_ paint: Paint) -> Color { theme == .dark ? paint.dark : paint.light }

  /// The class that gives a paint the colour of the reader's theme, if it differs between themes.
  private mutating func name(of use: PaintUse) -> String? {
    guard theme == .automatic, use.paint.light != use.paint.dark else { return nil }
    if let name = classes[use] { return name }
    let name = "\(use.property.prefix(1))\(uses.count)"
    uses.append(use)
    classes[use] = name
    return name
  }

  // MARK: Document

  /// The finished document.
  mutating func document(title: String, description: String, height: Double) -> String {
    let drawn = body
    body = ""
    let height = height.rounded(.up)
    rect(Box(x: 0, y: 0, width: width, height: height), style: Style(fill: .background))
    let content = body + drawn
    body = drawn
    let size = "\(NumberText.coordinate(width)) \(NumberText.coordinate(height))"
    let name = XMLText.escaped(title)
    let detail = XMLText.escaped(description)
    let id = "figure-" + Self.hash(of: [name, detail, size, theme.rawValue, content])
    let sides = size.split(separator: " ")
    return """
      <svg xmlns="http://www.w3.org/2000/svg" id="\(id)" width="\(sides[0])" height="\(sides[1])" \
      viewBox="0 0 \(size)" role="img" aria-labelledby="\(id)-title \(id)-desc" \
      style="max-width:100%;height:auto" font-size="12" \
      font-family="system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif">
      <title id="\(id)-title">\(name)</title>
      <desc id="\(id)-desc">\(detail)</desc>
      \(styleSheet(id: id))\(content)</svg>

      """
  }

  /// Rules that turn the light figure dark; each begins with the identifier of the figure.
  private func styleSheet(id: String) -> String {
    guard !uses.isEmpty else { return "" }
    func rules(_ before: String, _ color: (Paint) -> Color) -> String {
      uses.map { use in
        "\(before)#\(id) .\(classes[use] ?? ""){\(use.property):\(color(use.paint).hex)}"
      }.joined()
    }
    return """
      <style>@media (prefers-color-scheme:dark){\(rules("", \.dark))}
      \(rules("body[data-jp-theme-light=\"true\"] ", \.light))
      \(rules("body[data-jp-theme-light=\"false\"] ", \.dark))</style>

      """
  }

  /// FNV-1a over the parts, as 16 hexadecimal digits.
  private static func hash(of parts: [String]) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for part in parts {
      for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
      // 0xFF occurs in no UTF-8 text, so parts do not run together.
      hash = (hash ^ 0xFF) &* 0x100_0000_01B3
    }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }
}

/// A rectangle in pixels; y grows downwards.
struct Box: Equatable {
  var x: Double
  var y: Double
  var width: Double
  var height: Double

  var right: Double { x + width }
  var bottom: Double { y + height }
  var centerX: Double { x + width / 2 }
  var centerY: Double { y + height / 2 }
}
