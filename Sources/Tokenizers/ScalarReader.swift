/// Reads the scalars of valid UTF-8.
struct ScalarReader {
  let bytes: UnsafeBufferPointer<UInt8>

  /// The scalar that starts at an offset, and the offset behind it; the offset must be within
  /// the bytes.
  @inline(__always)
  func scalar(at offset: Int) -> (value: UInt32, end: Int) {
    let first = UInt32(bytes[offset])
    if first < 0x80 { return (first, offset + 1) }
    let count = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    // The bytes come from a String and so are whole; the bound is for the reader's peace.
    let end = min(offset + count, bytes.count)
    var value = first & (0xFF >> UInt32(count + 1))
    var position = offset + 1
    while position < end {
      value = value << 6 | UInt32(bytes[position] & 0x3F)
      position += 1
    }
    return (value, end)
  }

  /// The class of the scalar at an offset, and the offset behind it; nil at the end.
  @inline(__always)
  func next(_ offset: Int) -> (kind: ScalarClass, end: Int)? {
    guard offset < bytes.count else { return nil }
    let (value, end) = scalar(at: offset)
    return (ScalarClass(value), end)
  }

  /// The offset behind a run of scalars of one class, which may be empty.
  @inline(__always)
  func endOfRun(of kind: ScalarClass, from offset: Int) -> Int {
    var position = offset
    while let next = next(position), next.kind == kind { position = next.end }
    return position
  }
}
