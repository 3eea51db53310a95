/// What is wrong with a JSON text, and where.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was found, or what was missing.
  public let message: String
  /// Bytes before the place.
  public let offset: Int
  /// Line of the place, from 1.
  public let line: Int
  /// Column of the place in Unicode scalars, from 1.
  public let column: Int

  public var description: String { "line \(line), column \(column): \(message)" }

  /// Finds line and column of an offset, which only an error needs.
  init(_ message: String, at offset: Int, in bytes: UnsafeRawBufferPointer) {
    var line = 1
    var column = 1
    for byte in bytes.prefix(offset) {
      if byte == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if byte & 0b1100_0000 != 0b1000_0000 {
        column += 1
      }
    }
    self.message = message + Self.remark(on: bytes)
    self.offset = offset
    self.line = line
    self.column = column
  }

  /// What a text is that was never meant to be JSON: what a download left in place of the file.
  private static func remark(on bytes: UnsafeRawBufferPointer) -> String {
    let content = bytes.drop { $0 == 0x20 || (0x09...0x0D).contains($0) }
    if content.first == UInt8(ascii: "<") {
      return " (it looks like a web page, saved in place of the file; download the file itself)"
    }
    if content.starts(with: "version https://git-lfs".utf8) {
      return " (it is a pointer of Git LFS, not the file; run `git lfs pull` in its folder)"
    }
    return ""
  }
}
