import CommandLanguage
import InContext

/// The options that every analysis has: what is demonstrated, what is asked about, and how both are
/// written down.
struct SamplingOptions: ParameterGroup {
  @Option("Demonstrations per class.", in: 0...64) var shots = 1
  @Option("Test examples; all if there are fewer.", in: 1...) var samples = 1_000
  @Option("Seed of the demonstrations and of the test rows.", in: 0...) var seed = 42
  let writing = WritingOptions()

  var batch: Int? { writing.batch }

  func name(of subject: Subject) throws -> String { try writing.name(of: subject) }

  func builder(
    _ dataset: Dataset, for model: Model, in session: Session
  ) throws -> PromptBuilder {
    try writing.builder(dataset, for: model, in: session)
  }
}

/// How prompts are written down and computed, whatever is drawn for them.
struct WritingOptions: ParameterGroup {
  @Option("How an example is written; by default as the data set says.", defaultText: "auto")
  var template: TemplateOption?
  @Option("Label words, one for each class.", defaultText: "auto") var labels: LabelOption?
  @Option(
    "Prompts computed at a time; auto is one a thread, fewer take less memory.", in: 1...,
    defaultText: "auto")
  var batch: Int?

  private func written(_ dataset: Dataset) throws -> Dataset {
    try dataset.written(template: template, labels: labels)
  }

  /// What a subject is called in titles, with its label words if these options give it others.
  ///
  /// - Throws: `TemplateError`, `DataError`.
  func name(of subject: Subject) throws -> String {
    guard labels != nil, case .dataset(let object) = subject else { return subject.name }
    return try written(object.dataset).nameWithLabelWords
  }

  /// What writes the prompts of an experiment on a model.
  ///
  /// - Throws: `TemplateError`, `DataError`, `PromptError`, ``TokenizerMissing``.
  func builder(
    _ dataset: Dataset, for model: Model, in session: Session
  ) throws -> PromptBuilder {
    try PromptBuilder(
      written(dataset), tokenizer: model.requireTokenizer(),
      contextLength: model.architecture.context, model: model.name, monitor: session.quietMonitor)
  }
}

extension Dataset {
  /// `sst2 (A, B)`: what it is called with label words of a person's choice.
  var nameWithLabelWords: String {
    let words = template.labelWords.map { $0.trimmingPrefix(" ") }
    return "\(name) (\(words.prefix(6).joined(separator: ", "))\(words.count > 6 ? " …" : ""))"
  }

  /// The same rows, written down as the options `template=` and `labels=` say.
  func written(template: TemplateOption?, labels: LabelOption?) throws -> Dataset {
    if let template { return try with(template: template.template(labels: labels, for: self)) }
    guard let labels else { return self }
    return try with(template: labels.apply(to: self.template, of: self))
  }
}
