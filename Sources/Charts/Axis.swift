import Foundation

/// One axis of a plot.
public struct Axis: Sendable, Equatable {
  /// What steps an axis has.
  public enum Kind: Sendable, Equatable {
    case linear
    /// Ticks stand at whole numbers only, as for layers.
    case integer
    /// Powers of ten; values that are not positive are gaps.
    case logarithmic
  }

  /// The name of the quantity.
  public var title: String
  /// Its unit, shown in parentheses; nil if it has none.
  public var unit: String?
  public var kind: Kind
  /// The part that is shown; nil: whatever the data need. What lies outside is cut off.
  public var range: ClosedRange<Double>?

  public init(
    _ title: String, unit: String? = nil, kind: Kind = .linear, range: ClosedRange<Double>? = nil
  ) {
    self.title = title
    self.unit = unit
    self.kind = kind
    self.range = range
  }

  /// The layers of a model, counted from 0.
  public static let layer = Axis("Layer", kind: .integer)

  /// Title and unit as written along the axis.
  var caption: String { unit.map { title.isEmpty ? $0 : "\(title) (\($0))" } ?? title }

  func validate(_ subject: String) throws(ChartError) {
    guard let range else { return }
    guard range.lowerBound.isDrawable, range.upperBound.isDrawable else {
      throw .range(of: subject, reason: "the range must be finite")
    }
    if kind == .logarithmic, range.lowerBound <= 0 {
      throw .range(of: subject, reason: "a logarithmic axis starts above 0")
    }
  }
}

/// A line at one value, to compare with: chance level, a mean, a threshold.
public struct ReferenceLine: Sendable, Equatable {
  public enum Along: Sendable, Equatable {
    /// A value on the left axis (of a bar chart: on its value axis).
    case left
    /// A value on the right axis.
    case right
    /// A position on the x axis.
    case x
  }

  public var name: String
  public var value: Double
  public var along: Along

  public init(_ name: String, at value: Double, along: Along = .left) {
    self.name = name
    self.value = value
    self.along = along
  }
}

/// An axis with its numbers settled: from values to pixels.
struct Scale: Sendable {
  let domain: Extent
  let ticks: Ticks
  let isLogarithmic: Bool
  private let from: Double
  private let to: Double

  /// - Parameters:
  ///   - extent: The values to be shown.
  ///   - pixels: Where the low and the high end of the domain are drawn.
  ///   - covering: Whether the domain grows to the next ticks.
  init(
    _ axis: Axis, extent: Extent, pixels: (Double, Double), spacing: Double, covering: Bool
  ) {
    (from, to) = pixels
    isLogarithmic = axis.kind == .logarithmic
    let limit = max(2, Int(abs(pixels.1 - pixels.0) / spacing))
    let integers = axis.kind == .integer
    var wanted = axis.range.map { Extent(low: $0.lowerBound, high: $0.upperBound) } ?? extent
    if isLogarithmic {
      if wanted.isEmpty { wanted = Extent(low: 1, high: 10) }
      if wanted.high < wanted.low * 1.0001 {
        wanted = Extent(low: wanted.low / 2, high: wanted.low * 2)
      }
      domain = wanted
      ticks = .logarithmic(wanted, limit: limit)
      return
    }
    if wanted.isEmpty { wanted = Extent(low: 0, high: 1) }
    let size = max(wanted.low.magnitude, wanted.high.magnitude)
    if wanted.span <= size * 1e-9 || wanted.span == 0 {
      let reach = integers || size == 0 ? 0.5 : size * 0.1
      wanted = Extent(low: wanted.low - reach, high: wanted.high + reach)
    }
    if covering, axis.range == nil {
      (domain, ticks) = Ticks.covering(wanted, limit: limit, integers: integers)
    } else {
      domain = wanted
      ticks = .linear(wanted, limit: limit, integers: integers)
    }
  }

  /// The pixel of a value; nil for what cannot be drawn. Values far outside end at the border of a
  /// strip as wide as the axis on either side.
  func position(_ value: Double) -> Double? {
    guard value.isDrawable, !isLogarithmic || value > 0 else { return nil }
    return from + (to - from) * max(-1, min(2, fraction(value)))
  }

  private func fraction(_ value: Double) -> Double {
    if isLogarithmic {
      return log(value / domain.low) / log(domain.high / domain.low)
    }
    return (value / 2 - domain.low / 2) / (domain.high / 2 - domain.low / 2)
  }

  /// Room for the longest tick label, in pixels.
  func labelWidth(size: Double) -> Double {
    ticks.labels.reduce(0) { max($0, TextMetrics.width($1, size: size)) }
  }
}
