extension HeatMap {
  public var summary: String {
    var lines = [sentence]
    for panel in panels {
      let (name, mapping) = (title(of: panel), mapping(of: panel))
      if !name.isEmpty { lines.append(Blocks.onOneLine(name)) }
      lines += namedChart(panel, mapping) ?? ruledChart(panel, mapping)
    }
    guard !scalesPanels else {
      return (lines + ["·· lowest of its panel   ██ highest"]).joined(separator: "\n")
    }
    let (low, high) = (NumberText.compact(mapping.low), NumberText.compact(mapping.high))
    lines.append("·· \(low)   ██ \(high)")
    return lines.joined(separator: "\n")
  }

  private static let mostLabelCells = 32
  private static let mostLineCells = 110

  /// A chart of a few columns: each with its name above it, each cell a shade and its number.
  ///
  /// - Returns: nil if the columns have no names or a line would be too long.
  private func namedChart(_ panel: Panel, _ mapping: ColorMapping) -> [String]? {
    guard let names = panel.columnLabels, panel.rowCount <= 24, panel.columnCount > 0 else {
      return nil
    }
    let texts = panel.values.map { value -> String in
      let shade = Blocks.shade(value.isDrawable ? mapping.fraction(value) : .nan)
      return "\(shade)\(shade) \(value.isDrawable ? NumberText.compact(value) : "")"
    }
    let rowCells = rowCells((0..<panel.rowCount).map(panel.rowName))
    let widths = names.indices.map { column in
      let numbers = stride(from: column, to: texts.count, by: panel.columnCount)
        .map { TextMetrics.cells(texts[$0]) }
      return max(min(Self.mostLabelCells, TextMetrics.cells(names[column])), numbers.max() ?? 0)
    }
    guard widths.reduce(rowCells, { $0 + 2 + $1 }) <= Self.mostLineCells else { return nil }
    func line(_ name: String, _ cells: some Collection<String>) -> String {
      zip(cells, widths).reduce(Blocks.padded(name, cells: rowCells)) {
        $0 + "  " + Blocks.padded($1.0, cells: $1.1)
      }.trimmedAtEnd
    }
    return titleLine(rowCells: rowCells, gap: "  ") + [line("", names)]
      + (0..<panel.rowCount).map { row in
        let start = row * panel.columnCount
        return line(panel.rowName(row), texts[start..<(start + panel.columnCount)])
      }
  }

  /// A chart of many columns: two shades a cell, and the numbers of some columns above them.
  private func ruledChart(_ panel: Panel, _ mapping: ColorMapping) -> [String] {
    let square = panel.rowCount == panel.columnCount
    let shown = panel.blocks(rows: 24, columns: square ? 24 : 40)
    let labels = (0..<shown.rowCount).map { panel.rowName($0 * shown.tall) }
    let rowCells = rowCells(labels)
    var ruler = ""
    for column in stride(from: 0, to: shown.columnCount, by: 5) {
      ruler += Blocks.padded("\(column * shown.wide)", cells: 10)
    }
    let lines = titleLine(rowCells: rowCells, gap: " ")
    guard !shown.values.isEmpty else { return lines }
    return lines + [(Blocks.padded("", cells: rowCells) + " " + ruler).trimmedAtEnd]
      + labels.indices.map { row in
        let start = row * shown.columnCount
        return shown.values[start..<(start + shown.columnCount)].reduce(
          Blocks.padded(labels[row], cells: rowCells) + " "
        ) {
          let shade = Blocks.shade($1.isDrawable ? mapping.fraction($1) : .nan)
          return $0 + String(repeating: shade, count: 2)
        }
      }
  }

  private func rowCells(_ names: [String]) -> Int {
    min(Self.mostLabelCells, (names + [rowTitle]).map(TextMetrics.cells).max() ?? 0)
  }

  /// The titles of rows and columns, above both.
  private func titleLine(rowCells: Int, gap: String) -> [String] {
    guard !rowTitle.isEmpty || !columnTitle.isEmpty else { return [] }
    let line = Blocks.padded(rowTitle, cells: rowCells) + gap + Blocks.onOneLine(columnTitle)
    return [line.trimmedAtEnd]
  }

  /// What is shown, and the largest and the smallest cell of each panel.
  var sentence: String {
    let subject = Blocks.onOneLine(title)
    let parts = panels.prefix(4).map { panel -> String in
      let name = panel.title.isEmpty ? "" : Blocks.onOneLine(panel.title) + ", "
      let size = "\(name)\(panel.rowCount) × \(panel.columnCount)"
      let places = panel.values.indices.filter { panel.values[$0].isDrawable }
      guard let most = places.max(by: { panel.values[$0] < panel.values[$1] }),
        let least = places.min(by: { panel.values[$0] < panel.values[$1] })
      else { return "\(size), no values" }
      return "\(size), highest \(cell(most, of: panel)), lowest \(cell(least, of: panel))"
    }
    return parts.isEmpty
      ? "\(subject): a heat map without panels." : "\(subject): \(parts.joined(separator: "; "))."
  }

  /// `29 (gold label positive, answer negative)`.
  private func cell(_ place: Int, of panel: Panel) -> String {
    let (row, column) = place.quotientAndRemainder(dividingBy: panel.columnCount)
    let names =
      "\(Self.kind(rowTitle) ?? "row") \(panel.rowName(row)), "
      + "\(Self.kind(columnTitle) ?? "column") \(panel.columnName(column))"
    return "\(NumberText.compact(panel.values[place])) (\(Blocks.onOneLine(names)))"
  }

  /// A title within a sentence: `Gold label` begins small there, `AUC` does not.
  private static func kind(_ title: String) -> String? {
    guard let first = title.first else { return nil }
    let isName = title.dropFirst().first?.isLowercase != true
    return isName ? title : first.lowercased() + title.dropFirst()
  }
}

extension String {
  fileprivate var trimmedAtEnd: String {
    var kept = Substring(self)
    while kept.last == " " { kept.removeLast() }
    return String(kept)
  }
}
