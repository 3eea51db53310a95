import LinearAlgebra

extension Dataset {
  /// The test rows that an experiment asks about: the first `samples` of the test split in the
  /// order of `default_rng(seed).permutation`, as the `datasets` library shuffles it.
  ///
  /// - Parameter samples: how many rows; all if there are fewer.
  /// - Throws: ``DataError`` if the seed or the number of samples is out of range.
  public func evaluationRows(samples: Int, seed: Int) throws(DataError) -> [Example] {
    guard samples >= 1 else { throw .drawing(.samplesOutOfRange(samples)) }
    var random = PermutedCongruential(seed: UInt64(try Self.checked(seed: seed)))
    return random.permutation(test.count).prefix(samples).map { test[$0] }
  }

  /// The `index`-th row, from 0, of the shuffled test split.
  public func evaluationRow(_ index: Int, seed: Int) throws(DataError) -> Example {
    guard test.indices.contains(index) else {
      throw .drawing(.rowOutOfRange(row: index, count: test.count, name: name))
    }
    return try evaluationRows(samples: index + 1, seed: seed)[index]
  }

  /// The seed, if both families of generators take it.
  static func checked(seed: Int) throws(DataError) -> UInt32 {
    guard let seed = UInt32(exactly: seed) else { throw .drawing(.seedOutOfRange(seed)) }
    return seed
  }
}
