import CVectorMath

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Memory for floats: allocated once, aligned for vectors, freed with its owner.
///
/// The one place where raw memory of the engine is owned. ``Matrix`` is a view into it.
public final class FloatBuffer: @unchecked Sendable {
  // Unchecked: the address never changes; who writes where is decided by the views handed out,
  // one worker each.
  public let base: UnsafeMutablePointer<Float>
  public let count: Int

  /// Memory for `count` floats, all zero unless they are to be written at once anyway.
  public init(count: Int, zeroed: Bool = true) {
    self.count = count
    let bytes = max(count, 1) * MemoryLayout<Float>.stride
    let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 4096)
    #if os(Linux)
      // Huge pages make the first touch of a large buffer several times faster.
      if bytes >= 4 << 20 { madvise(raw, bytes, Int32(MADV_HUGEPAGE)) }
    #endif
    base = raw.bindMemory(to: Float.self, capacity: max(count, 1))
    if zeroed { base.initialize(repeating: 0, count: max(count, 1)) }
  }

  public convenience init(_ values: [Float]) {
    self.init(count: values.count)
    values.withUnsafeBufferPointer { source in
      if let first = source.baseAddress { base.update(from: first, count: source.count) }
    }
  }

  deinit { base.deallocate() }

  /// The buffer as a matrix of that many columns.
  public func matrix(rows: Int, columns: Int, at offset: Int = 0) -> Matrix {
    assert(offset + rows * columns <= count)
    return Matrix(base: base + offset, rows: rows, columns: columns)
  }
}
