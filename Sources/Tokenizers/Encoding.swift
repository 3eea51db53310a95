/// The work of encoding one text.
struct Encoding {
  var tokens: [Token] = []
  /// The token before, of the same normalised stretch: its range of the text, and of the stretch.
  private var before: (bytes: Range<Int>, place: Range<Int>)?
  private let tokenizer: Tokenizer
  private var scratch = BytePairModel.Scratch()

  init(_ tokenizer: Tokenizer) { self.tokenizer = tokenizer }

  /// Adds tokens that stand for nothing in the text.
  mutating func add(_ ids: [Int], at offset: Int) {
    tokens.append(contentsOf: ids.map { Token(id: $0, bytes: offset..<offset) })
  }

  /// Adds the tokens of a text.
  mutating func encode(_ text: UnsafeBufferPointer<UInt8>) {
    for part in tokenizer.rawTokens.parts(of: text) {
      let start = part.range.lowerBound
      if let id = part.id {
        tokens.append(Token(id: id, bytes: part.range))
        continue
      }
      let piece = UnsafeBufferPointer(rebasing: text[part.range])
      if let normalized = NormalizedText(piece, tokenizer.normalizer) {
        normalized.bytes.withUnsafeBufferPointer { bytes in
          encode(normalized: bytes) { start + normalized.origin($0) }
        }
      } else {
        encode(normalized: piece) { start + $0 }
      }
    }
  }

  private mutating func encode(
    normalized text: UnsafeBufferPointer<UInt8>, origin: (Int) -> Int
  ) {
    before = nil
    for part in tokenizer.normalizedTokens.parts(of: text) {
      let start = part.range.lowerBound
      if let id = part.id {
        append(id, at: part.range, origin)
        continue
      }
      let piece = UnsafeBufferPointer(rebasing: text[part.range])
      tokenizer.preTokenizer.forEachWord(of: piece, isFirst: origin(start) == 0) { word in
        encode(word, from: start, origin)
      }
    }
  }

  @inline(__always)
  private mutating func encode(
    _ word: PreTokenizer.Word, from start: Int, _ origin: (Int) -> Int
  ) {
    tokenizer.model.encode(word.bytes, &scratch)
    var position = 0
    let first = start + word.origin(0)
    var begin = first
    for (index, id) in scratch.ids.enumerated() {
      position +=
        scratch.lengths.isEmpty
        ? tokenizer.model.vocabulary.length(of: id) : scratch.lengths[index]
      let end = start + word.origin(position)
      if end == first {
        // A space or mark that is not of the text.
        add([Int(id)], at: origin(first))
      } else {
        append(Int(id), at: begin..<end, origin)
      }
      begin = end
    }
  }

  /// Adds a token of a place in the normalised stretch.
  @inline(__always)
  private mutating func append(_ id: Int, at place: Range<Int>, _ origin: (Int) -> Int) {
    let end = origin(place.upperBound)
    var start = origin(place.lowerBound)
    // Within a character that was changed every offset leads to its end: a token that lies within
    // has the text of all of it, as far as the token before reaches back.
    if start == end, let before {
      start = before.bytes.lowerBound
      for offset in before.place.reversed() where origin(offset) < end {
        start = origin(offset)
        break
      }
    }
    before = (start..<end, place)
    tokens.append(Token(id: id, bytes: start..<end))
  }
}
