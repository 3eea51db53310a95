/// Tokens that are found in the text as they are, before it is cut into words.
struct AddedTokens: Sendable {
  struct Entry: Sendable {
    let id: Int
    let content: [UInt8]
    /// Takes the white space on its left, or on its right.
    let takesLeft: Bool
    let takesRight: Bool
    /// Counts only where no word character touches it.
    let isWord: Bool

    /// The token as it looks in a text that is normalised.
    func normalized(_ normalizer: Normalizer) -> Entry {
      let bytes = content.withUnsafeBufferPointer { NormalizedText($0, normalizer)?.bytes }
      guard let bytes else { return self }
      return Entry(
        id: id, content: bytes, takesLeft: takesLeft, takesRight: takesRight, isWord: isWord)
    }
  }

  /// A part of a text: an added token, or what lies between two of them.
  struct Part: Equatable {
    let range: Range<Int>
    let id: Int?
  }

  /// By first byte; of those with equal first bytes the longest first, so that it wins.
  private let entries: [[Entry]]

  init(_ tokens: [Entry]) {
    guard !tokens.isEmpty else {
      entries = []
      return
    }
    var entries = [[Entry]](repeating: [], count: 256)
    for token in tokens {
      guard let first = token.content.first else { continue }
      entries[Int(first)].append(token)
    }
    self.entries = entries.map { $0.sorted { $0.content.count > $1.content.count } }
  }

  /// Cuts a text at the tokens in it, leftmost first, of those the longest.
  func parts(of text: UnsafeBufferPointer<UInt8>) -> [Part] {
    guard !entries.isEmpty else { return [Part(range: 0..<text.count, id: nil)] }
    var parts: [Part] = []
    var done = 0
    var position = 0
    while position < text.count {
      guard let token = token(at: position, in: text) else {
        position += 1
        continue
      }
      var start = position
      var end = position + token.content.count
      position = end
      if token.isWord, Self.touchesWord(start..<end, in: text) { continue }
      if token.takesLeft { start = max(Self.startOfSpace(before: start, in: text), done) }
      if token.takesRight { end = ScalarReader(bytes: text).endOfRun(of: .space, from: end) }
      // A token before this one may have taken the space that this one begins with.
      start = max(start, done)
      end = max(end, start)
      if done < start { parts.append(Part(range: done..<start, id: nil)) }
      parts.append(Part(range: start..<end, id: token.id))
      done = end
    }
    if done < text.count { parts.append(Part(range: done..<text.count, id: nil)) }
    return parts
  }

  @inline(__always)
  private func token(at position: Int, in text: UnsafeBufferPointer<UInt8>) -> Entry? {
    let candidates = entries[Int(text[position])]
    if candidates.isEmpty { return nil }
    return candidates.first { entry in
      entry.content.count <= text.count - position
        && entry.content.elementsEqual(text[position..<position + entry.content.count])
    }
  }

  private static func startOfSpace(
    before offset: Int, in text: UnsafeBufferPointer<UInt8>
  ) -> Int {
    var start = offset
    while let (scalar, position) = scalar(before: start, in: text),
      ScalarClass(scalar) == .space
    {
      start = position
    }
    return start
  }

  private static func touchesWord(
    _ range: Range<Int>, in text: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    if let (scalar, _) = scalar(before: range.lowerBound, in: text), isWordScalar(scalar) {
      return true
    }
    guard range.upperBound < text.count else { return false }
    return isWordScalar(ScalarReader(bytes: text).scalar(at: range.upperBound).value)
  }

  private static func scalar(
    before offset: Int, in text: UnsafeBufferPointer<UInt8>
  ) -> (value: UInt32, start: Int)? {
    guard offset > 0 else { return nil }
    var start = offset - 1
    while start > 0, text[start] & 0b1100_0000 == 0b1000_0000 { start -= 1 }
    return (ScalarReader(bytes: text).scalar(at: start).value, start)
  }

  /// `\w`, as UTS #18 defines it.
  private static func isWordScalar(_ value: UInt32) -> Bool {
    guard let scalar = Unicode.Scalar(value) else { return false }
    if scalar.properties.isAlphabetic || scalar.properties.isJoinControl { return true }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation:
      return true
    default: return false
    }
  }
}
