extension WordPattern {
  /// Finds the end of the word that starts at an offset.
  ///
  /// The alternatives are tried in the order of the regular expression, so that the first that
  /// matches wins.
  ///
  /// - Parameter start: an offset before the end of the text.
  func endOfWord(from start: Int, in text: ScalarReader) -> Int {
    if let end = contraction(at: start, in: text) { return end }
    guard let first = text.next(start) else { return start }
    let byte = text.bytes[start]
    switch first.kind {
    case .letter: return text.endOfRun(of: .letter, from: first.end)
    case .number: return endOfNumbers(from: start, in: text)
    case .other:
      if lettersTakeAny, text.next(first.end)?.kind == .letter {
        return text.endOfRun(of: .letter, from: first.end)
      }
      return endOfOther(from: first.end, in: text)
    case .space:
      let takesLetters = lettersTakeAny ? !Self.isLineBreak(byte) : byte == Self.space
      if let second = text.next(first.end), second.kind != .space {
        if second.kind == .letter, takesLetters {
          return text.endOfRun(of: .letter, from: second.end)
        }
        if second.kind == .other, byte == Self.space {
          return endOfOther(from: second.end, in: text)
        }
        if second.kind == .number, byte == Self.space, numberLimit == nil {
          return text.endOfRun(of: .number, from: second.end)
        }
      }
      return endOfSpace(from: start, in: text)
    }
  }

  private static let space = UInt8(ascii: " ")

  private static func isLineBreak(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

  /// `'s|'t|'re|'ve|'m|'ll|'d`, perhaps in upper case too.
  private func contraction(at start: Int, in text: ScalarReader) -> Int? {
    guard text.bytes[start] == UInt8(ascii: "'") else { return nil }
    let rest = UnsafeBufferPointer(rebasing: text.bytes[(start + 1)...].prefix(2))
    guard let first = rest.first.map(folded) else { return nil }
    switch first {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"):
      return start + 2
    default: break
    }
    guard rest.count == 2 else { return nil }
    switch (first, folded(rest[1])) {
    case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
      (UInt8(ascii: "l"), UInt8(ascii: "l")):
      return start + 3
    // The long s, U+017F, is an s in another case.
    case (0xC5, 0xBF) where foldsCase: return start + 3
    default: return nil
    }
  }

  private func folded(_ byte: UInt8) -> UInt8 {
    foldsCase && byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
  }

  private func endOfNumbers(from start: Int, in text: ScalarReader) -> Int {
    guard let numberLimit else { return text.endOfRun(of: .number, from: start) }
    var position = start
    for _ in 0..<numberLimit {
      guard let next = text.next(position), next.kind == .number else { break }
      position = next.end
    }
    return position
  }

  /// `[^\s\p{L}\p{N}]+`, and the line breaks behind it where they belong to it.
  private func endOfOther(from start: Int, in text: ScalarReader) -> Int {
    var position = text.endOfRun(of: .other, from: start)
    if mindsLineBreaks {
      while position < text.bytes.count, Self.isLineBreak(text.bytes[position]) { position += 1 }
    }
    return position
  }

  /// `\s*[\r\n]+|\s+(?!\S)|\s+`
  private func endOfSpace(from start: Int, in text: ScalarReader) -> Int {
    var position = start
    var last = start
    var afterLineBreak: Int?
    while let next = text.next(position), next.kind == .space {
      last = position
      if Self.isLineBreak(text.bytes[position]) { afterLineBreak = next.end }
      position = next.end
    }
    if mindsLineBreaks, let afterLineBreak { return afterLineBreak }
    let endsText = position == text.bytes.count
    return endsText || last == start ? position : last
  }
}
