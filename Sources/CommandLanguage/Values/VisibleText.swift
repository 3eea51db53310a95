/// The text of a table's cell: on one line, with nothing in it that stays invisible or that changes how
/// its neighbours are shown. It marks the same things as a map of tokens does.
public enum VisibleText {
  public static func of(_ text: String) -> String {
    var shown = ""
    for scalar in withVisibleEnds(text).unicodeScalars {
      switch scalar.value {
      case 0x0A: shown += "⏎"
      case 0x09: shown += "⇥"
      case 0x00...0x1F: shown.unicodeScalars.append(picture(0x2400 + scalar.value))
      case 0x7F: shown.unicodeScalars.append(picture(0x2421))
      // Invisible, or able to turn the text after them around.
      case 0x80...0x9F, 0xAD, 0x61C, 0x200B, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F,
        0xFEFF, 0xFFFE, 0xFFFF:
        shown += "‹" + String(scalar.value, radix: 16, uppercase: true) + "›"
      default:
        // A mark without a letter gets the dotted circle that Unicode has for that.
        if shown.isEmpty, isMark(scalar) { shown += "\u{25CC}" }
        shown.unicodeScalars.append(scalar)
      }
    }
    return shown
  }

  /// Blanks at the ends of a cell, where no one would see them. A token that begins with a blank is
  /// another one than the bare word.
  private static func withVisibleEnds(_ text: String) -> String {
    let scalars = text.unicodeScalars
    let blanks = scalars.prefix { $0 == " " }.count
    guard blanks < scalars.count else { return String(repeating: "·", count: blanks) }
    let after = scalars.reversed().prefix { $0 == " " }.count
    return String(repeating: "·", count: blanks)
      + String(scalars.dropFirst(blanks).dropLast(after)) + String(repeating: "·", count: after)
  }

  private static func picture(_ value: UInt32) -> Unicode.Scalar {
    Unicode.Scalar(value) ?? "\u{FFFD}"
  }

  private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark: true
    default: false
    }
  }
}
