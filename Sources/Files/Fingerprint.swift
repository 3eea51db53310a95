import Crypto

/// SHA-256 fingerprints, as lower-case hexadecimal.
public enum Fingerprint {
  /// The SHA-256 of some bytes.
  public static func sha256(of bytes: UnsafeRawBufferPointer) -> String {
    var hasher = SHA256()
    hasher.update(bufferPointer: bytes)
    return hexadecimal(hasher.finalize())
  }

  /// The SHA-256 of the concatenation of several pieces, none of which is copied.
  public static func sha256(ofPieces pieces: [UnsafeRawBufferPointer]) -> String {
    var hasher = SHA256()
    for piece in pieces { hasher.update(bufferPointer: piece) }
    return hexadecimal(hasher.finalize())
  }

  /// The SHA-256 of a file; nil if that was cancelled.
  ///
  /// - Parameter isCancelled: asked about every hundredth of a second.
  public static func sha256(of file: MappedFile, isCancelled: () -> Bool) -> String? {
    let step = 1 << 22
    var hasher = SHA256()
    for start in stride(from: 0, to: file.count, by: step) {
      if isCancelled() { return nil }
      hasher.update(
        bufferPointer: UnsafeRawBufferPointer(
          rebasing: file.bytes[start..<min(start + step, file.count)]))
    }
    return hexadecimal(hasher.finalize())
  }

  /// The SHA-256 of an array of bytes.
  public static func sha256(of bytes: [UInt8]) -> String {
    bytes.withUnsafeBytes { sha256(of: $0) }
  }

  /// The SHA-256 of a text's UTF-8.
  public static func sha256(of text: String) -> String {
    sha256(of: Array(text.utf8))
  }

  private static func hexadecimal(_ digest: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in digest {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
