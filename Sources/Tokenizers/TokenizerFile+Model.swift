import Files

extension TokenizerFile {
  /// The model, if it is byte-pair encoding.
  func bytePairs() throws(TokenizerError) -> JSONValue {
    guard let model = json["model"] else { throw malformed("there is no model") }
    let type = model["type"]?.string ?? (model["merges"] == nil ? "missing" : "BPE")
    guard type == "BPE" else { throw unsupported("model", type, supported: "BPE") }
    return model
  }

  /// Reads the model: byte-pair encoding, without the options that change what it computes.
  func model(isByteLevel: Bool) throws(TokenizerError) -> BytePairModel {
    let model = try bytePairs()
    for option in ["continuing_subword_prefix", "end_of_word_suffix"] {
      if let value = model[option], !value.isNull, value.string != "" {
        throw unsupported("model's \(option)", value.text, supported: "null")
      }
    }
    if let dropout = model["dropout"], !dropout.isNull, dropout.double != 0 {
      throw unsupported("model's dropout", dropout.text, supported: "null")
    }
    let fallsBack = model["byte_fallback"]?.bool ?? false
    if isByteLevel, fallsBack {
      throw unsupported("byte-level model's byte_fallback", "true", supported: "false")
    }
    guard let vocabulary = model["vocab"]?.object, let merges = model["merges"]?.array else {
      throw malformed("the model has no vocab or no merges")
    }
    var builder = BytePairBuilder(path: path, isByteLevel: isByteLevel)
    try builder.setVocabulary(vocabulary)
    for merge in merges {
      if let line = merge.string {
        try builder.addMerge(line: Substring(line))
      } else if let pair = merge.array, pair.count == 2, let left = pair[0].string,
        let right = pair[1].string
      {
        try builder.addMerge(left, right)
      } else {
        throw malformed("the merge \(merge.text) is not a pair of tokens")
      }
    }
    let ignoresMerges = model["ignore_merges"]?.bool ?? false
    if isByteLevel { return try builder.model(ignoresMerges: ignoresMerges) }
    return try builder.scalarModel(
      ignoresMerges: ignoresMerges, fallsBack: fallsBack, unknown: model["unk_token"]?.string,
      fusesUnknown: model["fuse_unk"]?.bool ?? false)
  }
}

/// Puts the tables of a model together, from either kind of file.
struct BytePairBuilder {
  let path: String
  /// Whether the pieces are written in the ``ByteAlphabet``; else they are what they stand for.
  let isByteLevel: Bool
  private(set) var vocabulary = Vocabulary(storage: [], entries: [])
  private(set) var merges: [MergeTable.Merge] = []
  private var scratch: [UInt8] = []

  init(path: String, isByteLevel: Bool = true) {
    self.path = path
    self.isByteLevel = isByteLevel
  }

  func malformed(_ reason: String) -> TokenizerError {
    .malformed(path: path, reason: reason)
  }

  mutating func setVocabulary(_ object: JSONObject) throws(TokenizerError) {
    var storage: [UInt8] = []
    var entries: [(id: Int, bytes: Range<Int>, findable: Bool)] = []
    entries.reserveCapacity(object.count)
    let idLimit = Vocabulary.idLimit(tokens: object.count)
    for (piece, value) in object.members {
      guard let id = value.int, (0..<idLimit).contains(id) else {
        throw malformed("the vocabulary's \"\(piece)\" has the id \(value.text)")
      }
      let start = storage.count
      // A piece outside the alphabet is never found by merging, and stands for itself.
      let findable = append(piece, to: &storage)
      if !findable { storage.append(contentsOf: piece.utf8) }
      entries.append((id, start..<storage.count, findable))
    }
    vocabulary = Vocabulary(storage: storage, entries: entries)
  }

  /// The vocabulary in which a token's place is its id.
  mutating func setVocabulary(_ tokens: [String]) {
    var storage: [UInt8] = []
    var entries: [(id: Int, bytes: Range<Int>, findable: Bool)] = []
    entries.reserveCapacity(tokens.count)
    for (id, piece) in tokens.enumerated() {
      let start = storage.count
      let findable = append(piece, to: &storage)
      if !findable { storage.append(contentsOf: piece.utf8) }
      entries.append((id, start..<storage.count, findable))
    }
    vocabulary = Vocabulary(storage: storage, entries: entries)
  }

  /// Appends the bytes of a piece, if it can be found by merging.
  private func append(_ piece: String, to bytes: inout [UInt8]) -> Bool {
    if isByteLevel { return ByteAlphabet.append(piece, to: &bytes) }
    bytes.append(contentsOf: piece.utf8)
    return true
  }

  /// Adds a merge that is written as two tokens with a space between.
  mutating func addMerge(line: Substring) throws(TokenizerError) {
    // At the first space as a byte: what follows it may be a combining mark.
    let bytes = line.utf8
    guard let space = bytes.firstIndex(of: UInt8(ascii: " ")) else {
      throw malformed("the merge \"\(line)\" is not a pair of tokens")
    }
    try addMerge(String(line[..<space]), String(line[bytes.index(after: space)...]))
  }

  mutating func addMerge(_ left: String, _ right: String) throws(TokenizerError) {
    scratch.removeAll(keepingCapacity: true)
    // A merge of pieces outside the alphabet can never happen.
    guard append(left, to: &scratch) else { return }
    let middle = scratch.count
    guard append(right, to: &scratch) else { return }
    let ids = scratch.withUnsafeBytes { bytes in
      (
        vocabulary.id(of: UnsafeRawBufferPointer(rebasing: bytes[..<middle])),
        vocabulary.id(of: UnsafeRawBufferPointer(rebasing: bytes[middle...])),
        vocabulary.id(of: bytes)
      )
    }
    guard let first = ids.0, let second = ids.1, let result = ids.2 else {
      throw malformed(
        "of the merge \"\(left)\" + \"\(right)\" a part or the result is not in the vocabulary")
    }
    addMerge(first, second, result: result, rank: merges.count)
  }

  /// Adds a merge of tokens of the vocabulary.
  mutating func addMerge(_ left: Int, _ right: Int, result: Int, rank: Int) {
    merges.append(
      MergeTable.Merge(
        left: UInt32(truncatingIfNeeded: left), right: UInt32(truncatingIfNeeded: right),
        result: UInt32(truncatingIfNeeded: result), rank: UInt32(truncatingIfNeeded: rank)))
  }

  func model(ignoresMerges: Bool) throws(TokenizerError) -> BytePairModel {
    var byteTokens = [UInt32](repeating: 0, count: 256)
    for byte in UInt8.min ... .max {
      if let id = vocabulary.id(of: [byte]) {
        byteTokens[Int(byte)] = UInt32(truncatingIfNeeded: id)
      } else if !Self.isNeverInUTF8(byte) {
        throw malformed(
          "the vocabulary has no token for byte 0x\(String(byte, radix: 16)); it is not byte-level")
      }
    }
    return BytePairModel(
      vocabulary: vocabulary, merges: MergeTable(merges), alphabet: .bytes(byteTokens),
      ignoresMerges: ignoresMerges)
  }

  static func isNeverInUTF8(_ byte: UInt8) -> Bool {
    byte == 0xC0 || byte == 0xC1 || byte >= 0xF5
  }
}
