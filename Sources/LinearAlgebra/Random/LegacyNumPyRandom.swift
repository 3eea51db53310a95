/// NumPy's legacy generator, `numpy.random.RandomState(seed)`, bit for bit.
///
/// Published experiments that call `numpy.random.seed` draw from this stream, so a study that wants
/// the same demonstrations has to draw from it, too. Only what such studies use is here: the
/// in-place shuffle, drawing with replacement, and the state word that the `datasets` library
/// takes as a seed when it is given none.
public struct LegacyNumPyRandom: Sendable {
  private var twister: MersenneTwister

  /// The generator after `numpy.random.seed(seed)`.
  public init(seed: UInt32) {
    twister = MersenneTwister(seed: seed)
  }

  /// Thirty-two uniform bits.
  public mutating func next() -> UInt32 {
    twister.next()
  }

  /// Shuffles in place as `numpy.random.shuffle` does.
  ///
  /// - Complexity: O(n); each step draws fewer than two words on average.
  public mutating func shuffle<Element>(_ items: inout [Element]) {
    shuffleInPlace(&items)
  }

  /// The numbers 0 to `count` − 1, shuffled.
  public mutating func permutation(_ count: Int) -> [Int] {
    var items = Array(0..<max(0, count))
    shuffle(&items)
    return items
  }

  /// `count` indices below `bound`, with replacement: what `numpy.random.choice(bound, count)` and
  /// `numpy.random.randint(0, bound, count)` return. No bits are drawn if `bound` is one.
  ///
  /// - Returns: an empty list if `bound` is not positive.
  public mutating func choice(below bound: Int, count: Int) -> [Int] {
    guard bound > 0, count > 0 else { return [] }
    return (0..<count).map { _ in uniform(through: bound - 1) }
  }

  /// A seed taken from the state, and one step of the generator: what `Dataset.shuffle()` of the
  /// `datasets` library does when no seed is given to it. The first seed so taken from a fresh
  /// generator is the generator's own.
  public mutating func derivedSeed() -> UInt32 {
    let fresh = twister.position == MersenneTwister.stateLength
    let seed = twister.state[fresh ? 0 : twister.position]
    // One double of `numpy.random.random()` takes two words.
    _ = twister.next()
    _ = twister.next()
    return seed
  }
}

extension LegacyNumPyRandom: BitStream {
  mutating func word32() -> UInt32 {
    twister.next()
  }

  mutating func word64() -> UInt64 {
    let high = UInt64(twister.next())
    return high << 32 | UInt64(twister.next())
  }
}
