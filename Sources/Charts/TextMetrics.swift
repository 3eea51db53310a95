/// How much room text takes, guessed without a font: on the generous side, because the reader's
/// fonts are not known.
enum TextMetrics {
  /// The width in pixels of text in the system's sans-serif face.
  static func width(_ text: String, size: Double, bold: Bool = false) -> Double {
    var ems = 0.0
    for character in text { ems += sansEms(character) }
    return ems * size * (bold ? 1.09 : 1)
  }

  /// Columns of a terminal or of a monospaced face: 2 for wide characters and emoji, 0 for marks
  /// that combine with the character before.
  static func cells(_ text: String) -> Int {
    var sum = 0
    for character in text { sum += cells(character) }
    return sum
  }

  static func cells(_ character: Character) -> Int {
    var widest = 0
    for scalar in character.unicodeScalars { widest = max(widest, cells(scalar)) }
    return widest
  }

  static func cells(_ scalar: Unicode.Scalar) -> Int {
    let value = scalar.value
    if value < 0x300 { return value < 0x20 ? 0 : 1 }
    switch value {
    case 0x300...0x36F, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFE00...0xFE0F, 0xFEFF,
      0xE0000...0xE0FFF:
      return 0
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
      0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x1F1E6...0x1F64F,
      0x1F680...0x1F6FF, 0x1F900...0x1FAFF, 0x20000...0x3FFFD:
      return 2
    case 0x12000...0x1254F: return 3  // cuneiform signs are the widest characters there are
    case 0xFDFA...0xFDFD: return 8  // whole Arabic phrases in one character
    default: break
    }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return 0
    default: break
    }
    if scalar.properties.isEmojiPresentation { return 2 }
    // South and South-East Asian scripts are often wider than one column of a Latin face.
    return (0x900...0x10FF).contains(value) || (0x1780...0x17FF).contains(value) ? 2 : 1
  }

  /// The beginning of a text that fits, with "…" where something was cut off.
  static func fitted(_ text: String, width limit: Double, size: Double, bold: Bool = false)
    -> String
  {
    guard width(text, size: size, bold: bold) > limit else { return text }
    let scale = size * (bold ? 1.09 : 1)
    var room = limit - sansEms("…") * scale
    var kept = ""
    for character in text {
      room -= sansEms(character) * scale
      if room < 0 { break }
      kept.append(character)
    }
    while kept.last == " " { kept.removeLast() }
    return kept + "…"
  }

  /// Text in lines that fit, broken at spaces; the last line is cut where there are too many.
  static func wrapped(
    _ text: String, width limit: Double, size: Double, bold: Bool = false, lines: Int
  ) -> [String] {
    var done: [String] = []
    var line = ""
    for word in text.split(whereSeparator: \.isWhitespace) {
      let longer = line.isEmpty ? String(word) : line + " " + word
      if line.isEmpty || width(longer, size: size, bold: bold) <= limit {
        line = longer
      } else {
        done.append(line)
        line = String(word)
      }
    }
    if !line.isEmpty { done.append(line) }
    if done.count > lines {
      done = done.prefix(lines - 1) + [done[(lines - 1)...].joined(separator: " ")]
    }
    return done.map { fitted($0, width: limit, size: size, bold: bold) }
  }

  /// Advance widths of an average sans-serif face, in ems.
  private static func sansEms(_ character: Character) -> Double {
    guard let byte = character.asciiValue else { return Double(cells(character)) * 0.64 }
    switch byte {
    case UInt8(ascii: " "): return 0.31
    case UInt8(ascii: "i"), UInt8(ascii: "j"), UInt8(ascii: "l"), UInt8(ascii: "'"),
      UInt8(ascii: "|"), UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: ":"),
      UInt8(ascii: ";"), UInt8(ascii: "!"), UInt8(ascii: "I"):
      return 0.32
    case UInt8(ascii: "f"), UInt8(ascii: "t"), UInt8(ascii: "r"), UInt8(ascii: "("),
      UInt8(ascii: ")"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "/"),
      UInt8(ascii: "-"), UInt8(ascii: "`"):
      return 0.4
    case UInt8(ascii: "m"), UInt8(ascii: "w"), UInt8(ascii: "M"), UInt8(ascii: "W"),
      UInt8(ascii: "%"), UInt8(ascii: "@"):
      return 0.95
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): return 0.7
    case 0..<32: return 0
    default: return 0.6
    }
  }
}
