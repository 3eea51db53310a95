import CommandLanguage
import InContext

/// Makes or shows a template.
struct TemplateCommand: Command {
  static let group = "data and prompts"
  static let summary = "How examples are written down, or how a data set writes them."
  static let discussion = """
    A template has {text} once and {label} at its very end; labels= has the words of the classes in \
    their order, each with its leading blank (which is added if there is none). A blank before {label} is that of \
    the words: "Mood: {label}" is "Mood:{label}", and a query ends with the colon. Examples are joined by \
    a newline. The result serves as template= of a data set, a prompt or an analysis.
    """
  static let examples = [
    "template sst2",
    #"template "Film: {text}\nMood:{label}" labels=[" bad", " good"]"#,
    #"template sst2 labels={"negative": " bad", "positive": " good"}"#,
  ]

  @Input("The text with {text} and {label}, or a data set.") var source: TemplateSource
  @Option("Label words in class order, or a map from class to word.", defaultText: "auto")
  var labels: LabelOption?

  func run(in session: Session) throws -> Template {
    switch source {
    case .dataset(let object):
      return try labels?.apply(to: object.dataset.template, of: object.dataset)
        ?? object.dataset.template
    case .text(let text):
      _ = try Template(text, labelWords: [" 0", " 1"])  // what is wrong with the text comes first
      guard let labels else {
        throw LanguageError.argument(
          "a template of one's own wants the words of the classes: say "
            + #"labels=[" Negative", " Positive"]."#)
      }
      guard case .listed(let listed) = labels else {
        throw LanguageError.type("labels= of a template is a list of words, in class order.")
      }
      let words = listed.compactMap { if case .word(let word) = $0 { word } else { nil } }
      guard words.count == listed.count else {
        throw LanguageError.type(
          "labels= of a template are words; token ids go with prompt tokens=.")
      }
      return try Template(text, labelWords: words)
    }
  }
}

/// The text of a template, or the data set whose template is wanted.
enum TemplateSource: ArgumentConvertible, Sendable {
  case text(String)
  case dataset(DatasetObject)

  static var typeDescription: String { "a template's text or a data set" }

  static func convert(_ value: Value, in session: Session) throws -> TemplateSource? {
    if case .string(let text) = value, text.contains("{") { return .text(text) }
    if let template = Template.unwrap(value) { return .text(template.text) }
    return try DatasetObject.convert(value, in: session).map(TemplateSource.dataset)
  }

  static func fits(_ value: Value, in session: Session) -> Bool {
    DatasetObject.unwrap(value) != nil || Template.unwrap(value) != nil
  }

  static func offersFile(_ name: String) -> Bool { Dataset.isReadable(name) }

  static func completions(in session: Session) -> [Completion] {
    DatasetObject.completions(in: session)
  }

  var argumentText: String {
    switch self {
    case .text(let text): Value.quoted(text)
    case .dataset(let object): object.argumentText
    }
  }
}
