/// How the text of a token is shown, so that nothing in it stays invisible.
enum TokenText {
  private static let mostCells = 40

  /// Runs of plain and of faint text: spaces as `·`, newlines as `⏎`, tabs as `⇥`, other
  /// characters that have no picture by their code point. Long texts are cut with "…".
  static func runs(_ text: String) -> [TokenMap.Run] {
    guard !text.isEmpty else { return [TokenMap.Run(text: "∅", isFaint: true)] }
    var runs: [TokenMap.Run] = []
    var cells = 0
    func append(_ piece: String, faint: Bool) {
      if let last = runs.last, last.isFaint == faint {
        runs[runs.count - 1] = TokenMap.Run(text: last.text + piece, isFaint: faint)
      } else {
        runs.append(TokenMap.Run(text: piece, isFaint: faint))
      }
    }
    for scalar in text.unicodeScalars {
      let (piece, faint) = shown(scalar)
      cells += piece.unicodeScalars.reduce(0) { $0 + TextMetrics.cells($1) }
      if cells > mostCells {
        append("…", faint: true)
        break
      }
      // A mark without a letter gets the dotted circle that Unicode has for that.
      let isBare = !faint && TextMetrics.cells(scalar) == 0 && runs.last.map(\.isFaint) ?? true
      append(isBare ? "\u{25CC}" + piece : piece, faint: faint)
    }
    return runs
  }

  /// The text on one line, spaces kept as they are.
  static func plain(_ text: String) -> String {
    var plain = ""
    for scalar in text.unicodeScalars {
      let (piece, _) = shown(scalar)
      plain += scalar == " " ? " " : piece
    }
    return plain
  }

  /// Whether a line break belongs after the token.
  static func endsLine(_ text: String) -> Bool {
    guard let last = text.unicodeScalars.last(where: { $0 != " " }) else { return false }
    return last == "\n" || last == "\r"
  }

  /// Whether a line break belongs before the token: it begins with a newline and then goes on.
  static func startsLine(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first else { return false }
    return (first == "\n" || first == "\r") && !endsLine(text)
  }

  private static func shown(_ scalar: Unicode.Scalar) -> (String, faint: Bool) {
    switch scalar.value {
    case 0x20, 0xA0: return ("·", true)
    case 0x0A: return ("⏎", true)
    case 0x09: return ("⇥", true)
    case 0x00...0x1F, 0x7F: return (String(Character(XMLText.picture(of: scalar))), true)
    // Invisible, or able to turn the text after them around.
    case 0x80...0x9F, 0xAD, 0x61C, 0x200B, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F,
      0xFEFF, 0xFFFE, 0xFFFF:
      return ("‹" + String(scalar.value, radix: 16, uppercase: true) + "›", true)
    default: return (String(Character(scalar)), false)
    }
  }
}

extension TokenMap {
  /// A stretch of a token's text; faint for what only stands for a character.
  struct Run {
    let text: String
    let isFaint: Bool
  }
}
