extension TensorEntry {
  /// Copies all elements, widened to `Float`.
  ///
  /// - Parameter destination: room for ``count`` elements.
  /// - Throws: ``CheckpointError/unreadableType(tensor:type:)`` unless the type is F32, F16 or
  ///   BF16.
  public func copy(into destination: UnsafeMutablePointer<Float>) throws(CheckpointError) {
    try copy(0..<count, into: destination)
  }

  /// Copies some elements, in the order of the file, widened to `Float`.
  ///
  /// - Parameters:
  ///   - elements: which ones; within `0..<count`.
  ///   - destination: room for as many.
  /// - Throws: ``CheckpointError/unreadableType(tensor:type:)`` unless the type is F32, F16 or
  ///   BF16.
  /// - Complexity: linear; bound by memory, several elements an instruction.
  public func copy(
    _ elements: Range<Int>, into destination: UnsafeMutablePointer<Float>
  ) throws(CheckpointError) {
    precondition(
      elements.lowerBound >= 0 && elements.upperBound <= count, "elements outside the tensor")
    guard type.isReadable else { throw .unreadableType(tensor: name, type: type) }
    guard let start = bytes.baseAddress, !elements.isEmpty else { return }
    let source = start + elements.lowerBound * type.block.bytes
    switch type {
    case .float16: Self.widenHalf(source, into: destination, count: elements.count)
    case .bfloat16: Self.widenBrain(source, into: destination, count: elements.count)
    default:
      UnsafeMutableRawPointer(destination).copyMemory(
        from: source, byteCount: elements.count * MemoryLayout<Float>.stride)
    }
    withExtendedLifetime(self) {}
  }

  /// All elements, widened to `Float`.
  public func floatArray() throws(CheckpointError) -> [Float] {
    guard type.isReadable else { throw .unreadableType(tensor: name, type: type) }
    return Array(unsafeUninitializedCapacity: count) { buffer, initialized in
      guard let start = buffer.baseAddress, count > 0 else { return }
      // Cannot throw: the type has been checked.
      initialized = (try? copy(into: start)) == nil ? 0 : count
    }
  }

  /// All elements of a tensor of 64-bit integers.
  ///
  /// - Throws: ``CheckpointError/wrongType(tensor:type:wanted:)`` unless the type is I64.
  public func integerArray() throws(CheckpointError) -> [Int] {
    guard type == .int64 else { throw .wrongType(tensor: name, type: type, wanted: .int64) }
    let bytes = bytes
    defer { withExtendedLifetime(self) {} }
    return (0..<count).map { index in
      let stored = bytes.loadUnaligned(
        fromByteOffset: index * MemoryLayout<Int64>.stride, as: Int64.self)
      return Int(Int64(littleEndian: stored))
    }
  }

  /// bfloat16 is the upper half of a Float.
  private static func widenBrain(
    _ source: UnsafeRawPointer, into destination: UnsafeMutablePointer<Float>, count: Int
  ) {
    for index in 0..<count {
      let bits = half(source, index)
      destination[index] = Float(bitPattern: UInt32(bits) << 16)
    }
  }

  @inline(__always)
  private static func half(_ source: UnsafeRawPointer, _ index: Int) -> UInt16 {
    UInt16(littleEndian: source.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
  }

  private static func widenHalf(
    _ source: UnsafeRawPointer, into destination: UnsafeMutablePointer<Float>, count: Int
  ) {
    for index in 0..<count {
      let bits = half(source, index)
      destination[index] = Float(bitPattern: widened(half: UInt32(bits)))
    }
  }

  /// The bits of the `Float` equal to a half-precision number.
  ///
  /// Without branches, so that the loop becomes vector instructions of any x86-64: `Float16`
  /// would call a function for each element where the processor's conversion cannot be assumed.
  @inline(__always)
  static func widened(half bits: UInt32) -> UInt32 {
    let sign = (bits & 0x8000) << 16
    let magnitude = (bits & 0x7FFF) << 13
    // 112 is the difference of the exponent biases; infinity and NaN take it twice.
    let bias: UInt32 = 112 << 23
    let normal = magnitude &+ bias &+ (magnitude >= 0x7C00 << 13 ? bias : 0)
    // A subnormal has no leading one: give it that of 2^-14 and subtract it as a number.
    let leading: UInt32 = 113 << 23
    let subnormal =
      (Float(bitPattern: magnitude &+ leading) - Float(bitPattern: leading)).bitPattern
    return sign | (magnitude < 0x0400 << 13 ? subnormal : normal)
  }
}
