/// A quick hash of bytes, seeded so that no file can be made to collide on purpose.
struct ByteHash: Sendable {
  private let seed = UInt64.random(in: .min ... .max)

  @inline(__always)
  private func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = (left ^ right).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    return product.high ^ product.low
  }

  /// The hash of some bytes.
  func callAsFunction(_ bytes: UnsafeRawBufferPointer) -> Int {
    var hash = mix(seed, UInt64(truncatingIfNeeded: bytes.count))
    var offset = 0
    while offset + 8 <= bytes.count {
      hash = mix(hash, bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) ^ seed
      offset += 8
    }
    var rest: UInt64 = 0
    while offset < bytes.count {
      rest = rest << 8 | UInt64(bytes[offset])
      offset += 1
    }
    return Int(truncatingIfNeeded: mix(hash ^ seed, rest))
  }

  /// The hash of a number.
  @inline(__always)
  func callAsFunction(_ value: UInt64) -> Int {
    Int(truncatingIfNeeded: mix(value, seed))
  }
}
