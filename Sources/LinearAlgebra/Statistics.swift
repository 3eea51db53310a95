/// Summaries of samples, in double precision. What is undefined is `nil`, never a NaN.
public enum Statistics {
  /// The arithmetic mean; `nil` of nothing.
  public static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  /// The 0.975 quantile of the normal distribution: two-sided intervals of 95 %.
  static let normalQuantile = 1.959963984540054

  /// The interval that holds a success rate with 95 % confidence (Wilson 1927), such as that of an
  /// accuracy. It stays within 0...1 and is not empty when every trial succeeds, as the textbook
  /// interval ± z √(p (1 − p) / n) would be.
  ///
  /// - Returns: `nil` unless `0 <= successes <= trials` and `trials > 0`.
  public static func wilsonInterval(successes: Int, of trials: Int) -> ClosedRange<Double>? {
    guard trials > 0, (0...trials).contains(successes) else { return nil }
    let count = Double(trials)
    let rate = Double(successes) / count
    let z2 = normalQuantile * normalQuantile
    let centre = (rate + z2 / (2 * count)) / (1 + z2 / count)
    let spread = (rate * (1 - rate) / count + z2 / (4 * count * count)).squareRoot()
    let reach = normalQuantile * spread / (1 + z2 / count)
    // At the ends the formula gives the bound itself, but for rounding.
    let lower = successes == 0 ? 0 : max(0, centre - reach)
    let upper = successes == trials ? 1 : min(1, centre + reach)
    return lower...upper
  }

  /// How much of a curve's whole excess over chance lies at or before each layer:
  /// R_l = Σ_{i≤l} (a_i − ½) / Σ_i (a_i − ½), a_i an AUC. A layer below chance counts negatively.
  ///
  /// Source: Wang et al. 2023, "Label Words are Anchors", section 2.3.
  ///
  /// - Returns: one share a layer, the last of them 1; `nil` if a layer has no value or the whole
  ///   excess is 0.
  public static func cumulativeShare(_ curve: [Double?]) -> [Double]? {
    var sum = 0.0
    var sums: [Double] = []
    for value in curve {
      guard let value, value.isFinite else { return nil }
      sum += value - 0.5
      sums.append(sum)
    }
    return sum == 0 ? nil : sums.map { $0 / sum }
  }
}
