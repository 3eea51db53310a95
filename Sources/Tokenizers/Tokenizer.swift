import Foundation

/// A byte-pair tokenizer, of GPT-2's byte-level kind or of SentencePiece's: the same ids as Hugging Face's `tokenizers`, for any text.
///
/// A tokenizer is a value that never changes; any number of threads may use it at once.
public final class Tokenizer: Sendable {
  /// Largest id + 1.
  public let vocabularyCount: Int
  /// The token that ends a text (`<|endoftext|>`, `</s>`, …), if there is one.
  public let endOfText: Int?

  let model: BytePairModel
  let normalizer: Normalizer
  let preTokenizer: PreTokenizer
  /// Tokens looked for before normalisation, and those looked for after it.
  let rawTokens: AddedTokens
  let normalizedTokens: AddedTokens
  /// The texts of added tokens, by id.
  let addedContents: [Int: [UInt8]]
  /// The same as they are found: those that are looked for after normalisation normalised.
  let addedPieces: [Int: [UInt8]]
  /// What the post-processor puts before and behind a text.
  let prefix: [Int]
  let suffix: [Int]
  let decoder: Decoder

  /// Loads the tokenizer of a model's folder: tokenizer.json, or else vocab.json and merges.txt.
  ///
  /// - Throws: ``TokenizerError``, if a file is missing or broken, or asks for something that
  ///   would give other ids than `tokenizers`.
  public convenience init(folder: URL) throws(TokenizerError) {
    self.init(try TokenizerParts(folder: folder))
  }

  init(_ parts: TokenizerParts) {
    model = parts.model
    normalizer = parts.normalizer
    decoder = parts.decoder
    preTokenizer = parts.preTokenizer
    let raw = parts.addedTokens.filter { !$0.isNormalized }.map(\.entry)
    let normalized = parts.addedTokens.filter(\.isNormalized).map {
      $0.entry.normalized(parts.normalizer)
    }
    rawTokens = AddedTokens(raw)
    normalizedTokens = AddedTokens(normalized)
    addedPieces = Dictionary(
      (raw + normalized).map { ($0.id, $0.content) }, uniquingKeysWith: { $1 })
    addedContents = Dictionary(
      parts.addedTokens.map { ($0.entry.id, $0.entry.content) }, uniquingKeysWith: { $1 })
    prefix = parts.prefix
    suffix = parts.suffix
    let largestAdded = parts.addedTokens.map(\.entry.id).max() ?? -1
    vocabularyCount = max(model.vocabulary.count, largestAdded + 1)
    endOfText = parts.endOfText.flatMap { content in
      parts.addedTokens.first { $0.entry.content == content }?.entry.id
        ?? parts.model.vocabulary.id(of: content)
    }
  }

  /// The tokens of a text.
  ///
  /// Added tokens such as `<|endoftext|>` are found where they stand in the text.
  ///
  /// - Parameters:
  ///   - text: any text.
  ///   - addSpecialTokens: whether to add what the tokenizer's post-processor puts around a text
  ///     (a begin-of-text token, say); most byte-level tokenizers add nothing.
  /// - Complexity: *n* log *n* in the number of bytes, for any text.
  public func encode(_ text: String, addSpecialTokens: Bool = true) -> [Token] {
    var text = text
    return text.withUTF8 { bytes in
      var encoding = Encoding(self)
      encoding.tokens.reserveCapacity(bytes.count / 3 + 4)
      if addSpecialTokens { encoding.add(prefix, at: 0) }
      encoding.encode(bytes)
      if addSpecialTokens { encoding.add(suffix, at: bytes.count) }
      return encoding.tokens
    }
  }

  /// The ids of a text's tokens, with those that the post-processor adds.
  public func ids(_ text: String) -> [Int] { encode(text).map(\.id) }
}
