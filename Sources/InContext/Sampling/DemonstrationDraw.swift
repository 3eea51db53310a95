import LinearAlgebra

/// How the demonstrations of a prompt follow one another.
public enum DemonstrationOrder: String, Sendable, CaseIterable {
  /// As they were drawn.
  case drawn
  /// Shuffled once more, as those of the paper's baseline of several shots are; there without a seed,
  /// here by the permutation of the draw's own.
  case shuffled
}

/// Training rows drawn once for a whole experiment.
public struct DemonstrationDraw: Sendable, Equatable {
  /// The rows to demonstrate, in the order of the prompt.
  public let demonstrations: [Example]
  /// More rows, disjoint from the demonstrations, to fit something on.
  public let auxiliary: [Example]
}

extension Dataset {
  /// Draws demonstrations as the paper does: the training rows are shuffled by NumPy's legacy
  /// generator and walked in that order; each class takes its first `shots` rows as demonstrations
  /// and its next `auxiliary` rows for training. Demonstrations stay in the order of the walk.
  ///
  /// With one seed, five shots draw the same rows as one shot and four auxiliary rows.
  ///
  /// - Parameters:
  ///   - shots: demonstrations per class; 0 draws none.
  ///   - auxiliary: training examples per class besides.
  /// - Throws: ``DataError`` that lists the classes that have too few rows.
  public func drawDemonstrations(
    shots: Int, auxiliary: Int = 0, seed: Int
  ) throws(DataError) -> DemonstrationDraw {
    try check(shots: shots)
    try check(shots: auxiliary)
    let (wanted, overflows) = shots.addingReportingOverflow(auxiliary)
    try require(overflows ? Int.max : wanted)
    var random = LegacyNumPyRandom(seed: try Self.checked(seed: seed))
    var missing = [Int](repeating: shots, count: classes.count)
    var missingAuxiliary = [Int](repeating: auxiliary, count: classes.count)
    var demonstrations: [Example] = []
    var extra: [Example] = []
    for row in random.permutation(train.count) {
      let example = train[row]
      if missing[example.label] > 0 {
        missing[example.label] -= 1
        demonstrations.append(example)
      } else if missingAuxiliary[example.label] > 0 {
        missingAuxiliary[example.label] -= 1
        extra.append(example)
      }
    }
    return DemonstrationDraw(demonstrations: demonstrations, auxiliary: extra)
  }

  /// The demonstrations of a draw, in the order asked for.
  ///
  /// - Throws: as ``drawDemonstrations(shots:auxiliary:seed:)``.
  func demonstrations(
    shots: Int, seed: Int, order: DemonstrationOrder
  ) throws(DataError) -> [Example] {
    let drawn = try drawDemonstrations(shots: shots, seed: seed).demonstrations
    guard order == .shuffled else { return drawn }
    var random = PermutedCongruential(seed: UInt64(try Self.checked(seed: seed)))
    return random.permutation(drawn.count).map { drawn[$0] }
  }

  /// Draws demonstrations anew for each of `count` queries, as the paper's saliency experiment
  /// does: class by class, `shots` rows with replacement by NumPy's legacy generator, seeded once;
  /// then one permutation, the same for all queries, mixes the classes.
  ///
  /// - Throws: ``DataError`` if the seed or the number of shots is out of range.
  public func redrawDemonstrations(
    shots: Int, count: Int, seed: Int
  ) throws(DataError) -> [[Example]] {
    try check(shots: shots)
    let seed = try Self.checked(seed: seed)
    var rows = [[Int]](repeating: [], count: classes.count)
    for (row, example) in train.enumerated() { rows[example.label].append(row) }

    var random = LegacyNumPyRandom(seed: seed)
    var mixer = PermutedCongruential(seed: UInt64(seed))
    let order = mixer.permutation(shots * classes.count)
    return (0..<max(0, count)).map { _ in
      let drawn = rows.flatMap { rows in
        random.choice(below: rows.count, count: shots).map { train[rows[$0]] }
      }
      return order.map { drawn[$0] }
    }
  }

  private func check(shots: Int) throws(DataError) {
    guard (0...train.count).contains(shots) else {
      throw shots < 0 ? .drawing(.shotsOutOfRange(shots)) : tooFew(wanted: shots)
    }
  }

  private func require(_ wanted: Int) throws(DataError) {
    if classCounts.contains(where: { $0 < wanted }) { throw tooFew(wanted: wanted) }
  }

  private func tooFew(wanted: Int) -> DataError {
    let short = zip(classes, classCounts).filter { $0.1 < wanted }
    return .drawing(
      .tooFewDemonstrations(
        name: name, wanted: wanted,
        short: short.map { DataError.ClassCount(className: $0.0, count: $0.1) }))
  }
}
