/// How numbers become colours. All scales are safe for the common kinds of colour blindness.
public enum ColorScale: String, Sendable, CaseIterable {
  /// Dark violet to yellow, evenly spaced to the eye (viridis): magnitudes.
  case viridis
  /// White to dark blue: counts, probabilities, confusion; reads well with printed numbers.
  case blues
  /// White through orange to dark brown: values on tokens.
  case oranges
  /// Blue through white to red-orange, white at the middle: signed values.
  case diverging

  /// The colour at a fraction, 0 to 1; others are moved to the nearest, NaN is the low end.
  public func color(at fraction: Double) -> Color {
    let stops = self.stops
    let bounded = fraction.isNaN ? 0 : max(0, min(1, fraction))
    let position = bounded * Double(stops.count - 1)
    let index = min(stops.count - 2, Int(position))
    return stops[index].mixed(with: stops[index + 1], position - Double(index))
  }

  private var stops: [Color] {
    switch self {
    case .viridis: Self.viridisStops
    case .blues: Self.bluesStops
    case .oranges: Self.orangesStops
    case .diverging: Self.divergingStops
    }
  }

  private static let viridisStops = [
    0x440154, 0x482878, 0x3E4989, 0x31688E, 0x26828E, 0x1F9E89, 0x35B779, 0x6ECE58, 0xB5DE2B,
    0xFDE725,
  ].map { Color($0) }

  private static let bluesStops = [
    0xF7FAFD, 0xD9E7F5, 0xB3D0EA, 0x7FB3DB, 0x4A90C8, 0x2169AC, 0x0B4584, 0x062A57,
  ].map { Color($0) }

  private static let orangesStops = [
    0xFFF9F1, 0xFEE6C8, 0xFDCB94, 0xFBA55A, 0xEC7C26, 0xC85A0A, 0x8F3D05, 0x5C2703,
  ].map { Color($0) }

  private static let divergingStops = [
    0x0B4F8A, 0x3B85BE, 0x8DBEDD, 0xD3E5F0, 0xF7F7F7, 0xFBDDC8, 0xF0A278, 0xD0613C, 0x9A2A1C,
  ].map { Color($0) }
}

/// A colour scale stretched over a range of values.
struct ColorMapping: Sendable {
  let scale: ColorScale
  let low: Double
  let high: Double

  /// - Parameter range: What the ends of the scale stand for; without one, the finite values
  ///   decide: 0 (or the minimum, if it is far from 0) to the maximum, and for the diverging scale
  ///   as far below 0 as above it.
  init(scale: ColorScale, range: ClosedRange<Double>?, extent: Extent) {
    self.scale = scale
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
}
