/// What a file is that should hold weights and never did, as far as its first bytes tell: mostly
/// what a download left in their place.
public enum StrangeContent: Error, Sendable, Equatable {
  case webPage
  case largeFilePointer
  case text(start: String)

  /// Nil if the bytes may well be weights.
  init?(_ bytes: UnsafeRawBufferPointer) {
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    let afterMark = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
    let content = afterMark.drop(while: isSpace)
    let start = content.prefix(40)
    if content.first == UInt8(ascii: "<") {
      self = .webPage
    } else if content.starts(with: "version https://git-lfs".utf8) {
      self = .largeFilePointer
    } else if !start.isEmpty, start.allSatisfy({ isSpace($0) || (0x20..<0x7F).contains($0) }) {
      self = .text(start: String(decoding: start, as: UTF8.self))
    } else {
      return nil
    }
  }
}

extension StrangeContent: CustomStringConvertible {
  public var description: String {
    switch self {
    case .webPage:
      "it is a web page (it starts with '<'), saved in place of the weights; download the file "
        + "itself, by the link that says download or resolve, not blob"
    case .largeFilePointer:
      "it is a pointer of Git LFS, not the weights; run `git lfs install` and `git lfs pull` in "
        + "its folder, or download the file itself"
    case .text(let start):
      "it is a text, not weights (it starts with \(start.debugDescription)); download the file again"
    }
  }
}
