/// Text made safe for XML, whatever is in it.
enum XMLText {
  /// Markup characters as entities; characters that XML 1.0 forbids as the pictures Unicode has
  /// for them, or as U+FFFD. Line feeds and tabs are kept; a carriage return becomes a space.
  static func escaped(_ text: String) -> String {
    guard text.utf8.contains(where: needsCare) else { return text }
    var safe = ""
    safe.reserveCapacity(text.utf8.count + 16)
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x26: safe += "&amp;"
      case 0x3C: safe += "&lt;"
      case 0x3E: safe += "&gt;"
      case 0x22: safe += "&quot;"
      case 0x27: safe += "&#39;"
      case 0x09, 0x0A: safe.unicodeScalars.append(scalar)
      case 0x0D: safe += " "
      case 0x00...0x1F, 0x7F: safe.unicodeScalars.append(picture(of: scalar))
      case 0x80...0x9F, 0xFFFE, 0xFFFF: safe += "\u{FFFD}"
      default: safe.unicodeScalars.append(scalar)
      }
    }
    return safe
  }

  /// `␀` for U+0000 and so on.
  static func picture(of control: Unicode.Scalar) -> Unicode.Scalar {
    Unicode.Scalar(control.value == 0x7F ? 0x2421 : 0x2400 + control.value) ?? "\u{FFFD}"
  }

  private static func needsCare(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == 0x22 || byte == 0x26 || byte == 0x27 || byte == 0x3C || byte == 0x3E
      || byte >= 0x7F
  }
}
