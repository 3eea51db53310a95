import Foundation

/// Unicode normalisation form C (UAX #15), keeping where each part came from.
///
/// Foundation gives the mappings of single scalars and pairs. The algorithm is here because the
/// places are needed, and because `tokenizers` knows Unicode 9 here: marks that came later have
/// no combining class to it, and keep their order.
struct CanonicalComposition {
  /// A starter and what is attached to it.
  struct Segment {
    var scalars: [Unicode.Scalar]
    /// Bytes of the original text.
    var range: Range<Int>
  }

  private static let unicodeVersion = 9

  private var done: [Segment] = []
  /// The segment being read, decomposed.
  private var current = Segment(scalars: [], range: 0..<0)

  /// Takes the next scalar of the text, and its bytes' place.
  mutating func append(_ scalar: Unicode.Scalar, _ range: Range<Int>) {
    let scalars = Self.decomposed(scalar)
    if let first = scalars.first, Self.combiningClass(first) == 0 { close() }
    if current.scalars.isEmpty { current.range = range }
    current.scalars += scalars
    current.range = current.range.lowerBound..<range.upperBound
  }

  /// The segments of the whole text, composed.
  mutating func finish() -> [Segment] {
    close()
    return done
  }

  /// Composes the current segment, together with the one before if their starters compose.
  private mutating func close() {
    guard let first = current.scalars.first else { return }
    if let last = done.last, last.scalars.count == 1, Self.composed(last.scalars[0], first) != nil {
      done.removeLast()
      current.scalars.insert(last.scalars[0], at: 0)
      current.range = last.range.lowerBound..<current.range.upperBound
    }
    current.scalars = Self.composed(Self.ordered(current.scalars))
    done.append(current)
    current = Segment(scalars: [], range: 0..<0)
  }

  private static func combiningClass(_ scalar: Unicode.Scalar) -> UInt8 {
    if scalar.value < 0x300 { return 0 }
    let properties = scalar.properties
    let rawValue = properties.canonicalCombiningClass.rawValue
    return rawValue != 0 && properties.isAssigned(upTo: unicodeVersion) ? rawValue : 0
  }

  private static func decomposed(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
    guard scalar.value >= 0xC0, scalar.properties.isAssigned(upTo: unicodeVersion) else {
      return [scalar]
    }
    return Array(String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars)
  }

  /// Sorts each run of marks by combining class; equal ones keep their order.
  private static func ordered(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
    let ranks = scalars.map(combiningClass)
    var order = Array(scalars.indices)
    var start = 0
    while start < order.count {
      let end = ranks[start...].dropFirst().firstIndex(of: 0) ?? order.count
      let marks = ranks[start] == 0 ? start + 1 : start
      order[marks..<end].sort { (ranks[$0], $0) < (ranks[$1], $1) }
      start = end
    }
    return order.map { scalars[$0] }
  }

  /// Joins the marks that can be to the starter before them.
  private static func composed(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    var starter: Int?
    var previousClass: UInt8 = 0
    for scalar in scalars {
      let rank = combiningClass(scalar)
      if let starter {
        let isNext = starter == result.count - 1
        if isNext || previousClass < rank, let composite = composed(result[starter], scalar) {
          result[starter] = composite
          continue
        }
      }
      if rank == 0 { starter = result.count }
      previousClass = rank
      result.append(scalar)
    }
    return result
  }

  /// The one scalar that two are canonically equal to, if there is one.
  private static func composed(
    _ first: Unicode.Scalar, _ second: Unicode.Scalar
  ) -> Unicode.Scalar? {
    guard second.value >= 0x300 else { return nil }
    // Of the first one's parts, as Foundation composes no final consonant to a Hangul syllable
    // and no third part to two Kannada vowel signs, where those before it are composed already.
    var parts = String.UnicodeScalarView()
    parts.append(contentsOf: decomposed(first))
    parts.append(second)
    let scalars = String(parts).precomposedStringWithCanonicalMapping.unicodeScalars
    guard let composite = scalars.first, scalars.count == 1,
      composite.properties.isAssigned(upTo: unicodeVersion)
    else { return nil }
    return composite
  }

  /// Blocks without marks and without scalars that composition replaces.
  private static let unchanged: [ClosedRange<UInt32>] = [
    0...0x2FF, 0x400...0x482, 0x48A...0x590, 0x2010...0x2027, 0x2030...0x205E, 0x2190...0x2328,
    0x2500...0x2ADB, 0x3000...0x3029, 0x3030...0x3098, 0x309B...0xA66E, 0xAC00...0xD7A3,
    0xE000...0xF8FF, 0xFF00...0xFFFF, 0x1F000...0x1FAFF, 0x20000...0x2F7FF,
  ]

  /// Whether composition leaves a scalar as it is and joins it to none before it.
  @inline(__always)
  static func isUnchanged(_ value: UInt32) -> Bool {
    value < 0x300 || unchanged.contains { $0.contains(value) }
  }

  /// A quick look that finds most texts to be as composition would leave them.
  static func isSurelyComposed(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    // Bytes below 0xCC begin scalars below U+0300.
    guard let start = text.firstIndex(where: { $0 >= 0xCC }) else { return true }
    let reader = ScalarReader(bytes: text)
    var offset = start
    while offset < text.count {
      let (value, end) = reader.scalar(at: offset)
      if !isUnchanged(value) { return false }
      offset = end
    }
    return true
  }
}
