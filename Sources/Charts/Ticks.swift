import Foundation

/// Round numbers along an axis: multiples of 1, 2 or 5 times a power of ten.
struct Ticks: Sendable, Equatable {
  let values: [Double]
  let labels: [String]
  /// The power of ten that the labels are multiples of; 0 where they are the values themselves.
  let exponent: Int

  static let none = Ticks(values: [], labels: [], exponent: 0)

  /// The finest step of the 1-2-5 series with at most `limit` intervals in a span, as a mantissa
  /// and a power of ten.
  static func step(span: Double, limit: Int, integers: Bool = false) -> (Int, exponent: Int) {
    let rough = max(span, 1e-300) / Double(max(1, limit))
    var exponent = Int(log10(rough).rounded(.down)) - 1
    while true {
      if !(integers && exponent < 0) {
        for mantissa in [1, 2, 5]
        where multiple(1, of: (mantissa, exponent)) >= rough * (1 - 1e-9) {
          return (mantissa, exponent)
        }
      }
      exponent += 1
    }
  }

  /// A multiple of a step; divides by a whole power of ten so that 3 × 0.1 is 0.3.
  static func multiple(_ index: Double, of step: (Int, exponent: Int)) -> Double {
    let product = index * Double(step.0) + 0  // + 0 turns -0 into 0
    return NumberText.scaled(product, exponent: -step.exponent)
  }

  /// Ticks inside a range.
  ///
  /// - Parameter limit: The largest number of intervals.
  static func linear(_ domain: Extent, limit: Int, integers: Bool = false) -> Ticks {
    guard !domain.isEmpty else { return .none }
    return multiples(of: step(span: domain.span, limit: limit, integers: integers), in: domain)
  }

  /// Ticks that cover the whole of a range, and the range they span.
  static func covering(_ domain: Extent, limit: Int, integers: Bool = false) -> (Extent, Ticks) {
    guard !domain.isEmpty else { return (domain, .none) }
    let step = step(span: domain.span, limit: limit, integers: integers)
    let unit = multiple(1, of: step)
    let low = multiple((domain.low / unit + 1e-9).rounded(.down), of: step)
    let high = multiple((domain.high / unit - 1e-9).rounded(.up), of: step)
    let covered = Extent(low: min(low, domain.low), high: max(high, domain.high))
    return (covered, multiples(of: step, in: covered))
  }

  private static func multiples(of step: (Int, exponent: Int), in domain: Extent) -> Ticks {
    let unit = multiple(1, of: step)
    let first = (domain.low / unit - 1e-9).rounded(.up)
    let last = (domain.high / unit + 1e-9).rounded(.down)
    guard first <= last, last - first <= 200 else { return .none }
    let values = (0...Int(last - first)).map { multiple(first + Double($0), of: step) }
    return labelled(values, stepExponent: step.exponent)
  }

  private static func labelled(_ values: [Double], stepExponent: Int) -> Ticks {
    let largest = values.reduce(0) { max($0, $1.magnitude) }
    guard largest > 0 else { return Ticks(values: values, labels: ["0"], exponent: 0) }
    var exponent = Int((log10(largest) + 1e-9).rounded(.down))
    if exponent >= -2, exponent < 5 { exponent = 0 }
    let decimals = max(0, exponent - stepExponent)
    let labels = values.map {
      NumberText.fixed(NumberText.scaled($0, exponent: exponent), decimals: decimals)
    }
    return Ticks(values: values, labels: labels, exponent: exponent)
  }

  /// Decades inside a positive range, and 2 and 5 between them where there are few.
  static func logarithmic(_ domain: Extent, limit: Int) -> Ticks {
    guard !domain.isEmpty, domain.low > 0 else { return .none }
    let first = Int((log10(domain.low) - 1e-9).rounded(.down))
    let last = Int((log10(domain.high) + 1e-9).rounded(.up))
    let every = max(1, (last - first + limit - 1) / max(1, limit))
    let between = last - first <= 2 ? [1.0, 2, 5] : [1.0]
    var values: [Double] = []
    var labels: [String] = []
    for exponent in stride(from: first, through: last, by: every) {
      for mantissa in between {
        let value = NumberText.scaled(mantissa, exponent: -exponent)
        guard value >= domain.low * (1 - 1e-9), value <= domain.high * (1 + 1e-9) else { continue }
        values.append(value)
        labels.append(
          (-2...3).contains(exponent)
            ? NumberText.compact(value)
            : (mantissa == 1 ? "" : "\(Int(mantissa))×") + NumberText.tenTo(exponent))
      }
    }
    return Ticks(values: values, labels: labels, exponent: 0)
  }
}
