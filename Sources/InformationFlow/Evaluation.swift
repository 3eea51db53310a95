import InContext
import LinearAlgebra
import Transformer

/// What a model answers to one prompt: the label word with the largest logit at the target (spec 1.8).
public struct Prediction: Sendable {
  /// Softmax over the label words' logits, by class id.
  public let probabilities: [Double]
  public let logits: [Float]
  /// The class with the largest logit; of equals, the first.
  public let predicted: Int

  public init(logits: [Float], probabilities: [Double]) {
    self.logits = logits
    self.probabilities = probabilities
    var best = 0
    for index in logits.indices where logits[index] > logits[best] { best = index }
    predicted = best
  }

  init(_ trace: Trace) {
    self.init(logits: trace.labelLogits, probabilities: trace.labelProbabilities)
  }

  /// - Parameter anchors: what the query sees in place of the prompt's demonstrations.
  /// - Throws: ``AnalysisError/noLabels``, `ModelError`, `Cancelled`.
  public init(
    of prompt: Prompt, by decoder: Decoder, after anchors: Anchors? = nil,
    changing interventions: [Intervention] = [], threads: Int = Machine.cores,
    monitor: Monitor = .none
  ) throws {
    guard !prompt.labelTokens.isEmpty else { throw AnalysisError.noLabels }
    let pass = prompt.pass(after: anchors, interventions: interventions)
    self.init(try decoder.run(pass, threads: threads, monitor: monitor))
  }
}

/// A model's answers to many prompts, against the gold labels.
public struct Evaluation: Sendable {
  public struct Row: Sendable {
    /// The row of the test split, or the prompt's number where it comes from elsewhere.
    public let index: Int
    public let gold: Int
    public let prediction: Prediction
    /// What the model answers before calibration, if there is one.
    public let uncalibrated: Prediction?
  }

  public let classes: [String]
  public let rows: [Row]
  public let calibration: Calibration?

  /// Asks the model every prompt.
  ///
  /// - Parameters:
  ///   - anchors: what queries see in place of the prompts' demonstrations.
  ///   - contentFree: prompts that say nothing; if there are any, the answers are calibrated by them.
  ///   - interventions: what is changed while a prompt is computed.
  /// - Throws: ``AnalysisError``, `ModelError`, `Cancelled`.
  public init(
    of prompts: [Prompt], by decoder: Decoder, after anchors: Anchors? = nil,
    calibratedBy contentFree: [Prompt] = [],
    changing interventions: (Prompt) throws -> [Intervention] = { _ in [] },
    threads: Int = Machine.cores, batch: Int? = nil, monitor: Monitor = .none
  ) throws {
    guard let first = prompts.first else { throw AnalysisError.noPrompts }
    guard !first.labelTokens.isEmpty else { throw AnalysisError.noLabels }
    classes = first.classes
    let answers = try decoder.run(
      (prompts + contentFree).map {
        $0.pass(after: anchors, interventions: try interventions($0))
      },
      threads: threads, batch: batch, monitor: monitor
    ) { Prediction($1) }
    let calibration =
      contentFree.isEmpty ? nil : Calibration(Array(answers.suffix(contentFree.count)))
    self.calibration = calibration
    rows = prompts.indices.map { index in
      let prompt = prompts[index]
      return Row(
        index: prompt.query ?? index, gold: prompt.answer ?? -1,
        prediction: calibration?.calibrated(answers[index]) ?? answers[index],
        uncalibrated: calibration == nil ? nil : answers[index])
    }
  }

  public var correct: Int { rows.count { $0.gold == $0.prediction.predicted } }
  /// The share of right answers, 0 to 1.
  public var accuracy: Double { Double(correct) / Double(max(rows.count, 1)) }
  /// The accuracy before calibration, if there is one.
  public var uncalibratedAccuracy: Double? {
    guard calibration != nil else { return nil }
    return Double(rows.count { $0.gold == $0.uncalibrated?.predicted }) / Double(max(rows.count, 1))
  }

  /// How often each gold class was answered by each class: [gold][predicted].
  public var confusion: [[Int]] {
    var counts = Array(
      repeating: Array(repeating: 0, count: classes.count), count: classes.count)
    for row in rows where classes.indices.contains(row.gold) {
      counts[row.gold][row.prediction.predicted] += 1
    }
    return counts
  }
}
