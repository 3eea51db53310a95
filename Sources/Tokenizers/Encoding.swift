/// The work of encoding one text.
struct Encoding {
  var tokens: [Token] = []
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
    for part in tokenizer.normalizedTokens.parts(of: text) {
      let start = part.range.lowerBound
      if let id = part.id {
        tokens.append(
          Token(id: id, bytes: origin(start)..<origin(part.range.upperBound)))
        continue
      }
      let piece = UnsafeBufferPointer(rebasing: text[part.range])
      tokenizer.preTokenizer.forEachWord(of: piece, isFirst: origin(start) == 0) { word in
        encode(word) { origin(start + $0) }
      }
    }
  }

  @inline(__always)
  private mutating func encode(_ word: PreTokenizer.Word, origin: (Int) -> Int) {
    tokenizer.model.encode(word.bytes, &scratch)
    var position = 0
    var begin = origin(word.origin(0))
    for (index, id) in scratch.ids.enumerated() {
      position +=
        scratch.lengths.isEmpty
        ? tokenizer.model.vocabulary.length(of: id) : scratch.lengths[index]
      let end = origin(word.origin(position))
      // Within a character that was changed every offset leads to its end: of a token that begins
      // there, the character is its text as it is that of the token before.
      var (start, back) = (begin, position)
      while start == end, back > 0 {
        back -= 1
        start = origin(word.origin(back))
      }
      tokens.append(Token(id: Int(id), bytes: start..<end))
      begin = end
    }
  }
}
