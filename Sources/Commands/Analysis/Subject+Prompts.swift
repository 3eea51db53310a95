import CommandLanguage
import InContext
import InformationFlow

extension Subject {
  /// The prompts of an experiment whose demonstrations stay the same for a seed (spec 1.5, 1.6); one
  /// prompt is itself.
  func fixedPrompts(
    for model: Model, _ sampling: SamplingOptions, order: DemonstrationOrder = .drawn,
    in session: Session
  ) throws -> PromptSample {
    try prompts(for: model, sampling, in: session) {
      try $0.fixed(
        shots: sampling.shots, samples: sampling.samples, seed: sampling.seed, order: order)
    }
  }

  /// The prompts of the saliency experiment, whose demonstrations are drawn anew for every test row
  /// (spec 2.3).
  func redrawnPrompts(
    for model: Model, _ sampling: SamplingOptions, in session: Session
  ) throws -> PromptSample {
    try prompts(for: model, sampling, in: session) {
      try $0.redrawn(shots: sampling.shots, samples: sampling.samples, seed: sampling.seed)
    }
  }

  /// The same prompts as ``fixedPrompts(for:_:order:in:)``, of whose demonstrations template and label
  /// words are left (spec 6.4, Text_anchor).
  ///
  /// - Throws: `AnalysisError.noDemonstrations` for a prompt as it is.
  func textAnchors(
    for model: Model, _ sampling: SamplingOptions, in session: Session
  ) throws -> [Prompt] {
    guard case .prompt(let object) = self else {
      return try prompts(for: model, sampling, in: session) {
        try $0.withoutTexts.fixed(
          shots: sampling.shots, samples: sampling.samples, seed: sampling.seed)
      }.prompts
    }
    func builder(_ dataset: Dataset) throws -> PromptBuilder {
      try PromptBuilder(
        dataset, tokenizer: model.requireTokenizer(), contextLength: model.architecture.context,
        model: model.name
      ).withoutTexts
    }
    switch object.source {
    case .drawn(let dataset, let shots, let query, let seed):
      return [try builder(dataset).prompt(shots: shots, query: query, seed: seed)]
    case .asked(let dataset, let shots, let text, let answer, let seed):
      return [try builder(dataset).prompt(shots: shots, text: text, answer: answer, seed: seed)]
    case .text, .tokens: throw AnalysisError.noDemonstrations
    }
  }

  private func prompts(
    for model: Model, _ sampling: SamplingOptions, in session: Session,
    draw: (PromptBuilder) throws -> PromptSample
  ) throws -> PromptSample {
    switch self {
    case .dataset(let object):
      return try draw(sampling.builder(object.dataset, for: model, in: session))
    case .prompt(let object):
      for (name, isGiven) in [
        ("labels", sampling.writing.labels != nil),
        ("template", sampling.writing.template != nil),
      ] where isGiven {
        throw LanguageError.argument(
          "\(name)= goes with a data set; one prompt is written already.",
          hint: "give \(name)= to prompt"
        ).blaming(name)
      }
      return PromptSample(prompts: [try object.prompt(for: model)], dropped: 0)
    }
  }

  /// What the subject is called in titles.
  var name: String {
    switch self {
    case .dataset(let object): object.name
    case .prompt: dataset?.name ?? "one prompt"
    }
  }
}

/// Analyses run over lists: see `help lists`.
protocol AnalysisCommand: Command {}

extension AnalysisCommand {
  static var lifts: Bool { true }
}
