/// A text to run, with its lines. Offsets count Unicode scalars, as Jupyter's cursors do.
struct Source: Sendable {
  /// What the text is called in messages (a file name), if anything.
  let name: String?
  let scalars: [Unicode.Scalar]
  /// Offsets of the first scalar of every line; never empty.
  let lineStarts: [Int]

  init(_ text: String, name: String? = nil) {
    self.name = name
    let scalars = Array(text.unicodeScalars)
    var starts = [0]
    for (offset, scalar) in scalars.enumerated() {
      let isReturnBeforeFeed =
        scalar == "\r" && offset + 1 < scalars.count && scalars[offset + 1] == "\n"
      if scalar.isLineBreak, !isReturnBeforeFeed { starts.append(offset + 1) }
    }
    self.scalars = scalars
    self.lineStarts = starts
  }

  func text(_ span: Range<Int>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars[span.clamped(to: 0..<scalars.count)])
    return String(view)
  }

  /// The index of the line that holds an offset, from 0.
  func lineIndex(of offset: Int) -> Int {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return low
  }

  /// The scalars of a line, without its line break.
  func line(_ index: Int) -> Range<Int> {
    let start = lineStarts[index]
    var end = index + 1 < lineStarts.count ? lineStarts[index + 1] : scalars.count
    while end > start, scalars[end - 1].isLineBreak { end -= 1 }
    return start..<end
  }

  /// Line and column, both from 1; the column counts characters as a person sees them.
  func location(of offset: Int) -> (line: Int, column: Int) {
    let index = lineIndex(of: offset)
    let before = text(
      lineStarts[index]..<max(lineStarts[index], min(offset, line(index).upperBound)))
    return (index + 1, before.count + 1)
  }
}

extension Unicode.Scalar {
  var isLineBreak: Bool { self == "\n" || self == "\r" }

  /// White space inside a line; a byte-order mark counts as such.
  var isBlank: Bool {
    self == " " || self == "\t" || (value > 0x7F && (properties.isWhitespace || value == 0xFEFF))
      || value == 0x0B || value == 0x0C
  }

  var isDigit: Bool { self >= "0" && self <= "9" }

  var startsWord: Bool {
    value < 0x80
      ? (self >= "a" && self <= "z") || (self >= "A" && self <= "Z") || self == "_"
      : properties.isXIDStart
  }

  var continuesWord: Bool {
    startsWord || isDigit || (value > 0x7F && properties.isXIDContinue)
  }
}
