/// The steps that cut a text into the words that byte-pair encoding works on.
struct PreTokenizer: Sendable, Equatable {
  enum Step: Sendable, Equatable {
    /// Words of a pattern.
    case words(WordPattern)
    /// Numbers apart from the rest, all together or each by itself.
    case digits(individually: Bool)
    /// Spaces become marks.
    case metaspace(Metaspace)
    /// Cuts before or behind each occurrence of some bytes, which are not none, or both.
    case literal([UInt8], before: Bool, behind: Bool)
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
    /// The offset in the text of each offset in `bytes`, its end included, where these are not
    /// the bytes of the text.
    var origins: UnsafePointer<Int>?

    /// The offset in the text of an offset in `bytes`.
    @inline(__always)
    func origin(_ position: Int) -> Int {
      if let origins { return origins[position] }
      return position == 0 ? offset : offset + max(0, position - added)
    }
  }

  /// Calls `body` with the words of a text, in order.
  ///
  /// - Parameter isFirst: whether nothing comes before the text.
  func forEachWord(
    of text: UnsafeBufferPointer<UInt8>, isFirst: Bool = true, _ body: (Word) -> Void
  ) {
    forEachWord(
      of: Word(bytes: text, offset: 0, added: 0), step: 0, isFirst: isFirst, body)
  }

  private func forEachWord(of piece: Word, step: Int, isFirst: Bool, _ body: (Word) -> Void) {
    guard let first = piece.bytes.first else { return }
    if step == prefixSpaceStep, first != UInt8(ascii: " ") {
      // The space is there only for the time of this call.
      let spaced = [UInt8(ascii: " ")] + piece.bytes
      spaced.withUnsafeBufferPointer {
        split(
          Word(bytes: $0, offset: piece.offset, added: 1), step: step, isFirst: isFirst, body)
      }
    } else if step < steps.count, case .metaspace(let metaspace) = steps[step] {
      let marked = NormalizedText(
        marking: piece.bytes, with: metaspace.mark,
        prepends: metaspace.prepends == .always || (metaspace.prepends == .first && isFirst))
      let origins = marked.origins.map(piece.origin)
      marked.bytes.withUnsafeBufferPointer { bytes in
        origins.withUnsafeBufferPointer { origins in
          let word = Word(
            bytes: bytes, offset: piece.offset, added: 0, origins: origins.baseAddress)
          if metaspace.splits {
            split(word, step: step, isFirst: isFirst, body)
          } else {
            forEachWord(of: word, step: step + 1, isFirst: isFirst, body)
          }
        }
      }
    } else {
      split(piece, step: step, isFirst: isFirst, body)
    }
  }

  private func split(_ piece: Word, step: Int, isFirst: Bool, _ body: (Word) -> Void) {
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
        case .metaspace(let metaspace):
          Self.endOfPiece(
            from: start, in: text.bytes, at: metaspace.mark, before: true, behind: false)
        case .literal(let literal, let before, let behind):
          Self.endOfPiece(from: start, in: text.bytes, at: literal, before: before, behind: behind)
        }
      let word = Word(
        bytes: UnsafeBufferPointer(rebasing: piece.bytes[start..<end]),
        offset: start == 0 ? piece.offset : piece.offset + start - piece.added,
        added: start == 0 ? piece.added : 0, origins: piece.origins.map { $0 + start })
      if isLast {
        body(word)
      } else {
        forEachWord(of: word, step: step + 1, isFirst: isFirst && start == 0, body)
      }
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

  private static func endOfPiece(
    from start: Int, in text: UnsafeBufferPointer<UInt8>, at literal: [UInt8], before: Bool,
    behind: Bool
  ) -> Int {
    var position = start
    while position < text.count {
      guard text.holds(literal, at: position) else {
        position += 1
        continue
      }
      if before, position > start { return position }
      position += literal.count
      if behind { return position }
    }
    return text.count
  }
}

/// SentencePiece's way with spaces: they become a visible mark, which begins a word.
struct Metaspace: Sendable, Equatable {
  enum Prepends: Sendable { case always, first, never }

  /// Mostly "▁", U+2581.
  var mark: [UInt8]
  /// Which pieces that do not start with a mark get one: all, that at the start of the text, none.
  var prepends: Prepends
  /// Whether the text is cut before each mark.
  var splits: Bool
}
