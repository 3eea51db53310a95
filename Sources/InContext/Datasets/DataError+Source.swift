extension DataError {
  /// What stands in the way of the data set as a whole.
  public enum Source: Error, Sendable, Equatable {
    case unknownName(String, nearest: String?, builtIn: [String])
    case missingResources(String)
    case missingFile(String)
    case unreadable(String, reason: String)
    case unknownFormat(String)
    case missingSplit(folder: String, split: String, found: [String])
    case emptyFile(String)
  }
}

extension DataError.Source: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unknownName(let name, let nearest, let builtIn):
      let hint = nearest.map { "did you mean '\($0)'? Built" } ?? "built"
      return "there is no data set '\(name)'; \(hint) in are \(builtIn.inQuotes); "
        + "a file is named with its extension (.jsonl, .csv, .tsv)."
    case .missingResources(let name):
      return "the built-in data set '\(name)' is not beside the executable; reinstall, or set "
        + "FATHOM_RESOURCES to the folder that holds Fathom_InContext.resources."
    case .missingFile(let path): return "there is no file or folder \(path)."
    case .unreadable(let path, let reason): return "\(path) cannot be read: \(reason)."
    case .unknownFormat(let path):
      return "\(path) is of no known format; name it .jsonl, .csv or .tsv."
    case .missingSplit(let folder, let split, let found):
      let content = found.isEmpty ? "no data files" : found.inQuotes
      return "\(folder) has no \(split).jsonl, \(split).csv or \(split).tsv (it has \(content))."
    case .emptyFile(let file): return "\(file) has no rows."
    }
  }
}
