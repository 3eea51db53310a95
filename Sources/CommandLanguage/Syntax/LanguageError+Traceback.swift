extension LanguageError {
  /// Columns of source shown under an error; a longer line is cut around the span.
  private static let columnsShown = 76
  private static let tabColumns = 4

  /// The lines a person sees: the message, the line it is about, carets, and the hint.
  ///
  /// ```
  /// ArgumentError: shots=40 is outside 1...32.
  ///     saliency mini sst2 shots=40
  ///                        ^^^^^^^^
  /// ```
  func traceback(in source: Source) -> [String] {
    var lines = [description]
    if let span {
      if let place = place(of: span, in: source) { lines.append("  \(place):") }
      lines += excerpt(of: span, in: source).map { "    \($0)" }
    }
    if let hint { lines += hint.split(separator: "\n").map { "  \($0)" } }
    return lines
  }

  /// Where the span is, if the text has a name or more than one line.
  private func place(of span: Range<Int>, in source: Source) -> String? {
    let (line, column) = source.location(of: span.lowerBound)
    let lineAndColumn = "line \(line), column \(column)"
    if let name = source.name { return "\(name), \(lineAndColumn)" }
    return source.lineStarts.count > 1 ? lineAndColumn : nil
  }

  private func excerpt(of span: Range<Int>, in source: Source) -> [String] {
    let line = source.line(source.lineIndex(of: min(span.lowerBound, source.scalars.count)))
    let start = min(max(span.lowerBound, line.lowerBound), line.upperBound)
    let end = min(max(span.upperBound, start), line.upperBound)
    var before = Self.cells(source.text(line.lowerBound..<start), from: 0)
    let marked = Self.cells(source.text(start..<end), from: Self.columns(before))
    var after = Self.cells(
      source.text(end..<line.upperBound), from: Self.columns(before) + Self.columns(marked))

    var shown = marked
    let caretColumns = max(1, min(Self.columns(marked), Self.columnsShown))
    if Self.columns(before) + Self.columns(marked) + Self.columns(after) > Self.columnsShown {
      shown = Self.prefix(of: marked, columns: Self.columnsShown)
      let room = Self.columnsShown - Self.columns(shown)
      after = Self.prefix(of: after, columns: max(room / 3, room - Self.columns(before)))
      before = Self.suffix(of: before, columns: room - Self.columns(after))
    } else {
      // Short enough to show whole; the indentation says nothing here.
      before = Array(before.drop { $0.text == " " })
    }
    let text = (before + shown + after).map(\.text).joined()
    let indent = String(repeating: " ", count: Self.columns(before))
    return [text, indent + String(repeating: "^", count: caretColumns)]
  }

  /// A character as it is shown, and its columns.
  private struct Cell {
    let text: String
    let columns: Int
  }

  private static func columns(_ cells: [Cell]) -> Int { cells.reduce(0) { $0 + $1.columns } }

  /// The characters of a text as they are shown: tabs become spaces, controls a picture.
  private static func cells(_ text: String, from column: Int) -> [Cell] {
    var cells: [Cell] = []
    var column = column
    for character in text {
      if character == "\t" {
        let count = tabColumns - column % tabColumns
        cells += Array(repeating: Cell(text: " ", columns: 1), count: count)
        column += count
      } else if let ascii = character.asciiValue, ascii < 0x20 || ascii == 0x7F {
        cells.append(Cell(text: "�", columns: 1))
        column += 1
      } else {
        let width = TextWidth.columns(character)
        cells.append(Cell(text: String(character), columns: width))
        column += width
      }
    }
    return cells
  }

  private static func prefix(of cells: [Cell], columns limit: Int) -> [Cell] {
    guard columns(cells) > limit else { return cells }
    var kept: [Cell] = []
    var width = 1  // the ellipsis
    for cell in cells {
      guard width + cell.columns <= limit else { break }
      width += cell.columns
      kept.append(cell)
    }
    return kept + [Cell(text: "…", columns: 1)]
  }

  private static func suffix(of cells: [Cell], columns limit: Int) -> [Cell] {
    guard columns(cells) > limit else { return cells }
    guard limit > 0 else { return [] }
    var kept: [Cell] = []
    var width = 1
    for cell in cells.reversed() {
      guard width + cell.columns <= limit else { break }
      width += cell.columns
      kept.append(cell)
    }
    return [Cell(text: "…", columns: 1)] + kept.reversed()
  }
}
