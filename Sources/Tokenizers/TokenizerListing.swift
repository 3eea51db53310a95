/// A tokenizer as plain lists, as a GGUF file holds it: what tokenizer.json says elsewhere.
public struct TokenizerListing: Sendable {
  /// What a token is, by the numbers that stand for it.
  enum Kind: Int {
    case normal = 1
    case unknown, control, userDefined, unused, byte
  }

  /// The file, for messages.
  public let path: String
  /// "gpt2" for byte-level tokens with merges, "llama" for SentencePiece's with scores.
  public let model: String
  /// The tokens as their vocabulary writes them; a token's id is its place.
  public let tokens: [String]
  /// How text is cut into words; of "gpt2" only.
  public var preTokenizer: String?
  /// What each token is: normal 1, unknown 2, control 3, user-defined 4, unused 5, byte 6; empty if all
  /// are normal.
  public var kinds: [Int] = []
  /// The higher, the earlier a token is merged; of "llama" only.
  public var scores: [Double] = []
  /// Pairs of tokens with a space between, the earliest first; of "gpt2" only.
  public var merges: [String] = []
  public var beginOfText: Int?
  public var endOfText: Int?
  public var unknown: Int?
  /// Whether a text gets these around it; nil for what is usual.
  public var addsBeginOfText: Bool?
  public var addsEndOfText: Bool?
  public var addsSpacePrefix: Bool?

  public init(path: String, model: String, tokens: [String]) {
    self.path = path
    self.model = model
    self.tokens = tokens
  }

  /// Bytes of the longest token that is merged: each is looked up in every two parts.
  fileprivate static let longest = 512

  func kind(_ id: Int) -> Kind {
    kinds.indices.contains(id) ? Kind(rawValue: kinds[id]) ?? .normal : .normal
  }
}

extension Tokenizer {
  /// The tokenizer that a listing describes.
  ///
  /// - Throws: ``TokenizerError``, if it is incomplete, or asks for something that would give other ids
  ///   than the model was trained on.
  public convenience init(_ listing: TokenizerListing) throws(TokenizerError) {
    self.init(try TokenizerParts(listing))
  }
}

extension TokenizerParts {
  init(_ listing: TokenizerListing) throws(TokenizerError) {
    guard listing.tokens.count <= Vocabulary.idLimit else {
      throw listing.malformed("it has \(listing.tokens.count) tokens, which no model has")
    }
    switch listing.model {
    case "gpt2": try self.init(byteLevel: listing)
    case "llama": try self.init(pieces: listing)
    case let model:
      throw listing.unsupported(
        "model", model, supported: "gpt2 (byte-level BPE), llama (SentencePiece)")
    }
  }

  private init(byteLevel listing: TokenizerListing) throws(TokenizerError) {
    let rules = try listing.wordRules()
    var builder = BytePairBuilder(path: listing.path)
    builder.setVocabulary(listing.tokens)
    for merge in listing.merges { try builder.addMerge(line: Substring(merge)) }
    self.init(
      model: try builder.model(ignoresMerges: rules.ignoresMerges), normalizer: rules.normalizer,
      preTokenizer: PreTokenizer(steps: rules.steps, prefixSpaceStep: nil),
      addedTokens: listing.addedTokens(),
      prefix: try listing.prefix(default: rules.ignoresMerges), suffix: try listing.suffix(),
      endOfText: listing.text(of: listing.endOfText))
  }

  private init(pieces listing: TokenizerListing) throws(TokenizerError) {
    guard listing.scores.count == listing.tokens.count else {
      throw listing.malformed(
        "there are \(listing.tokens.count) tokens, but \(listing.scores.count) scores")
    }
    var builder = BytePairBuilder(path: listing.path, isByteLevel: false)
    builder.setVocabulary(listing.tokens)
    try builder.setMerges(of: listing)
    let mark = [UInt8]("▁".utf8)
    let space = [UInt8(ascii: " ")]
    let prepends = listing.addsSpacePrefix ?? true
    let unknown = listing.unknown ?? listing.tokens.indices.first { listing.kind($0) == .unknown }
    self.init(
      model: try builder.scalarModel(
        ignoresMerges: false,
        fallsBack: listing.kinds.contains(TokenizerListing.Kind.byte.rawValue),
        unknown: listing.text(of: unknown), fusesUnknown: true),
      normalizer: Normalizer(
        steps: (prepends ? [.prepend(mark)] : []) + [.replace(space, with: mark)]),
      preTokenizer: PreTokenizer(steps: [], prefixSpaceStep: nil),
      addedTokens: listing.addedTokens(),
      prefix: try listing.prefix(default: true), suffix: try listing.suffix(),
      endOfText: listing.text(of: listing.endOfText),
      decoder: .steps(
        [.replace(mark, with: space), .byteFallback, .fuse]
          + (prepends ? [.strip(space, start: 1, stop: 0)] : [])))
  }
}

