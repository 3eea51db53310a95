/// Rows of values under named columns: what `table`, `vars`, `help` and grids show.
public struct Table: LanguageObject {
  public static var typeName: String { "table" }

  public let columns: [String]
  /// Every row has as many cells as there are columns.
  public let rows: [[Value]]
  public let caption: String?
  /// Significant digits of the numbers that are shown; files get them all.
  public var digits = 4
  public var metadata = ValueMap()
  /// Why cells are empty, if it is to be said: shown as dashes, which it explains below the table. Files
  /// have empty cells.
  public var explanation: String?

  /// Rows shown before a table is cut short.
  private static let rowsShown = 100

  /// Short rows are filled up with nothing, long ones are cut.
  public init(columns: [String], rows: [[Value]], caption: String? = nil) {
    self.columns = columns
    self.caption = caption
    self.rows = rows.map { row in
      row.count == columns.count
        ? row
        : Array((row + Array(repeating: .nothing, count: columns.count)).prefix(columns.count))
    }
  }

  public var summary: String {
    let size = "\(rows.count.grouped) rows × \(columns.count) columns"
    return caption.map { "\($0) (\(size))" } ?? size
  }

  public var fieldNames: [String] { columns }

  /// A column as a list.
  public func field(_ name: String) -> Value? {
    columns.firstIndex(of: name).map { index in .list(rows.map { $0[index] }) }
  }

  /// A row as a map.
  public func element(_ index: Value) -> Value? {
    if let name = index.word { return field(name) }
    guard let number = index.number, let row = Int(exactly: number) else { return nil }
    let position = row < 0 ? rows.count + row : row
    guard rows.indices.contains(position) else { return nil }
    return .map(ValueMap(zip(columns, rows[position]).map { ($0, $1) }))
  }

  public func display() -> Display { Display(plain: plain, html: html, metadata: metadata) }

  /// Comma-separated values (RFC 4180), numbers in full.
  public var csv: String {
    let lines = [columns.map(Self.csvField)] + rows.map { $0.map { Self.csvField($0.cellText) } }
    return lines.map { $0.joined(separator: ",") + "\n" }.joined()
  }

  /// An array of objects, one a row.
  public var json: String {
    let objects = rows.map { row in
      Value.map(ValueMap(zip(columns, row).map { ($0, $1) })).json
    }
    return "[" + objects.joined(separator: ",\n ") + "]\n"
  }

  private static func csvField(_ text: String) -> String {
    let needsQuotes = text.unicodeScalars.contains { $0 == "," || $0 == "\"" || $0.isLineBreak }
    guard needsQuotes else { return text }
    var quoted = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" { quoted += "\"" }
      quoted.unicodeScalars.append(scalar)
    }
    return quoted + "\""
  }
}

// MARK: Text and HTML

extension Table {
  private var cellsShown: [[String]] {
    rows.prefix(Self.rowsShown).map { row in
      row.map { value in
        if value.isNothing, explanation != nil { return Self.dash }
        return value.number.map { $0.text(digits: digits) } ?? VisibleText.of(value.cellText)
      }
    }
  }

  /// Whether each column holds numbers only (and at least one), and so is set flush right.
  private var numericColumns: [Bool] {
    columns.indices.map { column in
      rows.contains { $0[column].number != nil }
        && rows.allSatisfy { $0[column].number != nil || $0[column].isNothing }
    }
  }

  private static let dash = "–"

  private var footnote: String? { explanation.map { "\(Self.dash) \($0)" } }

  private var remainder: String? {
    rows.count > Self.rowsShown ? "… \((rows.count - Self.rowsShown).grouped) more rows" : nil
  }

  /// Columns lined up with spaces.
  public var plain: String {
    let cells = cellsShown
    let numeric = numericColumns
    let widths = columns.indices.map { column in
      cells.reduce(TextWidth.columns(columns[column])) {
        max($0, TextWidth.columns($1[column]))
      }
    }
    func line(_ texts: [String]) -> String {
      var line = texts.indices.map { texts[$0].padded(to: widths[$0], leading: numeric[$0]) }
        .joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }
    var lines = caption.map { [$0] } ?? []
    lines.append(line(columns))
    lines.append(widths.map { String(repeating: "─", count: $0) }.joined(separator: "  "))
    lines += cells.map(line)
    if let remainder { lines.append(remainder) }
    if let footnote { lines.append(footnote) }
    return lines.joined(separator: "\n")
  }

  /// A table element with a caption and a head.
  public var html: String {
    let numeric = numericColumns
    func style(_ column: Int) -> String {
      " style=\"text-align:\(numeric[column] ? "right" : "left")\""
    }
    var html = "<table>\n"
    if let caption { html += "<caption>\(caption.htmlEscaped)</caption>\n" }
    html += "<thead><tr>"
    for (index, column) in columns.enumerated() {
      html += "<th scope=\"col\"\(style(index))>\(column.htmlEscaped)</th>"
    }
    html += "</tr></thead>\n<tbody>\n"
    for row in cellsShown {
      html += "<tr>"
      for (index, cell) in row.enumerated() {
        html += "<td\(style(index))>\(cell.htmlEscaped)</td>"
      }
      html += "</tr>\n"
    }
    html += "</tbody>\n"
    let foot = [remainder, footnote].compactMap { $0 }
    if !foot.isEmpty {
      let rows = foot.map { "<tr><td colspan=\"\(columns.count)\">\($0.htmlEscaped)</td></tr>" }
      html += "<tfoot>\(rows.joined())</tfoot>\n"
    }
    return html + "</table>"
  }
}

extension Value {
  /// As a cell of a table shows it: strings bare, nothing empty.
  var cellText: String { isNothing ? "" : plainText }
}
