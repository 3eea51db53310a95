import CommandLanguage
import InContext

extension Subject {
  /// The prompts of an experiment whose demonstrations stay the same for a seed (spec 1.5, 1.6); one
  /// prompt is itself.
  func fixedPrompts(for model: Model, _ sampling: SamplingOptions) throws -> PromptSample {
    try prompts(for: model, sampling) {
      try $0.fixed(shots: sampling.shots, samples: sampling.samples, seed: sampling.seed)
    }
  }

  /// The prompts of the saliency experiment, whose demonstrations are drawn anew for every test row
  /// (spec 2.3).
  func redrawnPrompts(for model: Model, _ sampling: SamplingOptions) throws -> PromptSample {
    try prompts(for: model, sampling) {
      try $0.redrawn(shots: sampling.shots, samples: sampling.samples, seed: sampling.seed)
    }
  }

  private func prompts(
    for model: Model, _ sampling: SamplingOptions,
    draw: (PromptBuilder) throws -> PromptSample
  ) throws -> PromptSample {
    switch self {
    case .dataset(let object): return try draw(sampling.builder(object.dataset, for: model))
    case .prompt(let object):
      return PromptSample(prompts: [try object.prompt(for: model)], dropped: 0)
    }
  }

  /// What the subject is called in titles.
  var name: String { dataset?.name ?? "one prompt" }
}

/// Analyses run over lists: see `help lists`.
protocol AnalysisCommand: Command {}

extension AnalysisCommand {
  static var lifts: Bool { true }
}
