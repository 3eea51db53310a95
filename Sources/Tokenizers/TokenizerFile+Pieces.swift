import Files

// The stages of tokenizers of SentencePiece's kind, whose vocabulary is written as plain text with
// a mark for the space: LLaMA 1 and 2, Mistral, Gemma.

extension TokenizerFile {
  func normalizer(isByteLevel: Bool) throws(TokenizerError) -> Normalizer {
    var normalizer = Normalizer.none
    for (type, step) in try steps(of: json["normalizer"], list: "normalizers", part: "normalizer") {
      switch (type, isByteLevel) {
      case ("NFC", _): normalizer.steps.append(.canonicalComposition)
      case ("Prepend", false):
        guard let added = step["prepend"]?.string else {
          throw malformed("the Prepend normalizer has nothing to prepend")
        }
        normalizer.steps.append(.prepend(Array(added.utf8)))
      case ("Replace", false):
        let (old, new) = try replacement(step, of: "normalizer")
        normalizer.steps.append(.replace(old, with: new))
      default:
        throw unsupported(
          isByteLevel ? "byte-level tokenizer's normalizer" : "normalizer", type,
          supported: isByteLevel
            ? "none, NFC, Sequence of these" : "none, NFC, Prepend, Replace, Sequence of these")
      }
    }
    return normalizer
  }

  func piecePreTokenizer() throws(TokenizerError) -> PreTokenizer {
    var result = PreTokenizer(steps: [], prefixSpaceStep: nil)
    let steps = try steps(
      of: json["pre_tokenizer"], list: "pretokenizers", part: "pre-tokenizer")
    for (type, step) in steps {
      switch type {
      case "Metaspace": result.steps.append(.metaspace(try metaspace(step)))
      case "Split": result.steps.append(try literalSplit(step))
      case "Digits":
        result.steps.append(.digits(individually: step["individual_digits"]?.bool ?? false))
      default:
        throw unsupported(
          "pre-tokenizer", type, supported: "none, Metaspace, Split, Digits, Sequence of these")
      }
    }
    return result
  }

  func pieceDecoder() throws(TokenizerError) -> Decoder {
    var result: [Decoder.Step] = []
    let supported = "Replace, ByteFallback, Fuse, Strip, Metaspace, Sequence of these; ByteLevel"
    for (type, step) in try steps(of: json["decoder"], list: "decoders", part: "decoder") {
      switch type {
      case "Replace":
        let (old, new) = try replacement(step, of: "decoder")
        result.append(.replace(old, with: new))
      case "ByteFallback": result.append(.byteFallback)
      case "Fuse": result.append(.fuse)
      case "Strip":
        guard let content = step["content"]?.string, content.unicodeScalars.count == 1,
          let start = step["start"]?.int, let stop = step["stop"]?.int, start >= 0, stop >= 0
        else { throw malformed("the Strip decoder does not say what to strip") }
        result.append(.strip(Array(content.utf8), start: start, stop: stop))
      case "Metaspace": result.append(.metaspace(try metaspace(step)))
      default: throw unsupported("decoder", type, supported: supported)
      }
    }
    if result.isEmpty { throw unsupported("decoder", "none", supported: supported) }
    return .steps(result)
  }

  private func replacement(
    _ step: JSONValue, of part: String
  ) throws(TokenizerError) -> ([UInt8], [UInt8]) {
    guard let content = step["content"]?.string else {
      throw malformed("the Replace \(part) has no content")
    }
    return (try literal(step, of: "Replace \(part)'s pattern"), Array(content.utf8))
  }

  private func literal(_ step: JSONValue, of part: String) throws(TokenizerError) -> [UInt8] {
    guard let pattern = step["pattern"]?["String"]?.string, !pattern.isEmpty else {
      throw unsupported(
        part, step["pattern"]?.text ?? "missing", supported: "a String that is not empty")
    }
    return Array(pattern.utf8)
  }

  private func literalSplit(_ step: JSONValue) throws(TokenizerError) -> PreTokenizer.Step {
    if let expression = step["pattern"]?["Regex"]?.string {
      guard let pattern = WordPattern(expression: expression) else {
        throw unsupported(
          "Split pattern", expression,
          supported: "a String; those of GPT-2, Llama 3 (cl100k) and Qwen 2")
      }
      switch (step["behavior"]?.string, step["invert"]?.bool ?? false) {
      case ("Isolated", _), ("Removed", true): return .words(pattern)
      default: break
      }
    }
    let literal =
      step["pattern"]?["Regex"] == nil ? try literal(step, of: "Split pattern") : []
    let behavior = step["behavior"]?.string ?? "missing"
    let isInverted = step["invert"]?.bool ?? false
    if !literal.isEmpty, !isInverted {
      switch behavior {
      case "Isolated": return .literal(literal, before: true, behind: true)
      case "MergedWithPrevious": return .literal(literal, before: false, behind: true)
      case "MergedWithNext": return .literal(literal, before: true, behind: false)
      default: break
      }
    }
    throw unsupported(
      "Split behavior", "\(behavior)\(isInverted ? ", inverted" : "")",
      supported: "Isolated; at a String MergedWithPrevious and MergedWithNext, not inverted")
  }

