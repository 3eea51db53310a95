/// The prompts of the paper's error diagnosis ("Label words are anchors", section 3.3), one
/// demonstration a class in each, in class-id order.
public struct DiagnosisPrompts: Sendable {
  /// The first demonstration of every class before the shuffled test rows.
  public let answered: [Prompt]
  /// The demonstrations take turns; the test rows come in the order of their file.
  public let queried: [Prompt]
  /// How many demonstrations of a class take turns.
  public let pool: Int
  /// How many of `queried` were left out because the model cannot take them.
  public let dropped: Int

  public init(answered: [Prompt], queried: [Prompt], pool: Int, dropped: Int = 0) {
    self.answered = answered
    self.queried = queried
    self.pool = pool
    self.dropped = dropped
  }
}

extension PromptBuilder {
  /// Draws the prompts of the error diagnosis.
  ///
  /// - Parameters:
  ///   - pool: how many demonstrations of a class take turns; fewer where a class has fewer rows.
  ///   - samples: how many test rows; all if there are fewer.
  /// - Throws: ``DataError``; ``PromptError/tooLong`` if a prompt to be answered is longer than the
  ///   model's context, ``PromptError/allTooLong`` if all that are queried are; `Cancelled`.
  public func diagnosis(pool: Int, samples: Int, seed: Int) throws -> DiagnosisPrompts {
    let pool = max(1, min(pool, dataset.classCounts.min() ?? 1))
    let drawn = try dataset.drawDemonstrations(shots: pool, seed: seed).demonstrations
    let byClass = dataset.classes.indices.map { id in drawn.filter { $0.label == id } }
    let answered = try fixed(
      demonstrations: byClass.map { $0[0] },
      queries: dataset.evaluationRows(samples: samples, seed: seed))
    let rows = dataset.test.prefix(samples)
    let queried = try rows.enumerated().map { index, row in
      try monitor.check()
      return writer.prompt(demonstrations: byClass.map { $0[index % pool] }, query: row)
    }.filter(fits)
    if queried.isEmpty, let contextLength {
      throw PromptError.allTooLong(
        count: rows.count, limit: contextLength, model: model, shots: 1)
    }
    return DiagnosisPrompts(
      answered: answered.prompts, queried: queried, pool: pool,
      dropped: rows.count - queried.count)
  }
}
