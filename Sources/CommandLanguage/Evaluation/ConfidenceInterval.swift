/// Mean and 95 % confidence interval of the mean, by Student's t.
public struct ConfidenceInterval: Sendable, Equatable {
  public let mean: Double
  /// Half the width of the interval; nil for fewer than two values.
  public let halfWidth: Double?
  public let count: Int

  public var lower: Double { mean - (halfWidth ?? 0) }
  public var upper: Double { mean + (halfWidth ?? 0) }

  /// Values that are not finite are left out; the mean of none is NaN.
  public init(of values: some Sequence<Double>) {
    let values = values.filter(\.isFinite)
    count = values.count
    guard count > 0 else {
      mean = .nan
      halfWidth = nil
      return
    }
    let mean = values.reduce(0, +) / Double(count)
    self.mean = mean
    guard count > 1 else {
      halfWidth = nil
      return
    }
    // The mean of equal values is off by rounding, which would pass for a spread.
    guard values.contains(where: { $0 != values[0] }) else {
      halfWidth = 0
      return
    }
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let standardError = (squares / Double(count - 1) / Double(count)).squareRoot()
    halfWidth = Self.quantile(degreesOfFreedom: count - 1) * standardError
  }

  /// `0.843 ± 0.012`: the half width to two digits, the mean to as many decimals; the mean alone
  /// to four digits if there is no interval.
  public var text: String {
    // Equal values may differ by rounding.
    let isNothing = halfWidth.map { $0 <= mean.magnitude * 1e-12 } ?? false
    guard let halfWidth, halfWidth.isFinite, !isNothing else {
      return (mean < 0 ? "−" : "") + mean.magnitude.text(digits: 4) + (isNothing ? " ± 0" : "")
    }
    var decimals = 0
    var scaled = halfWidth
    while scaled < 9.95, decimals < 12 {
      scaled *= 10
      decimals += 1
    }
    return "\(mean.fixed(decimals: decimals)) ± \(halfWidth.fixed(decimals: decimals))"
  }

  /// The 97.5 % quantile of Student's t distribution with 1, 2, … degrees of freedom.
  private static let tabulated: [Double] = [
    12.706205, 4.302653, 3.182446, 2.776445, 2.570582, 2.446912, 2.364624, 2.306004, 2.262157,
    2.228139, 2.200985, 2.178813, 2.160369, 2.144787, 2.131450, 2.119905, 2.109816, 2.100922,
    2.093024, 2.085963, 2.079614, 2.073873, 2.068658, 2.063899, 2.059539, 2.055529, 2.051831,
    2.048407, 2.045230, 2.042272,
  ]

  /// The 97.5 % quantile of Student's t distribution.
  static func quantile(degreesOfFreedom n: Int) -> Double {
    guard n > 0 else { return .infinity }
    if n <= tabulated.count { return tabulated[n - 1] }
    // Cornish-Fisher expansion about the normal quantile (Abramowitz and Stegun, 26.7.5).
    let z = 1.959963984540054
    let n = Double(n)
    let (z2, z3) = (z * z, z * z * z)
    let first = (z3 + z) / 4
    let second = (5 * z3 * z2 + 16 * z3 + 3 * z) / 96
    let third = (3 * z3 * z2 * z2 + 19 * z3 * z2 + 17 * z3 - 15 * z) / 384
    return z + first / n + second / (n * n) + third / (n * n * n)
  }
}