  /// Reads a Metaspace, which older files write with `add_prefix_space`.
  private func metaspace(_ step: JSONValue) throws(TokenizerError) -> Metaspace {
    guard let mark = step["replacement"]?.string, mark.unicodeScalars.count == 1 else {
      throw malformed("the Metaspace has no replacement")
    }
    let prepends: Metaspace.Prepends
    switch step["prepend_scheme"]?.string {
    case "always": prepends = .always
    case "first": prepends = .first
    case "never": prepends = .never
    case let other?:
      throw unsupported("Metaspace's prepend_scheme", other, supported: "always, first, never")
    case nil: prepends = .always
    }
    if step["add_prefix_space"]?.bool == false, prepends != .never {
      throw malformed("the Metaspace's add_prefix_space and prepend_scheme disagree")
    }
    return Metaspace(
      mark: Array(mark.utf8), prepends: prepends, splits: step["split"]?.bool ?? true)
  }
}

extension BytePairBuilder {
  /// The model of a vocabulary that is written as plain text.
  func scalarModel(
    ignoresMerges: Bool, fallsBack: Bool, unknown: String?, fusesUnknown: Bool
  ) throws(TokenizerError) -> BytePairModel {
    var bytes: [Int32]?
    if fallsBack {
      bytes = (UInt8.min ... .max).map { byte in
        let digits = String(byte, radix: 16, uppercase: true)
        let piece = "<0x\(digits.count == 1 ? "0" : "")\(digits)>"
        return vocabulary.id(of: piece.utf8).map { Int32(truncatingIfNeeded: $0) } ?? -1
      }
    }
    let unknownID = unknown.flatMap { vocabulary.id(of: $0.utf8) }
    let isComplete = bytes.map { bytes in
      (UInt8.min ... .max).allSatisfy { Self.isNeverInUTF8($0) || bytes[Int($0)] >= 0 }
    }
    if unknownID == nil, isComplete != true {
      if let unknown { throw malformed("the unk_token \(unknown) is not in the vocabulary") }
      throw .unsupported(
        path: path, part: "model's unk_token", found: "none",
        supported: "a token, or byte_fallback with a token for each byte")
    }
    // A token that stands for what has no token of its own has another length than its text.
    let special = Set(([unknownID].compactMap { $0 } + (bytes ?? []).map(Int.init)))
    var joints: Set<UInt64> = []
    for merge in merges {
      for id in [merge.left, merge.right] where special.contains(Int(id)) {
        throw .unsupported(
          path: path, part: "model's merges",
          found: "a merge of the token \(id), which stands for unknown text",
          supported: "merges of texts")
      }
      if let last = lastScalar(of: merge.left), let first = firstScalar(of: merge.right) {
        joints.insert(ScalarAlphabet.pair(last, first))
      }
    }
    let alphabet = ScalarAlphabet(
      vocabulary: vocabulary, bytes: bytes,
      unknown: unknownID.map(UInt32.init(truncatingIfNeeded:)),
      fusesUnknown: fusesUnknown, joints: joints)
    return BytePairModel(
      vocabulary: vocabulary, merges: MergeTable(merges), alphabet: .scalars(alphabet),
      ignoresMerges: ignoresMerges)
  }

  private func firstScalar(of id: UInt32) -> UInt32? {
    guard let bytes = vocabulary.bytes(of: Int(id)), !bytes.isEmpty else { return nil }
    let count = bytes.dropFirst().prefix { $0 & 0b1100_0000 == 0b1000_0000 }.count + 1
    return vocabulary.id(of: bytes.prefix(count)).map(UInt32.init(truncatingIfNeeded:))
  }

  private func lastScalar(of id: UInt32) -> UInt32? {
    guard let bytes = vocabulary.bytes(of: Int(id)) else { return nil }
    guard let start = bytes.lastIndex(where: { $0 & 0b1100_0000 != 0b1000_0000 }) else {
      return nil
    }
    return vocabulary.id(of: bytes[start...]).map(UInt32.init(truncatingIfNeeded:))
  }
}
