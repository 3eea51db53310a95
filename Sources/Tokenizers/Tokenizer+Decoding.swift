extension Tokenizer {
  /// The text of some tokens; bytes that are not whole UTF-8 become U+FFFD, unknown ids nothing.
  ///
  /// SentencePiece's kind puts a space in front of a text when it is encoded, and so removes one
  /// from the front of what is decoded.
  public func decode(_ ids: [Int]) -> String {
    switch decoder {
    case .byteLevel: String(decoding: ids.flatMap { bytes(of: $0) ?? [] }, as: UTF8.self)
    case .steps(let steps): steps.decode(ids.compactMap(writtenPiece))
    }
  }

  /// A token as the decoder's steps take it: to `tokenizers` 0.23 an added token that is looked
  /// for after normalisation is the normalised one, "▁<s>" where a mark is put in front.
  private func writtenPiece(_ id: Int) -> [UInt8]? {
    addedPieces[id] ?? model.vocabulary.bytes(of: id).map(Array.init)
  }

  /// The bytes that a token stands for, which may be a part of a character only; nil if there is
  /// no such token.
  public func bytes(of id: Int) -> [UInt8]? {
    if let added = addedContents[id] { return added }
    let piece = model.vocabulary.bytes(of: id).map(Array.init)
    guard case .steps(let steps) = decoder else { return piece }
    return piece.map(steps.bytes)
  }

  /// A token by itself, to be read by people: bytes that are not whole UTF-8 are shown as
  /// `\xNN`.
  public func piece(_ id: Int) -> String {
    guard let bytes = bytes(of: id) else { return "<no token \(id)>" }
    var piece = ""
    var parser = Unicode.UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var offset = 0
    while true {
      switch parser.parseScalar(from: &iterator) {
      case .valid(let encoded):
        piece.unicodeScalars.append(Unicode.UTF8.decode(encoded))
        offset += encoded.count
      case .error(let length):
        for byte in bytes[offset..<offset + length] {
          let digits = String(byte, radix: 16, uppercase: true)
          piece += "\\x" + (digits.count == 1 ? "0" : "") + digits
        }
        offset += length
      case .emptyInput: return piece
      }
    }
  }

  /// The token that stands for exactly this text; nil if none does.
  public func id(of piece: String) -> Int? {
    let bytes = Array(piece.utf8)
    if let added = addedContents.first(where: { $0.value == bytes }) { return added.key }
    guard case .steps(let steps) = decoder else { return model.vocabulary.id(of: bytes) }
    var candidates = [steps.piece(of: bytes), bytes]
    if bytes.count == 1 {
      let digits = String(bytes[0], radix: 16, uppercase: true)
      candidates.append(Array("<0x\(digits.count == 1 ? "0" : "")\(digits)>".utf8))
    }
    return candidates.lazy.compactMap { self.model.vocabulary.id(of: $0) }
      .first { self.bytes(of: $0) == bytes }
  }
}
