import InContext
import LinearAlgebra
import Transformer

/// Learning how much the target should attend to each label word ("Label words are anchors", section
/// 3.1; spec 5.3): β by Adam on a few labelled rows, each asked about after the same demonstrations,
/// one row a step.
///
/// β acts in the last row of attention alone, so that what comes before the last token is read once,
/// and a step computes and differentiates a single token.
public struct Reweighting: Sendable {
  /// How β is learned; as in the paper by default.
  public struct Schedule: Sendable, Equatable {
    public var epochs = 10
    /// Adam's.
    public var rate = 0.01
    /// Whether the heads of a layer share a β.
    public var sharesHeads = false

    public init(epochs: Int = 10, rate: Double = 0.01, sharesHeads: Bool = false) {
      self.epochs = epochs
      self.rate = rate
      self.sharesHeads = sharesHeads
    }
  }

  public let weights: LabelWeights
  /// The cross-entropy over label words, in nats, that each step met, [epoch][step].
  public let losses: [[Double]]

  /// The mean loss of each epoch.
  public var curve: [Double] { losses.map { Statistics.mean($0) ?? 0 } }

  /// - Parameters:
  ///   - prompts: what to learn from, with their answers.
  ///   - seed: of the order of the steps; see ``EpochOrder``.
  ///   - monitor: told of a piece for each prompt that is read and for each step.
  /// - Throws: ``AnalysisError``, among them ``AnalysisError/diverged(rate:)`` where β grows beyond what
  ///   can be computed; `DataError`, `ModelError`, `Cancelled`.
  public init(
    of decoder: Decoder, on prompts: [Prompt], schedule: Schedule = Schedule(), seed: Int,
    threads: Int = Machine.cores, batch: Int? = nil, monitor: Monitor = .none
  ) throws {
    guard let first = prompts.first else { throw AnalysisError.noPrompts }
    for prompt in prompts {
      guard !prompt.labelTokens.isEmpty else { throw AnalysisError.noLabels }
      guard prompt.answer != nil else { throw AnalysisError.noAnswer }
      guard !prompt.labelPositions.allSatisfy(\.isEmpty) else {
        throw AnalysisError.noLabelPositions
      }
    }
    let shape = decoder.architecture
    var weights = LabelWeights(
      layers: shape.layers, heads: schedule.sharesHeads ? 1 : shape.heads,
      classes: first.classes.count)
    var order = try EpochOrder(rows: prompts.count, seed: seed)
    var adam = Adam(count: weights.beta.count, rate: schedule.rate)
    let total = (1 + schedule.epochs) * prompts.count
    let quiet = monitor.quiet

    let shared = try decoder.readingCommonBeginning(
      of: prompts.map { $0.pass() }, threads: threads, monitor: quiet)
    var passes = try decoder.readingAllButLast(
      of: shared, threads: threads, batch: batch, monitor: monitor.after(0, of: total))
    var losses: [[Double]] = []
    for epoch in 0..<schedule.epochs {
      losses.append([])
      for row in order.next() {
        passes[row].captures = LabelWeights.captures
        passes[row].interventions = weights.interventions(on: prompts[row])
        let trace = try weights.computable(rate: schedule.rate) {
          try decoder.run(passes[row], threads: threads, monitor: quiet)
        }
        losses[epoch].append(Double(trace.loss ?? 0))
        adam.step(&weights.beta, gradient: weights.gradient(trace, on: prompts[row]))
        guard weights.areFinite else { throw AnalysisError.diverged(rate: schedule.rate) }
        monitor.advanced((1 + epoch) * prompts.count + losses[epoch].count, total)
      }
    }
    self.weights = weights
    self.losses = losses
  }
}

/// A model's answers to the same prompts as it is and with the attention to label words re-weighted.
public struct ReweightedEvaluation: Sendable {
  public let plain: Evaluation
  public let reweighted: Evaluation

  /// Prompts read at a time, for each thread: their caches are kept until both answers are there.
  private static let promptsPerThread = 4

  /// Asks the model every prompt twice. All but the last token is read once for both, so that β = 0
  /// gives the same answers to the last bit.
  ///
  /// - Throws: ``AnalysisError``, `ModelError`, `Cancelled`.
  public init(
    of prompts: [Prompt], by decoder: Decoder, with weights: LabelWeights,
    threads: Int = Machine.cores, batch: Int? = nil, monitor: Monitor = .none
  ) throws {
    guard let first = prompts.first else { throw AnalysisError.noPrompts }
    guard !first.labelTokens.isEmpty else { throw AnalysisError.noLabels }
    let quiet = monitor.quiet
    let passes = try decoder.readingCommonBeginning(
      of: prompts.map { $0.pass() }, threads: threads, monitor: quiet)
    var (plain, reweighted): ([Prediction], [Prediction]) = ([], [])
    let size = Self.promptsPerThread * max(1, min(threads, batch ?? threads))
    for start in stride(from: 0, to: prompts.count, by: size) {
      let group = start..<min(start + size, prompts.count)
      let read = try decoder.readingAllButLast(
        of: Array(passes[group]), threads: threads, batch: batch, monitor: quiet)
      let changed = zip(read, prompts[group]).map { pass, prompt in
        var pass = pass
        pass.interventions = weights.interventions(on: prompt)
        return pass
      }
      let predictions = try decoder.run(
        read + changed, threads: threads, batch: batch,
        monitor: monitor.after(2 * start, of: 2 * prompts.count)
      ) { Prediction($1) }
      plain += predictions.prefix(group.count)
      reweighted += predictions.dropFirst(group.count)
    }
    self.plain = Evaluation(of: prompts, predictions: plain)
    self.reweighted = Evaluation(of: prompts, predictions: reweighted)
  }
}

extension Evaluation {
  fileprivate init(of prompts: [Prompt], predictions: [Prediction]) {
    classes = prompts.first?.classes ?? []
    calibration = nil
    rows = zip(prompts, predictions).enumerated().map { index, pair in
      Row(
        index: pair.0.query ?? index, gold: pair.0.answer ?? -1, prediction: pair.1,
        uncalibrated: nil)
    }
  }
}
