extension TensorEntry {
  /// How many elements are infinite or no number; of types that are not read as `Float`, none.
  ///
  /// - Complexity: reads every element.
  public var nonFiniteCount: Int {
    switch type {
    case .float32: countOfBits(UInt32.self, exponent: 0x7F80_0000)
    case .float16: countOfBits(UInt16.self, exponent: 0x7C00)
    case .bfloat16: countOfBits(UInt16.self, exponent: 0x7F80)
    default: countOfBlocks() * type.block.count
    }
  }

  /// Blocks with a scale that is infinite or no number, which makes all of them so.
  private func countOfBlocks() -> Int {
    let (bytes, offsets) = (bytes, type.scaleOffsets)
    guard !offsets.isEmpty else { return 0 }
    defer { withExtendedLifetime(self) {} }
    return stride(from: 0, to: bytes.count, by: type.block.bytes).count { block in
      offsets.contains { offset in
        let bits = bytes.loadUnaligned(fromByteOffset: block + offset, as: UInt16.self)
        return UInt16(littleEndian: bits) & 0x7C00 == 0x7C00
      }
    }
  }

  /// Numbers whose exponent is all ones.
  private func countOfBits<Bits: FixedWidthInteger>(_ type: Bits.Type, exponent: Bits) -> Int {
    guard let start = bytes.baseAddress else { return 0 }
    var found = 0
    for index in 0..<count {
      let bits = start.loadUnaligned(
        fromByteOffset: index * MemoryLayout<Bits>.stride, as: Bits.self)
      found += Bits(littleEndian: bits) & exponent == exponent ? 1 : 0
    }
    withExtendedLifetime(self) {}
    return found
  }
}
