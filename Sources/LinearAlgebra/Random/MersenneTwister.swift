/// The 32-bit Mersenne Twister (MT19937), seeded by the plain integer initialiser.
///
/// Source: Matsumoto and Nishimura, "Mersenne Twister: a 623-dimensionally equidistributed
/// uniform pseudo-random number generator", 1998, with the 2002 initialiser.
struct MersenneTwister: Sendable {
  static let stateLength = 624
  private static let shift = 397

  private(set) var state: [UInt32]
  /// The next word of `state` to be tempered; `stateLength` when the block is used up.
  private(set) var position: Int

  init(seed: UInt32) {
    var word = seed
    state = []
    state.reserveCapacity(Self.stateLength)
    for index in 0..<UInt32(Self.stateLength) {
      state.append(word)
      word = 1_812_433_253 &* (word ^ (word >> 30)) &+ index &+ 1
    }
    position = Self.stateLength
  }

  /// Thirty-two uniform bits.
  mutating func next() -> UInt32 {
    if position == Self.stateLength { twist() }
    var word = state[position]
    position += 1
    word ^= word >> 11
    word ^= (word << 7) & 0x9D2C_5680
    word ^= (word << 15) & 0xEFC6_0000
    word ^= word >> 18
    return word
  }

  private mutating func twist() {
    let length = Self.stateLength
    state.withUnsafeMutableBufferPointer { words in
      for index in 0..<length {
        let mixed = (words[index] & 0x8000_0000) | (words[(index + 1) % length] & 0x7FFF_FFFF)
        let twisted = (mixed >> 1) ^ (mixed & 1 == 0 ? 0 : 0x9908_B0DF)
        words[index] = words[(index + Self.shift) % length] ^ twisted
      }
    }
    position = 0
  }
}
