import CommandLanguage
import InContext

/// What `labels=` takes: words in class-id order, or a map from class to word, or `unrelated`; for raw
/// prompts, also token ids.
enum LabelOption: ArgumentConvertible, Sendable {
  case listed([Prompt.RawLabel])
  case mapped([(className: String, word: String)])
  /// Letters in class-id order, which say nothing about the classes ("Label words are anchors",
  /// appendix).
  case unrelated

  private static let unrelatedWord = "unrelated"
  private static let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ".map(String.init)

  static var typeDescription: String {
    #"label words, such as [" Negative", " Positive"] or {"negative": " bad"}, or unrelated"#
  }
  static var acceptsList: Bool { true }
  /// A list of lists or of maps is several choices.
  static func isOne(_ list: Value) -> Bool {
    (list.elements ?? []).allSatisfy { Prompt.RawLabel($0) != nil }
  }

  static func convert(_ value: Value, in session: Session) -> LabelOption? {
    if value.word == unrelatedWord { return .unrelated }
    if case .map(let map) = value {
      let pairs = map.compactMap { entry in entry.value.word.map { (entry.key, $0) } }
      return pairs.count == map.count ? .mapped(pairs) : nil
    }
    guard let elements = value.elements else { return nil }
    let labels = elements.compactMap(Prompt.RawLabel.init)
    return labels.count == elements.count ? .listed(labels) : nil
  }

  static func completions(in session: Session) -> [Completion] {
    [Completion(unrelatedWord, .value, "the letters A, B, C …")]
  }

  var argumentText: String {
    switch self {
    case .listed(let labels): "[" + labels.map(\.argumentText).joined(separator: ", ") + "]"
    case .mapped(let pairs):
      "{"
        + pairs.map { "\(Value.quoted($0.className)): \(Value.quoted($0.word))" }
        .joined(separator: ", ") + "}"
    case .unrelated: Self.unrelatedWord
    }
  }

  /// The template with these words.
  ///
  /// - Throws: `TemplateError`; a ``LanguageError`` if they are token ids, or if there are more classes
  ///   than letters.
  func apply(to template: Template, of dataset: Dataset) throws -> Template {
    switch self {
    case .mapped(let pairs):
      return try template.with(labelWords: pairs, of: dataset.classes)
    case .listed(let labels):
      let words = labels.compactMap { if case .word(let word) = $0 { word } else { nil } }
      guard words.count == labels.count else {
        throw LanguageError.type(
          "labels= of a data set are words, one for each class; token ids go with prompt tokens=."
        ).blaming("labels")
      }
      return try template.with(labelWords: words)
    case .unrelated:
      let count = dataset.classes.count
      guard count <= Self.letters.count else {
        throw LanguageError.argument(
          "labels=unrelated are letters, and \(dataset.name) has \(count) classes; list words."
        ).blaming("labels")
      }
      return try template.with(labelWords: Array(Self.letters.prefix(count)))
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

extension Prompt {
  /// A word about label words that are more than one token: `the first token of " Abbreviation" stands
  /// for it`, and of several `for each`.
  var splitLabelNote: String? {
    guard !splitLabelWords.isEmpty else { return nil }
    let shown = splitLabelWords.prefix(4).map { Value.quoted($0) }
    let more = splitLabelWords.count > shown.count ? ["…"] : []
    return "the first token of \((shown + more).joined(separator: ", ")) stands for "
      + (splitLabelWords.count == 1 ? "it" : "each")
  }
}

extension Sequence<Prompt> {
  /// The same of the first prompt, to go behind other words; nothing where no label word is split.
  var splitNote: String {
    first { _ in true }?.splitLabelNote.map { "; \($0)" } ?? ""
  }
}
