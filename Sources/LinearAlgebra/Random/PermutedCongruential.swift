/// PCG64 (XSL-RR 128/64), seeded and used as NumPy's `default_rng(seed)`, bit for bit.
///
/// The `datasets` library shuffles with it. It is also a good generator for everything that has no
/// published stream to agree with, hence the conformance to `RandomNumberGenerator`.
///
/// Source: O'Neill, "PCG: A family of simple fast space-efficient statistically good algorithms
/// for random number generation", 2014.
public struct PermutedCongruential: RandomNumberGenerator, Sendable {
  private static let multiplier: UInt128 = 0x2360_ED05_1FC6_5DA4_4385_DF64_9FCC_F645

  private var state: UInt128 = 0
  private let increment: UInt128
  /// The high half of the last word, if only its low half has been used.
  private var spare: UInt32?

  /// The generator that `numpy.random.default_rng(seed)` makes.
  public init(seed: UInt64) {
    let words = SeedSequence(seed: seed).state(4)
    increment = (UInt128(words[2]) << 64 | UInt128(words[3])) << 1 | 1
    step()
    state &+= UInt128(words[0]) << 64 | UInt128(words[1])
    step()
  }

  /// Sixty-four uniform bits.
  public mutating func next() -> UInt64 {
    step()
    let folded = UInt64(truncatingIfNeeded: state >> 64) ^ UInt64(truncatingIfNeeded: state)
    let turn = UInt64(truncatingIfNeeded: state >> 122)
    return folded >> turn | folded << ((64 - turn) & 63)
  }

  /// The numbers 0 to `count` − 1 as `default_rng(seed).permutation(count)` orders them.
  ///
  /// - Complexity: O(n).
  public mutating func permutation(_ count: Int) -> [Int] {
    var items = Array(0..<max(0, count))
    shuffleInPlace(&items)
    return items
  }

  private mutating func step() {
    state = state &* Self.multiplier &+ increment
  }
}

extension PermutedCongruential: BitStream {
  /// The low half of a word, then its high half.
  mutating func word32() -> UInt32 {
    if let high = spare {
      spare = nil
      return high
    }
    let word = next()
    spare = UInt32(truncatingIfNeeded: word >> 32)
    return UInt32(truncatingIfNeeded: word)
  }

  mutating func word64() -> UInt64 {
    next()
  }
}
