extension Tokenizer {
  /// The text of some tokens; bytes that are not whole UTF-8 become U+FFFD, unknown ids nothing.
  public func decode(_ ids: [Int]) -> String {
    String(decoding: ids.flatMap { bytes(of: $0) ?? [] }, as: UTF8.self)
  }

  /// The bytes that a token stands for, which may be a part of a character only; nil if there is
  /// no such token.
  public func bytes(of id: Int) -> [UInt8]? {
    addedContents[id] ?? model.vocabulary.bytes(of: id).map(Array.init)
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
    return addedContents.first { $0.value == bytes }?.key ?? model.vocabulary.id(of: bytes)
  }
}
