/// Takes one thing after another from the front of a GGUF file, never more than there is.
struct GGUFReader {
  let bytes: UnsafeRawBufferPointer
  private(set) var offset = 0

  init(_ bytes: UnsafeRawBufferPointer, from offset: Int = 0) {
    self.bytes = bytes
    self.offset = offset
  }

  var remaining: Int { bytes.count - offset }

  /// - Parameter part: what is being read, for messages.
  mutating func number<Number: FixedWidthInteger>(
    _ type: Number.Type = Number.self, in part: @autoclosure () -> String
  ) throws(GGUFViolation) -> Number {
    let size = MemoryLayout<Number>.size
    guard remaining >= size else { throw beyond(part()) }
    defer { offset += size }
    return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Number.self))
  }

  /// The number of things that follow, of which each takes some bytes at least.
  mutating func count(
    ofAtLeast size: Int, in part: @autoclosure () -> String
  ) throws(GGUFViolation) -> Int {
    let count = try number(UInt64.self, in: part())
    guard count <= UInt64(remaining / size) else { throw beyond(part()) }
    return Int(count)
  }

  /// Bytes with their number in front.
  mutating func text(
    in part: @autoclosure () -> String
  ) throws(GGUFViolation) -> UnsafeRawBufferPointer {
    let count = try count(ofAtLeast: 1, in: part())
    defer { offset += count }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
  }

  mutating func string(in part: @autoclosure () -> String) throws(GGUFViolation) -> String {
    guard let string = String(validating: try text(in: part()), as: UTF8.self) else {
      throw .notUTF8(part: part())
    }
    return string
  }

  /// Passes over things of equal size, whose number was checked.
  mutating func skip(_ count: Int, size: Int) { offset += count * size }

  private func beyond(_ part: String) -> GGUFViolation {
    .headerBeyondFile(part: part, fileSize: bytes.count)
  }
}
