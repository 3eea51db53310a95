extension Statistics {
  /// The area under the ROC curve: the chance that a positive outscores a negative, where a tie
  /// counts half (Mann and Whitney).
  ///
  /// - Returns: `nil` if there is no positive, no negative, a score that is NaN, or not one score a
  ///   sample.
  /// - Complexity: O(n log n) for n scores.
  public static func areaUnderROC(scores: [Double], positive: [Bool]) -> Double? {
    guard scores.count == positive.count, !scores.contains(where: \.isNaN) else { return nil }
    let order = scores.indices.sorted { scores[$0] < scores[$1] }
    var negativesBelow = 0
    var positives = 0
    var halfWins = 0  // twice the number of pairs won: an integer, so that no order of sums matters
    var start = 0
    while start < order.count {
      var end = start
      var tiedPositives = 0
      while end < order.count, scores[order[end]] == scores[order[start]] {
        if positive[order[end]] { tiedPositives += 1 }
        end += 1
      }
      let tiedNegatives = end - start - tiedPositives
      halfWins += tiedPositives * (2 * negativesBelow + tiedNegatives)
      negativesBelow += tiedNegatives
      positives += tiedPositives
      start = end
    }
    guard positives > 0, negativesBelow > 0 else { return nil }
    return Double(halfWins) / (2 * Double(positives) * Double(negativesBelow))
  }

  /// The AUC of class scores: how well row by row they tell which class it is.
  ///
  /// Classes that do not occur are left out with their columns. If two are left, it is the
  /// ``areaUnderROC(scores:positive:)`` of the raw scores of the higher class; the other column does
  /// not matter. If more are left, each row is divided by its sum over the classes left, and the
  /// result is the mean over all pairs of classes {a, b}, on the samples of those two, of the AUC of
  /// a against b by column a and that of b against a by column b (Hand and Till 2001;
  /// scikit-learn's `multi_class="ovo", average="macro"`).
  ///
  /// Source: Wang et al. 2023, "Label Words are Anchors", section 2.3, whose `classes` are those that
  /// the model predicts.
  ///
  /// - Parameters:
  ///   - scores: N rows of C scores, one a class.
  ///   - classes: the class, in `0..<C`, of each row.
  /// - Returns: `nil` if fewer than two classes occur, if a class or a row does not fit the others, or
  ///   if a score (after division) is NaN.
  /// - Complexity: O(C · n log n) for n rows.
  public static func oneVersusOneAUC(scores: [[Double]], classes: [Int]) -> Double? {
    guard scores.count == classes.count, let width = scores.first?.count,
      scores.allSatisfy({ $0.count == width }), classes.allSatisfy((0..<width).contains)
    else { return nil }
    let present = Set(classes).sorted()
    guard present.count >= 2 else { return nil }
    if present.count == 2 {
      let higher = present[1]
      return areaUnderROC(
        scores: scores.map { $0[higher] }, positive: classes.map { $0 == higher })
    }

    let shares = scores.map { row in
      let sum = present.reduce(0) { $0 + row[$1] }
      return present.map { row[$0] / sum }
    }
    let members = present.map { id in shares.indices.filter { classes[$0] == id } }
    var areas: [Double] = []
    for a in present.indices {
      for b in present.indices where b != a {
        let area = areaUnderROC(
          scores: (members[a] + members[b]).map { shares[$0][a] },
          positive: members[a].map { _ in true } + members[b].map { _ in false })
        guard let area else { return nil }
        areas.append(area)
      }
    }
    return mean(areas)
  }
}