extension TokenizerListing {
  fileprivate func malformed(_ reason: String) -> TokenizerError {
    .malformed(path: path, reason: "tokenizer.ggml: " + reason)
  }

  fileprivate func unsupported(
    _ part: String, _ found: String, supported: String
  ) -> TokenizerError {
    .unsupported(path: path, part: "tokenizer.ggml." + part, found: found, supported: supported)
  }

  fileprivate func text(of id: Int?) -> String? {
    id.flatMap { tokens.indices.contains($0) ? tokens[$0] : nil }
  }

  /// Tokens that are found in a text as they are.
  fileprivate func addedTokens() -> [TokenizerParts.AddedToken] {
    tokens.indices.compactMap { id in
      switch kind(id) {
      case .control, .userDefined, .unknown:
        tokens[id].isEmpty
          ? nil : TokenizerParts.AddedToken(special: Array(tokens[id].utf8), id: id)
      case .normal, .unused, .byte: nil
      }
    }
  }

  fileprivate func prefix(default adds: Bool) throws(TokenizerError) -> [Int] {
    try around(addsBeginOfText ?? adds, beginOfText, "bos_token_id")
  }

  fileprivate func suffix() throws(TokenizerError) -> [Int] {
    try around(addsEndOfText ?? false, endOfText, "eos_token_id")
  }

  private func around(_ adds: Bool, _ id: Int?, _ key: String) throws(TokenizerError) -> [Int] {
    guard adds else { return [] }
    guard let id, tokens.indices.contains(id) else {
      throw malformed("\(key) should name the token that a text gets")
    }
    return [id]
  }

  /// What `pre` stands for.
  fileprivate func wordRules() throws(TokenizerError) -> (
    steps: [PreTokenizer.Step], normalizer: Normalizer, ignoresMerges: Bool
  ) {
    switch preTokenizer {
    case "gpt-2", "gpt2", "phi-2": ([.words(.gpt2)], .none, false)
    case "olmo", "mpt": ([.words(.gpt2)], .canonicalComposition, false)
    // LLaMA 3, whose texts begin with a token of their own, too.
    case "llama-bpe", "llama3", "llama-v3": ([.words(.llama3)], .none, true)
    case "smaug-bpe", "dbrx": ([.words(.llama3)], .none, false)
    case "qwen2", "deepseek-r1-qwen": ([.words(.qwen2)], .canonicalComposition, false)
    case "smollm", "starcoder", "refact":
      ([.digits(individually: true), .words(.gpt2)], .none, false)
    case let other:
      throw unsupported(
        "pre", other ?? "missing",
        supported: "gpt-2, phi-2, mpt, olmo, llama-bpe, smaug-bpe, dbrx, qwen2, smollm, starcoder, "
          + "refact; or put the model's tokenizer.json beside the file")
    }
  }
}

extension BytePairBuilder {
  /// The merges that scores stand for: two neighbours become one token if there is such a token, the one
  /// with the highest score first, of equal ones that which comes first in the vocabulary.
  fileprivate mutating func setMerges(of listing: TokenizerListing) throws(TokenizerError) {
    let results = listing.tokens.indices.filter { id in
      switch listing.kind(id) {
      case .normal, .userDefined, .unused: true
      case .unknown, .control, .byte: false
      }
    }
    let isResult = Set(results)
    let scores = listing.scores
    guard scores.allSatisfy(\.isFinite) else { throw listing.malformed("a score is no number") }
    let ordered = results.sorted { (-scores[$0], $0) < (-scores[$1], $1) }
    for (rank, id) in ordered.enumerated() {
      let bytes = Array(listing.tokens[id].utf8)
      guard bytes.count <= TokenizerListing.longest else {
        throw listing.malformed("token \(id) has \(bytes.count) bytes, which no model's has")
      }
      // Of equal tokens only the first is ever found.
      guard bytes.withUnsafeBytes({ vocabulary.id(of: $0) }) == id else { continue }
      for middle in bytes.indices.dropFirst() where bytes[middle] & 0b1100_0000 != 0b1000_0000 {
        let parts = bytes.withUnsafeBytes { bytes in
          (
            vocabulary.id(of: UnsafeRawBufferPointer(rebasing: bytes[..<middle])),
            vocabulary.id(of: UnsafeRawBufferPointer(rebasing: bytes[middle...]))
          )
        }
        guard let left = parts.0, let right = parts.1, isResult.contains(left),
          isResult.contains(right)
        else { continue }
        addMerge(left, right, result: id, rank: rank)
      }
    }
  }
}
