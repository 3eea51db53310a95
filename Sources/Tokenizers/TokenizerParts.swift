import Files
import Foundation

/// What the files of a tokenizer say, checked.
struct TokenizerParts {
  struct AddedToken {
    let entry: AddedTokens.Entry
    /// Whether it is looked for after normalisation.
    let isNormalized: Bool
  }

  var model: BytePairModel
  var normalizer: Normalizer
  var preTokenizer: PreTokenizer
  var addedTokens: [AddedToken]
  var prefix: [Int]
  var suffix: [Int]
  var endOfText: [UInt8]?
  var decoder: Decoder

  /// Reads the tokenizer of a folder.
  init(folder: URL) throws(TokenizerError) {
    let single = folder.appendingPathComponent("tokenizer.json")
    let vocabulary = folder.appendingPathComponent("vocab.json")
    let merges = folder.appendingPathComponent("merges.txt")
    let settings = try TokenizerSettings(folder: folder)
    if FileManager.default.fileExists(atPath: single.path) {
      try self.init(file: TokenizerFile(single), settings: settings)
    } else if FileManager.default.fileExists(atPath: vocabulary.path),
      FileManager.default.fileExists(atPath: merges.path)
    {
      try self.init(vocabulary: vocabulary, merges: merges, settings: settings)
    } else {
      let others = Self.otherFiles.filter {
        FileManager.default.fileExists(atPath: folder.appendingPathComponent($0).path)
      }
      throw .noTokenizer(folder: folder.path, others: others)
    }
  }

  /// What tokenizers have that is not read, or not alone.
  private static let otherFiles = [
    "vocab.json", "merges.txt", "tokenizer.model", "spiece.model", "tekken.json", "vocab.txt",
  ]

  init(
    model: BytePairModel, normalizer: Normalizer, preTokenizer: PreTokenizer,
    addedTokens: [AddedToken], prefix: [Int], suffix: [Int], endOfText: String?,
    decoder: Decoder = .byteLevel
  ) {
    self.model = model
    self.normalizer = normalizer
    self.preTokenizer = preTokenizer
    self.addedTokens = addedTokens
    self.prefix = prefix
    self.suffix = suffix
    self.decoder = decoder
    let candidates =
      [endOfText].compactMap { $0 }
      + ["<|endoftext|>", "</s>", "<|end_of_text|>", "<|eot_id|>", "<|im_end|>", "<eos>"]
    self.endOfText = candidates.lazy.map { Array($0.utf8) }.first { content in
      addedTokens.contains { $0.entry.content == content }
        || model.vocabulary.id(of: content) != nil
    }
  }
}

/// What tokenizer_config.json adds to the other files; all of it may be absent.
struct TokenizerSettings {
  let path: String
  private let json: JSONValue

  init(folder: URL) throws(TokenizerError) {
    let url = folder.appendingPathComponent("tokenizer_config.json")
    path = url.path
    json = FileManager.default.fileExists(atPath: path) ? try JSONValue(file: url) : [:]
  }

  /// The text of a token such as `eos_token`, which is written as a text or as an object.
  func token(_ key: String) -> String? { json[key]?.string ?? json[key]?["content"]?.string }

  func flag(_ key: String) -> Bool { json[key]?.bool ?? false }

  var tokenizerClass: String? { json["tokenizer_class"]?.string }

  /// The tokens of `added_tokens_decoder`, each with its id as `tokenizer.json` writes it.
  var addedTokens: [(id: Int, token: JSONValue)] {
    (json["added_tokens_decoder"]?.object?.members ?? []).compactMap { key, value in
      Int(key).map { ($0, value) }
    }
  }
}

extension JSONValue {
  /// Reads a file, with the errors of a tokenizer.
  init(file url: URL) throws(TokenizerError) {
    do {
      self = try MappedFile(url).json()
    } catch let error as FileError {
      throw .file(error)
    } catch let error as JSONError {
      throw .syntax(path: url.path, error)
    } catch {
      throw .malformed(path: url.path, reason: "\(error)")
    }
  }
}
