import LinearAlgebra

/// The order in which training rows are taken, epoch after epoch, as the paper's re-weighting takes
/// them.
///
/// Each epoch shuffles the order of the one before with `default_rng` of a seed read from the state of
/// NumPy's legacy generator, which is what `shuffle()` of the `datasets` library does without a seed of
/// its own. The first seed so read is the experiment's.
public struct EpochOrder: Sendable {
  private var random: LegacyNumPyRandom
  private var order: [Int]

  /// - Throws: ``DataError`` if the seed is out of range.
  public init(rows: Int, seed: Int) throws(DataError) {
    random = LegacyNumPyRandom(seed: try Dataset.checked(seed: seed))
    order = Array(0..<max(0, rows))
  }

  /// The rows of the next epoch, from 0.
  public mutating func next() -> [Int] {
    var shuffle = PermutedCongruential(seed: UInt64(random.derivedSeed()))
    order = shuffle.permutation(order.count).map { order[$0] }
    return order
  }
}
