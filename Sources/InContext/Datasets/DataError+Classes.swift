extension DataError {
  /// Which classes, or words for them, do not fit.
  public enum Classes: Error, Sendable, Equatable {
    case unknownLabel(file: String, line: Int, label: String, known: [String])
    case labelOutOfRange(name: String, label: Int, classes: [String])
    case emptyClass(String, name: String)
    case tooFewClasses(name: String, classes: [String])
    case repeatedValue(String)
    case labelWordCount(name: String, words: [String], classes: [String])
    case classNamesAsWords(name: String, reason: String)
  }
}

extension DataError.Classes: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unknownLabel(let file, let line, let label, let known):
      return "\(file), line \(line): the label '\(label)' is none of \(known.inQuotes); "
        + "add it to labels= or leave such rows out of the file."
    case .labelOutOfRange(let name, let label, let classes):
      return "\(name) has a row of class \(label), but only \(classes.count) classes."
    case .emptyClass(let className, let name):
      return "\(name) has no training row of class '\(className)', so it cannot be demonstrated."
    case .tooFewClasses(let name, let classes):
      let content = classes.isEmpty ? "none" : "only \(classes.inQuotes)"
      return "\(name) must have at least two classes; it has \(content)."
    case .repeatedValue(let name): return "labels= names '\(name)' twice."
    case .labelWordCount(let name, let words, let classes):
      return "\(name) has \(classes.count) classes (\(classes.inQuotes)), but there are "
        + "\(words.count) label words (\(words.inQuotes)); give one word a class, in this order."
    case .classNamesAsWords(let name, let reason):
      return "the class names of \(name) do not serve as label words: \(reason) Give a template."
    }
  }
}
