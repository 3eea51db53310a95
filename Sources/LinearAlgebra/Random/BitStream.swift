/// A source of random words, and the drawing by masks and rejection that NumPy builds on it.
protocol BitStream {
  mutating func word32() -> UInt32
  mutating func word64() -> UInt64
}

extension BitStream {
  /// A uniform integer in 0...`limit`: words are cut to the bits of the limit, and those above it
  /// are rejected. No word is drawn for a limit of zero.
  mutating func uniform(through limit: Int) -> Int {
    guard limit > 0 else { return 0 }
    let mask = UInt64.max >> UInt64(limit).leadingZeroBitCount
    let isNarrow = limit <= UInt32.max
    while true {
      let value = (isNarrow ? UInt64(word32()) : word64()) & mask
      if value <= limit { return Int(value) }
    }
  }

  /// Shuffles in place, from the last place to the second (Fisher and Yates).
  mutating func shuffleInPlace<Element>(_ items: inout [Element]) {
    guard items.count > 1 else { return }
    for last in stride(from: items.count - 1, through: 1, by: -1) {
      items.swapAt(last, uniform(through: last))
    }
  }
}
