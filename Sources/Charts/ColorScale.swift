/// How numbers become colours. All scales are safe for the common kinds of colour blindness.
public enum ColorScale: String, Sendable, CaseIterable {
  /// Dark violet to yellow, evenly spaced to the eye (viridis): magnitudes.
  case viridis
  /// White (on a dark page: nearly black) to dark (light) blue: counts, probabilities, confusion; reads well with printed numbers.
  case blues
  /// White through orange to dark brown (on a dark page: the other way round): values on tokens.
  case oranges
  /// Blue through white to red-orange, white (on a dark page: nearly black) at the middle: signed values.
  case diverging

  /// The colour at a fraction on a light page; fractions outside 0 to 1 are moved to the nearest,
  /// NaN is the low end.
  public func color(at fraction: Double) -> Color { Self.color(at: fraction, of: stops.light) }

  /// The steps that a figure divides a scale into: finer than the eye can tell, and few enough for
  /// the style sheet of a figure that follows the reader's theme. Even, so that the middle is one.
  static let steps = 64

  /// The step, 0 to ``steps``, nearest to a fraction.
  static func step(_ fraction: Double) -> Int {
    fraction.isNaN ? 0 : Int((max(0, min(1, fraction)) * Double(steps)).rounded())
  }

  /// The paint of a step. On a dark page zero is dark, too: what is little is near the background.
  func paint(step: Int) -> Paint {
    let fraction = Double(step) / Double(Self.steps)
    return Paint(
      Self.color(at: fraction, of: stops.light), dark: Self.color(at: fraction, of: stops.dark))
  }

  private static func color(at fraction: Double, of stops: [Color]) -> Color {
    let bounded = fraction.isNaN ? 0 : max(0, min(1, fraction))
    let position = bounded * Double(stops.count - 1)
    let index = min(stops.count - 2, Int(position))
    return stops[index].mixed(with: stops[index + 1], position - Double(index))
  }

  private var stops: (light: [Color], dark: [Color]) {
    switch self {
    case .viridis: (Self.viridisStops, Self.viridisStops)
    case .blues: (Self.bluesStops, Self.darkBluesStops)
    case .oranges: (Self.orangesStops, Self.darkOrangesStops)
    case .diverging: (Self.divergingStops, Self.darkDivergingStops)
    }
  }

  private static let viridisStops = [
    0x440154, 0x482878, 0x3E4989, 0x31688E, 0x26828E, 0x1F9E89, 0x35B779, 0x6ECE58, 0xB5DE2B,
    0xFDE725,
  ].map { Color($0) }

  private static let bluesStops = [
    0xF7FAFD, 0xD9E7F5, 0xB3D0EA, 0x7FB3DB, 0x4A90C8, 0x2169AC, 0x0B4584, 0x062A57,
  ].map { Color($0) }

  private static let darkBluesStops = [
    0x1A2027, 0x18324B, 0x194A76, 0x2165A3, 0x3F86C6, 0x6FA9DF, 0xA6CCF0, 0xDCEDFB,
  ].map { Color($0) }

  private static let orangesStops = [
    0xFFF9F1, 0xFEE6C8, 0xFDCB94, 0xFBA55A, 0xEC7C26, 0xC85A0A, 0x8F3D05, 0x5C2703,
  ].map { Color($0) }

  private static let darkOrangesStops = [
    0x231D19, 0x45270F, 0x6B370A, 0x964B08, 0xC4650F, 0xE88A3A, 0xF8B67C, 0xFEE3C8,
  ].map { Color($0) }

  private static let divergingStops = [
    0x0B4F8A, 0x3B85BE, 0x8DBEDD, 0xD3E5F0, 0xF7F7F7, 0xFBDDC8, 0xF0A278, 0xD0613C, 0x9A2A1C,
  ].map { Color($0) }

  private static let darkDivergingStops = [
    0xA9D3F5, 0x5FA5DC, 0x2F6FA8, 0x1F4060, 0x22262B, 0x5E321F, 0xA85030, 0xE58259, 0xFBC3A4,
  ].map { Color($0) }
}

/// A colour scale stretched over a range of values.
struct ColorMapping: Sendable {
  let scale: ColorScale
  let low: Double
  let high: Double
  /// Whether the values are counts, so that the key has whole numbers only.
  let isWhole: Bool

  /// - Parameter range: What the ends of the scale stand for; without one, the finite values
  ///   decide: 0 (or the minimum, if it is far from 0) to the maximum, and for the diverging scale
  ///   as far below 0 as above it.
  init(
    scale: ColorScale, range: ClosedRange<Double>?, extent: Extent, isWhole: Bool = false
  ) {
    self.scale = scale
    self.isWhole = isWhole
    if let range {
      (low, high) = (range.lowerBound, range.upperBound)
    } else if extent.isEmpty {
      (low, high) = (0, 1)
    } else if scale == .diverging {
      let reach = max(abs(extent.low), abs(extent.high))
      (low, high) = reach > 0 ? (-reach, reach) : (-1, 1)
    } else {
      let domain = extent.includingNearbyZero()
      (low, high) = (domain.low, domain.high)
    }
  }

  func fraction(_ value: Double) -> Double {
    // Halves first: the span of two large values of opposite sign would overflow.
    let span = high / 2 - low / 2
    return span > 0 ? (value / 2 - low / 2) / span : 0.5
  }

  func color(_ value: Double) -> Color { scale.color(at: fraction(value)) }

  func step(_ value: Double) -> Int { ColorScale.step(fraction(value)) }

  func paint(_ value: Double) -> Paint { scale.paint(step: step(value)) }
}
