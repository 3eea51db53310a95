/// Spreads an integer seed over as much well-mixed state as a generator wants, as NumPy's
/// `SeedSequence(seed)` does.
///
/// The mixing function is O'Neill's `seed_seq_fe` ("Developing a seed_seq alternative", 2015)
/// with a pool of four words.
struct SeedSequence: Sendable {
  private static let poolSize = 4
  private static let initialA: UInt32 = 0x43B0_D7E5
  private static let multiplierA: UInt32 = 0x931E_8875
  private static let initialB: UInt32 = 0x8B51_F9DD
  private static let multiplierB: UInt32 = 0x58F3_8DED
  private static let mixLeft: UInt32 = 0xCA01_F9DD
  private static let mixRight: UInt32 = 0x4973_F715

  private var pool: [UInt32]

  init(seed: UInt64) {
    // Words beyond the seed's own are zero, as they are for any seed below 2¹²⁸.
    let entropy = [UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32), 0, 0]
    var multiplier = Self.initialA
    func hash(_ value: UInt32) -> UInt32 {
      var value = value ^ multiplier
      multiplier = multiplier &* Self.multiplierA
      value = value &* multiplier
      return value ^ (value >> 16)
    }
    func mix(_ left: UInt32, _ right: UInt32) -> UInt32 {
      let value = Self.mixLeft &* left &- Self.mixRight &* right
      return value ^ (value >> 16)
    }
    pool = entropy.map(hash)
    for source in 0..<Self.poolSize {
      for destination in 0..<Self.poolSize where destination != source {
        pool[destination] = mix(pool[destination], hash(pool[source]))
      }
    }
  }

  /// `count` words of 64 bits, low half first.
  func state(_ count: Int) -> [UInt64] {
    var multiplier = Self.initialB
    func word(_ index: Int) -> UInt64 {
      var value = pool[index % Self.poolSize] ^ multiplier
      multiplier = multiplier &* Self.multiplierB
      value = value &* multiplier
      return UInt64(value ^ (value >> 16))
    }
    return (0..<count).map { index in
      let low = word(2 * index)
      return low | word(2 * index + 1) << 32
    }
  }
}
