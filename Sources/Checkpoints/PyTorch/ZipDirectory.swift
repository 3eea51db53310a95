/// The entries of a zip archive that stores them as they are, as `torch.save` does.
///
/// Read from the directory at the archive's end, with the 64-bit fields that large ones have; see
/// PKWARE's APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.3.14 to 4.3.16.
struct ZipDirectory {
  /// Where the content of each entry is in the file, by the entry's name.
  let entries: [String: Range<Int>]

  private enum Size {
    static let localHeader = 30
    static let entry = 46
    static let end = 22
    static let end64 = 56
    static let locator64 = 20
  }

  init(parsing bytes: UnsafeRawBufferPointer) throws(PyTorchViolation) {
    let place = try Self.directory(of: bytes)
    var entries: [String: Range<Int>] = [:]
    var position = place.lowerBound
    while position < place.upperBound {
      let entry = try Entry(bytes, at: position, end: place.upperBound)
      position = entry.end
      let content = try entry.content(in: bytes)
      guard entries.updateValue(content, forKey: entry.name) == nil else {
        throw .entryTwice(entry: entry.name)
      }
    }
    self.entries = entries
  }

  /// Where the directory is, as the record at the archive's end says.
  private static func directory(
    of bytes: UnsafeRawBufferPointer
  ) throws(PyTorchViolation) -> Range<Int> {
    guard let end = endRecord(of: bytes) else { throw .noDirectory }
    var size = Int(bytes.number(at: end + 12, as: UInt32.self) ?? 0)
    var start = Int(bytes.number(at: end + 16, as: UInt32.self) ?? 0)
    var limit = end
    let locator = end - Size.locator64
    if bytes.number(at: locator, as: UInt32.self) == 0x0706_4B50 {
      guard let end64 = bytes.offset(at: locator + 8), end64 <= locator - Size.end64,
        bytes.number(at: end64, as: UInt32.self) == 0x0606_4B50,
        let size64 = bytes.offset(at: end64 + 40), let start64 = bytes.offset(at: end64 + 48)
      else { throw .noDirectory }
      (size, start, limit) = (size64, start64, end64)
    }
    guard start <= limit, size <= limit - start else { throw .noDirectory }
    return start..<start + size
  }

  /// The end record, which is the last thing but for a comment of up to 65,535 bytes.
  private static func endRecord(of bytes: UnsafeRawBufferPointer) -> Int? {
    var position = bytes.count - Size.end
    let least = max(0, position - Int(UInt16.max))
    while position >= least {
      if bytes.number(at: position, as: UInt32.self) == 0x0605_4B50,
        let comment = bytes.number(at: position + 20, as: UInt16.self),
        position + Size.end + Int(comment) == bytes.count
      {
        return position
      }
      position -= 1
    }
    return nil
  }

  /// One entry of the directory.
  private struct Entry {
    let name: String
    /// The first byte after this entry in the directory.
    let end: Int
    private let size: Int
    private let localHeader: Int

    init(
      _ bytes: UnsafeRawBufferPointer, at start: Int, end limit: Int
    ) throws(PyTorchViolation) {
      guard start + Size.entry <= limit, bytes.number(at: start, as: UInt32.self) == 0x0201_4B50,
        let flags = bytes.number(at: start + 8, as: UInt16.self),
        let method = bytes.number(at: start + 10, as: UInt16.self),
        let packed = bytes.number(at: start + 20, as: UInt32.self),
        let unpacked = bytes.number(at: start + 24, as: UInt32.self),
        let nameCount = bytes.number(at: start + 28, as: UInt16.self),
        let extraCount = bytes.number(at: start + 30, as: UInt16.self),
        let commentCount = bytes.number(at: start + 32, as: UInt16.self),
        let local = bytes.number(at: start + 42, as: UInt32.self)
      else { throw .noDirectory }
      let nameStart = start + Size.entry
      let extraStart = nameStart + Int(nameCount)
      end = extraStart + Int(extraCount) + Int(commentCount)
      guard end <= limit else { throw .noDirectory }
      let name = String(decoding: bytes[nameStart..<extraStart], as: UTF8.self)
      self.name = name
      guard method == 0, flags & 1 == 0 else { throw .entryCompressed(entry: name) }

      // Fields that are all ones are in the extra field with the number 1, in this order.
      var wide = Self.wideFields(bytes, extraStart..<extraStart + Int(extraCount))
      func whole(_ narrow: UInt32) throws(PyTorchViolation) -> Int {
        guard narrow == .max else { return Int(narrow) }
        guard let value = bytes.offset(at: wide.lowerBound), wide.count >= 8 else {
          throw .entryOutside(entry: name)
        }
        wide = wide.lowerBound + 8..<wide.upperBound
        return value
      }
      let size = try whole(unpacked)
      guard try whole(packed) == size else { throw .entryCompressed(entry: name) }
      self.size = size
      localHeader = try whole(local)
    }

    private static func wideFields(
      _ bytes: UnsafeRawBufferPointer, _ extra: Range<Int>
    ) -> Range<Int> {
      var position = extra.lowerBound
      while position + 4 <= extra.upperBound,
        let kind = bytes.number(at: position, as: UInt16.self),
        let count = bytes.number(at: position + 2, as: UInt16.self)
      {
        let content = position + 4..<position + 4 + Int(count)
        guard content.upperBound <= extra.upperBound else { break }
        if kind == 1 { return content }
        position = content.upperBound
      }
      return extra.upperBound..<extra.upperBound
    }

    /// Where the content is: behind a header of its own, whose length only that header tells.
    func content(in bytes: UnsafeRawBufferPointer) throws(PyTorchViolation) -> Range<Int> {
      guard localHeader <= bytes.count - Size.localHeader,
        bytes.number(at: localHeader, as: UInt32.self) == 0x0403_4B50,
        let nameCount = bytes.number(at: localHeader + 26, as: UInt16.self),
        let extraCount = bytes.number(at: localHeader + 28, as: UInt16.self)
      else { throw .entryOutside(entry: name) }
      let start = localHeader + Size.localHeader + Int(nameCount) + Int(extraCount)
      guard start <= bytes.count, size <= bytes.count - start else {
        throw .entryOutside(entry: name)
      }
      return start..<start + size
    }
  }
}

extension UnsafeRawBufferPointer {
  /// The little-endian number at an offset; nil if it does not lie within the bytes.
  func number<Number: FixedWidthInteger>(at offset: Int, as type: Number.Type) -> Number? {
    guard offset >= 0, offset <= count - MemoryLayout<Number>.size else { return nil }
    return Number(littleEndian: loadUnaligned(fromByteOffset: offset, as: Number.self))
  }

  /// The 64-bit number at an offset; nil also where it leads beyond the bytes.
  fileprivate func offset(at offset: Int) -> Int? {
    guard let value = number(at: offset, as: UInt64.self), value <= UInt64(count) else {
      return nil
    }
    return Int(value)
  }
}
