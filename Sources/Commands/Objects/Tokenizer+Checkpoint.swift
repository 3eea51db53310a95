import Checkpoints
import Foundation
import Tokenizers

extension Tokenizer {
  /// The tokenizer of a model: that in its folder or, of a GGUF file without a tokenizer.json beside it,
  /// the one in the file.
  static func of(_ checkpoint: Checkpoint) throws(TokenizerError) -> Tokenizer {
    let beside = checkpoint.folder.appendingPathComponent("tokenizer.json")
    guard let gguf = checkpoint.gguf, !FileManager.default.fileExists(atPath: beside.path) else {
      return try Tokenizer(folder: checkpoint.folder)
    }
    return try Tokenizer(TokenizerListing(gguf, path: checkpoint.config.path))
  }
}

extension TokenizerListing {
  /// What the metadata of a file says of its tokenizer.
  fileprivate init(_ gguf: GGUFFile, path: String) throws(TokenizerError) {
    func value(_ key: String) -> GGUFValue? { gguf.metadata["tokenizer.ggml." + key] }
    func malformed(_ reason: String) -> TokenizerError { .malformed(path: path, reason: reason) }
    func list<Element>(
      _ key: String, _ read: (GGUFList) -> [Element]?
    ) throws(TokenizerError) -> [Element] {
      guard let value = value(key) else { return [] }
      guard case .list(let list) = value, let elements = read(list) else {
        throw malformed("tokenizer.ggml.\(key) is no list of what it should hold")
      }
      return elements
    }
    func flag(_ key: String) -> Bool? {
      if case .boolean(let flag) = value(key) { flag } else { nil }
    }
    func id(_ key: String) -> Int? {
      if case .integer(let id) = value(key + "_token_id") { id } else { nil }
    }
    guard case .string(let model) = value("model"), value("tokens") != nil else {
      throw malformed(
        "it holds no tokenizer (tokenizer.ggml.model and tokens); put the model's tokenizer.json beside it"
      )
    }
    self.init(path: path, model: model, tokens: try list("tokens", \.strings))
    if case .string(let name) = value("pre") { preTokenizer = name }
    kinds = try list("token_type", \.integers)
    scores = try list("scores", \.numbers)
    merges = try list("merges", \.strings)
    beginOfText = id("bos")
    endOfText = id("eos")
    unknown = id("unknown")
    addsBeginOfText = flag("add_bos_token")
    addsEndOfText = flag("add_eos_token")
    addsSpacePrefix = flag("add_space_prefix")
  }
}
