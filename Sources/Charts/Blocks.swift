/// Small charts out of Unicode's block characters, for places that show text only.
enum Blocks {
  private static let eighths = Array("▁▂▃▄▅▆▇█")
  private static let parts = Array(" ▏▎▍▌▋▊▉")
  private static let shades = Array("·░▒▓█")

  /// A row of bars of eight heights; gaps are spaces. Longer rows are averaged into `cells`.
  static func spark(_ values: [Double], in extent: Extent, cells: Int = 48) -> String {
    let shown = averaged(values, cells: cells)
    return String(
      shown.map { value -> Character in
        guard value.isDrawable, !extent.isEmpty else { return " " }
        return eighths[level(value, in: extent, of: eighths.count)]
      })
  }

  /// A bar of a length from 0 to `cells`, to an eighth of a cell.
  static func bar(_ fraction: Double, cells: Int = 24) -> String {
    guard fraction.isFinite else { return "" }
    let total = Int((max(0, min(1, fraction)) * Double(cells * 8)).rounded())
    let rest = total % 8
    return String(repeating: "█", count: total / 8) + (rest > 0 ? String(parts[rest]) : "")
  }

  /// `·░▒▓█`, or a space for a value that is not there.
  static func shade(_ fraction: Double) -> Character {
    guard fraction.isFinite else { return " " }
    return shades[min(shades.count - 1, Int(max(0, min(1, fraction)) * Double(shades.count)))]
  }

  /// One of the eight heights.
  static func height(_ fraction: Double) -> Character {
    eighths[min(eighths.count - 1, Int(max(0, min(1, fraction)) * Double(eighths.count)))]
  }

  /// Text followed by spaces up to a number of cells, or cut with "…".
  static func padded(_ text: String, cells: Int) -> String {
    let clean = onOneLine(text)
    let width = TextMetrics.cells(clean)
    if width <= cells { return clean + String(repeating: " ", count: cells - width) }
    var kept = ""
    var used = 0
    for character in clean {
      let next = TextMetrics.cells(character)
      if used + next > cells - 1 { break }
      kept.append(character)
      used += next
    }
    return kept + "…" + String(repeating: " ", count: max(0, cells - 1 - used))
  }

  /// Control characters, line feeds among them, as spaces: a terminal would obey them.
  static func onOneLine(_ text: String) -> String {
    func isControl(_ scalar: Unicode.Scalar) -> Bool {
      scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    }
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var clean = ""
    for scalar in text.unicodeScalars {
      clean.unicodeScalars.append(isControl(scalar) ? " " : scalar)
    }
    return clean
  }

  private static func level(_ value: Double, in extent: Extent, of levels: Int) -> Int {
    guard extent.span > 0 else { return 0 }
    let fraction = (value / 2 - extent.low / 2) / (extent.high / 2 - extent.low / 2)
    return max(0, min(levels - 1, Int(fraction * Double(levels))))
  }

  private static func averaged(_ values: [Double], cells: Int) -> [Double] {
    guard values.count > cells else { return values }
    return (0..<cells).map { cell in
      let part = values[(cell * values.count / cells)..<((cell + 1) * values.count / cells)]
      let present = part.filter(\.isDrawable)
      guard !present.isEmpty else { return .nan }
      return present.reduce(0) { $0 + $1 / Double(present.count) }
    }
  }
}
