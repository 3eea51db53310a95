extension Statistics {
  /// Spearman's rank correlation, −1 to 1: how far two measures put things in the same order.
  ///
  /// - Returns: `nil` for fewer than two pairs, for values that are not finite, and where one measure
  ///   is the same for all.
  /// - Complexity: O(n log n).
  public static func rankCorrelation(_ a: [Double], _ b: [Double]) -> Double? {
    guard a.count == b.count, a.count > 1, (a + b).allSatisfy(\.isFinite) else { return nil }
    let (x, y) = (ranks(a), ranks(b))
    let middle = Double(a.count + 1) / 2
    func sum(_ u: [Double], _ v: [Double]) -> Double {
      zip(u, v).reduce(0) { $0 + ($1.0 - middle) * ($1.1 - middle) }
    }
    let spread = (sum(x, x) * sum(y, y)).squareRoot()
    return spread > 0 ? max(-1, min(1, sum(x, y) / spread)) : nil
  }

  /// The rank of each value from 1; equal values share the mean of theirs.
  private static func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      for index in order[start..<end] { ranks[index] = Double(start + 1 + end) / 2 }
      start = end
    }
    return ranks
  }
}
