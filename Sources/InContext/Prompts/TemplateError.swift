/// Why a template cannot be used.
public enum TemplateError: Error, Sendable, Equatable {
  case marks(String, count: Int, template: String)
  case labelBeforeText(template: String)
  case labelNotLast(template: String)
  case nothingBetween(template: String)
  case tooFewWords(count: Int)
  case emptyWord(words: [String])
  case newline(word: String)
  case duplicateWord(String)
  case classWithoutWord(className: String)
  case wordWithoutClass(className: String, classes: [String])
}

extension TemplateError: CustomStringConvertible {
  private static let example = #"write it like "Review: {text}\nSentiment:{label}"."#

  public var description: String {
    switch self {
    case .marks(let mark, let count, let template):
      let number = count == 0 ? "no" : "\(count) times"
      return "the template \(template.debugDescription) has \(number) \(mark); \(Self.example)"
    case .labelBeforeText(let template):
      return """
        the template \(template.debugDescription) names the label before the text; \
        a causal model could not use it: \(Self.example)
        """
    case .labelNotLast(let template):
      return """
        the template \(template.debugDescription) goes on after {label}, \
        which must be at the very end; \(Self.example)
        """
    case .nothingBetween(let template):
      return """
        the template \(template.debugDescription) has nothing between {text} and {label}; \
        \(Self.example)
        """
    case .tooFewWords(let count):
      return "a template wants a label word for each of at least two classes; it has \(count)."
    case .emptyWord(let words):
      return "one of the label words \(words.inQuotes) is blank; each class needs a word."
    case .newline(let word):
      return "the label word \(word.debugDescription) has a line break; use one line."
    case .duplicateWord(let word):
      return "two classes have the label word \(word.debugDescription); give each its own."
    case .classWithoutWord(let name):
      return "the class '\(name)' has no label word."
    case .wordWithoutClass(let name, let classes):
      return
        "there is no class '\(name)' to give a label word; the classes are \(classes.inQuotes)."
    }
  }
}

extension Sequence<String> {
  /// The names as they stand in an error message: 'a', 'b', 'c'.
  var inQuotes: String { map { "'\($0)'" }.joined(separator: ", ") }
}
