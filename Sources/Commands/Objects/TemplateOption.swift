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

/// What `labels=` takes: words in class-id order, or a map from class to word; for raw prompts, also
/// token ids.
enum LabelOption: ArgumentConvertible, Sendable {
  case listed([Prompt.RawLabel])
  case mapped([(className: String, word: String)])

  static var typeDescription: String {
    #"label words, such as [" Negative", " Positive"] or {"negative": " bad"}"#
  }
  static var acceptsList: Bool { true }

  static func convert(_ value: Value, in session: Session) -> LabelOption? {
    if case .map(let map) = value {
      let pairs = map.compactMap { entry in entry.value.word.map { (entry.key, $0) } }
      return pairs.count == map.count ? .mapped(pairs) : nil
    }
    guard let elements = value.elements else { return nil }
    let labels = elements.compactMap(Prompt.RawLabel.init)
    return labels.count == elements.count ? .listed(labels) : nil
  }

  var argumentText: String {
    switch self {
    case .listed(let labels): "[" + labels.map(\.argumentText).joined(separator: ", ") + "]"
    case .mapped(let pairs):
      "{"
        + pairs.map { "\(Value.quoted($0.className)): \(Value.quoted($0.word))" }
        .joined(separator: ", ") + "}"
    }
  }

  /// The template with these words.
  ///
  /// - Throws: `TemplateError`; a ``LanguageError`` if they are token ids.
  func apply(to template: Template, of dataset: Dataset) throws -> Template {
    switch self {
    case .mapped(let pairs):
      return try template.with(labelWords: pairs, of: dataset.classes)
    case .listed(let labels):
      let words = labels.compactMap { if case .word(let word) = $0 { word } else { nil } }
      guard words.count == labels.count else {
        throw LanguageError.type(
          "labels= of a data set are words, one for each class; token ids go with prompt tokens=.")
      }
      return try template.with(labelWords: words)
    }
  }
}

extension Prompt.RawLabel: ArgumentConvertible {
  public static var typeDescription: String { "a label word or a token id" }

  init?(_ value: Value) {
    if let word = value.word {
      self = .word(word)
    } else if let id = value.number.flatMap(Int.init(exactly:)) {
      self = .token(id)
    } else {
      return nil
    }
  }

  public static func convert(_ value: Value, in session: Session) -> Prompt.RawLabel? {
    Prompt.RawLabel(value)
  }

  public var argumentText: String {
    switch self {
    case .word(let word): Value.quoted(word)
    case .token(let id): "\(id)"
    }
  }
}
