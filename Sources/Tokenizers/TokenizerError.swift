import Files

/// Why a tokenizer cannot be loaded, and what would help.
public enum TokenizerError: Error, Sendable, Equatable {
  /// The folder has neither tokenizer.json nor vocab.json with merges.txt, but perhaps other files of
  /// tokenizers.
  case noTokenizer(folder: String, others: [String] = [])
  case file(FileError)
  case syntax(path: String, JSONError)
  /// A part of the file is missing or holds something else than it should.
  case malformed(path: String, reason: String)
  /// A part of the file asks for something that is not computed; `supported` lists what is.
  case unsupported(path: String, part: String, found: String, supported: String)
}

extension TokenizerError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noTokenizer(let folder, let others):
      if others.isEmpty {
        "there is no tokenizer in \(folder): it needs tokenizer.json, or vocab.json and merges.txt"
      } else {
        "of the tokenizer in \(folder) there is \(others.joined(separator: ", ")) only; it needs "
          + "tokenizer.json, or vocab.json and merges.txt. In Python, transformers' "
          + "AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER) writes tokenizer.json"
      }
    case .file(let error): error.description
    case .syntax(let path, let error): "\(path) is no valid JSON: \(error)"
    case .malformed(let path, let reason): "\(path): \(reason)"
    case .unsupported(let path, let part, let found, let supported):
      "\(path): the \(part) is \(found); supported: \(supported)"
    }
  }
}
