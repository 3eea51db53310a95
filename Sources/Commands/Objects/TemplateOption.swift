import CommandLanguage
import InContext

/// What `template=` takes: a template, or the text of one.
enum TemplateOption: ArgumentConvertible, Sendable {
  case template(Template)
  case text(String)

  static var typeDescription: String { #"a template, such as "Review: {text}\nSentiment:{label}""# }

  static func convert(_ value: Value, in session: Session) throws -> TemplateOption? {
    if case .symbol(let name) = value {
      return try DatasetObject.convert(.symbol(name), in: session)
        .map { .template($0.dataset.template) }
    }
    if let template = Template.unwrap(value) { return .template(template) }
    if let object = DatasetObject.unwrap(value) { return .template(object.dataset.template) }
    return if case .string(let text) = value { .text(text) } else { nil }
  }

  static func completions(in session: Session) -> [Completion] {
    BuiltIn.all.map { Completion($0.name, .value, "as \($0.title) is written") }
  }

  static func offersFile(_ name: String) -> Bool { false }

  var argumentText: String {
    switch self {
    case .template(let template): template.argumentText
    case .text(let text): Value.quoted(text)
    }
  }

  /// The template with the words that are given, or those it has, or the data set's.
  func template(labels: LabelOption?, for dataset: Dataset) throws -> Template {
    switch self {
    case .template(let template): try labels?.apply(to: template, of: dataset) ?? template
    case .text(let text):
      try labels?.apply(
        to: Template(text, labelWords: dataset.template.labelWords, spacing: .literal), of: dataset)
        ?? Template(text, labelWords: dataset.template.labelWords, spacing: .literal)
    }
  }
}
