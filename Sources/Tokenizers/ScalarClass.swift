/// What the patterns of pre-tokenizers tell apart.
enum ScalarClass: UInt8 {
  /// Everything else: `[^\s\p{L}\p{N}]`.
  case other
  /// `\p{L}`
  case letter
  /// `\p{N}`
  case number
  /// `\s`: Unicode's White_Space.
  case space

  /// The class of a scalar.
  @inline(__always)
  init(_ scalar: UInt32) {
    let table = Self.table
    self = scalar < table.count ? table[Int(scalar)] : Self.lookUp(scalar)
  }

  /// The version of Unicode that the regular expressions of `tokenizers` 0.23 know; to them, later
  /// letters are no letters. The tests compare every scalar.
  private static let unicodeVersion = 16

  /// All scalars up to the end of the ideographs; what lies beyond is looked up.
  private static let table: [ScalarClass] = (0..<0x32400).map(lookUp)

  private static func lookUp(_ value: UInt32) -> ScalarClass {
    guard let scalar = Unicode.Scalar(value) else { return .other }
    let properties = scalar.properties
    guard properties.isAssigned(upTo: unicodeVersion) else { return .other }
    if properties.isWhitespace { return .space }
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      return .letter
    case .decimalNumber, .letterNumber, .otherNumber: return .number
    default: return .other
    }
  }
}

extension Unicode.Scalar.Properties {
  /// Whether the scalar was assigned in a version of Unicode or before.
  func isAssigned(upTo version: Int) -> Bool {
    guard let age else { return false }
    return age.major <= version
  }
}
