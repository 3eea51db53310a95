/// The steps that cut a text into the words that byte-pair encoding works on.
struct PreTokenizer: Sendable, Equatable {
  enum Step: Sendable, Equatable {
    /// Words of a pattern.
    case words(WordPattern)
    /// Numbers apart from the rest, all together or each by itself.
    case digits(individually: Bool)
  }

  /// Applied one after the other, each to what the one before gave.
  var steps: [Step]
  /// The step before which a space is put in front of each piece that does not start with one.
  var prefixSpaceStep: Int?

  /// A word: its bytes, and where they lie in the text.
  struct Word {
    let bytes: UnsafeBufferPointer<UInt8>
    /// Offset in the text of the first byte that is of the text.
    let offset: Int
    /// 1 if the first byte is a space that is not of the text, else 0.
    let added: Int
  }

  /// Calls `body` with the words of a text, in order.
  func forEachWord(of text: UnsafeBufferPointer<UInt8>, _ body: (Word) -> Void) {
    forEachWord(of: Word(bytes: text, offset: 0, added: 0), step: 0, body)
  }

  private func forEachWord(of piece: Word, step: Int, _ body: (Word) -> Void) {
    guard let first = piece.bytes.first else { return }
    if step == prefixSpaceStep, first != UInt8(ascii: " ") {
      // The space is there only for the time of this call.
      let spaced = [UInt8(ascii: " ")] + piece.bytes
      spaced.withUnsafeBufferPointer {
        split(Word(bytes: $0, offset: piece.offset, added: 1), step: step, body)
      }
    } else {
      split(piece, step: step, body)
    }
  }

  private func split(_ piece: Word, step: Int, _ body: (Word) -> Void) {
    guard step < steps.count else { return body(piece) }
    let text = ScalarReader(bytes: piece.bytes)
    let isLast = step + 1 == steps.count && prefixSpaceStep != steps.count
    var start = 0
    while start < piece.bytes.count {
      let end =
        switch steps[step] {
        case .words(let pattern): pattern.endOfWord(from: start, in: text)
        case .digits(let individually):
          Self.endOfDigits(from: start, in: text, individually: individually)
        }
      let word = Word(
        bytes: UnsafeBufferPointer(rebasing: piece.bytes[start..<end]),
        offset: start == 0 ? piece.offset : piece.offset + start - piece.added,
        added: start == 0 ? piece.added : 0)
      if isLast { body(word) } else { forEachWord(of: word, step: step + 1, body) }
      start = end
    }
  }

  private static func endOfDigits(
    from start: Int, in text: ScalarReader, individually: Bool
  ) -> Int {
    guard let first = text.next(start) else { return start }
    let isNumber = first.kind == .number
    if isNumber, individually { return first.end }
    var position = first.end
    while let next = text.next(position), (next.kind == .number) == isNumber {
      position = next.end
    }
    return position
  }
}
