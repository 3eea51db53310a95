import LinearAlgebra
import Tokenizers

/// Draws demonstrations and queries from a data set and writes the prompts of an experiment.
///
/// ```swift
/// let builder = try PromptBuilder(sst2, tokenizer: tokenizer, contextLength: 1024)
/// let prompts = try builder.fixed(shots: 1, samples: 1000, seed: 42).prompts
/// ```
public struct PromptBuilder: Sendable {
  public let dataset: Dataset
  public private(set) var writer: PromptWriter
  /// The number of tokens that the model takes; nil if it does not matter.
  public let contextLength: Int?
  /// What to call the model in errors.
  let model: String?
  /// Asked between prompts: a thousand long ones take a while.
  let monitor: Monitor

  /// - Throws: ``PromptError`` if the label words cannot be told apart by their first tokens.
  public init(
    _ dataset: Dataset, tokenizer: Tokenizer, contextLength: Int? = nil, model: String? = nil,
    monitor: Monitor = .none
  ) throws(PromptError) {
    self.monitor = monitor
    self.model = model
    self.dataset = dataset
    self.contextLength = contextLength
    writer = try PromptWriter(
      template: dataset.template, classes: dataset.classes, tokenizer: tokenizer)
  }

  /// The same demonstrations without their texts: of each the template and the label word are left, as
  /// in `Review:` and `Sentiment: Positive` on two lines (spec 6.4). Queries stay whole.
  public var withoutTexts: PromptBuilder {
    var builder = self
    builder.writer.demonstratesTexts = false
    return builder
  }

  /// The prompts of most experiments: the same demonstrations before every test row.
  ///
  /// - Throws: ``DataError`` if a class has too few rows; ``PromptError/tooLong`` if any prompt is
  ///   longer than the model's context; `Cancelled`.
  public func fixed(
    shots: Int, samples: Int, seed: Int, order: DemonstrationOrder = .drawn
  ) throws -> PromptSample {
    let demonstrations = try dataset.demonstrations(shots: shots, seed: seed, order: order)
    let rows = try dataset.evaluationRows(samples: samples, seed: seed)
    return try fixed(demonstrations: demonstrations, queries: rows)
  }

  /// The same demonstrations before texts that say nothing, which show what a model answers for no
  /// reason (Zhao et al. 2021).
  ///
  /// - Throws: as ``fixed(shots:samples:seed:order:)``.
  public func contentFree(
    _ texts: [String], shots: Int, seed: Int, order: DemonstrationOrder = .drawn
  ) throws -> [Prompt] {
    let demonstrations = try dataset.demonstrations(shots: shots, seed: seed, order: order)
    return try texts.map { text in
      let prompt = writer.prompt(demonstrations: demonstrations, query: text)
      try check(prompt)
      return prompt
    }
  }

  /// The prompts of given demonstrations and given queries.
  ///
  /// - Throws: ``PromptError/tooLong`` if any prompt is longer than the model's context; `Cancelled`.
  public func fixed(
    demonstrations: [Example], queries: [Example]
  ) throws -> PromptSample {
    var prompts: [Prompt] = []
    prompts.reserveCapacity(queries.count)
    for row in queries {
      try monitor.check()
      let prompt = writer.prompt(demonstrations: demonstrations, query: row)
      try check(prompt)
      prompts.append(prompt)
    }
    return PromptSample(prompts: prompts, dropped: 0)
  }

  /// The prompts of a draw's auxiliary rows after its demonstrations: what an experiment learns from.
  ///
  /// - Throws: ``PromptError/tooLong`` if any prompt is longer than the model's context; `Cancelled`.
  public func auxiliary(of draw: DemonstrationDraw) throws -> [Prompt] {
    var prompts: [Prompt] = []
    for row in draw.auxiliary {
      try monitor.check()
      // Rows of the train split are no queries' rows.
      let prompt = writer.prompt(
        demonstrations: draw.demonstrations, query: row.text, answer: row.label)
      try check(prompt)
      prompts.append(prompt)
    }
    return prompts
  }

  /// The prompts of the saliency experiment: demonstrations drawn anew for every test row. Prompts
  /// that are longer than the model's context are left out and counted.
  ///
  /// - Throws: ``DataError``; ``PromptError/allTooLong`` if no prompt is left; `Cancelled`.
  public func redrawn(shots: Int, samples: Int, seed: Int) throws -> PromptSample {
    let rows = try dataset.evaluationRows(samples: samples, seed: seed)
    let draws = try dataset.redrawDemonstrations(shots: shots, count: rows.count, seed: seed)
    var prompts: [Prompt] = []
    prompts.reserveCapacity(rows.count)
    for (demonstrations, row) in zip(draws, rows) {
      try monitor.check()
      let prompt = writer.prompt(demonstrations: demonstrations, query: row)
      if fits(prompt) { prompts.append(prompt) }
    }
    if prompts.isEmpty, let contextLength {
      throw PromptError.allTooLong(
        count: rows.count, limit: contextLength, model: model, shots: shots)
    }
    return PromptSample(prompts: prompts, dropped: rows.count - prompts.count)
  }

  /// One prompt: the demonstrations of a seed and the `query`-th row, from 0, of its shuffled test
  /// split.
  public func prompt(shots: Int, query: Int = 0, seed: Int) throws -> Prompt {
    let draw = try dataset.drawDemonstrations(shots: shots, seed: seed)
    let row = try dataset.evaluationRow(query, seed: seed)
    let prompt = writer.prompt(demonstrations: draw.demonstrations, query: row)
    try check(prompt)
    return prompt
  }

  /// One prompt: the demonstrations of a seed and a text of one's own.
  public func prompt(shots: Int, text: String, answer: Int? = nil, seed: Int) throws -> Prompt {
    let draw = try dataset.drawDemonstrations(shots: shots, seed: seed)
    let prompt = writer.prompt(demonstrations: draw.demonstrations, query: text, answer: answer)
    try check(prompt)
    return prompt
  }

  func fits(_ prompt: Prompt) -> Bool {
    prompt.tokens.count <= contextLength ?? .max
  }

  private func check(_ prompt: Prompt) throws(PromptError) {
    guard !fits(prompt), let contextLength else { return }
    let shots = prompt.demonstrations.count / dataset.classes.count
    throw .tooLong(
      tokens: prompt.tokens.count, limit: contextLength, model: model, shots: shots,
      row: prompt.query)
  }
}

/// The prompts of an experiment.
public struct PromptSample: Sendable {
  public let prompts: [Prompt]
  /// How many prompts were left out because the model cannot take them.
  public let dropped: Int

  public init(prompts: [Prompt], dropped: Int) {
    self.prompts = prompts
    self.dropped = dropped
  }
}
