/// The alphabet in which byte-level vocabularies are written: one printable scalar for each byte.
///
/// The 188 bytes that Latin-1 prints stand for themselves; the other 68 are, in order, U+0100
/// and those that follow it (GPT-2's `bytes_to_unicode`).
enum ByteAlphabet {
  /// The byte for each scalar below U+0144; −1 for those that are not in the alphabet.
  private static let bytes: [Int16] = {
    var table = [Int16](repeating: -1, count: 256 + 68)
    var next = 256
    for byte in 0..<256 {
      switch byte {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: table[byte] = Int16(byte)
      default:
        table[next] = Int16(byte)
        next += 1
      }
    }
    return table
  }()

  /// Appends the bytes that a piece of the vocabulary stands for.
  ///
  /// - Returns: false, with nothing appended, if a scalar of it is not in the alphabet.
  static func append(_ piece: String, to result: inout [UInt8]) -> Bool {
    let start = result.count
    for scalar in piece.unicodeScalars {
      let value = Int(scalar.value)
      guard value < bytes.count, bytes[value] >= 0 else {
        result.removeSubrange(start...)
        return false
      }
      result.append(UInt8(truncatingIfNeeded: bytes[value]))
    }
    return true
  }
}
