import Foundation

/// Contextual calibration (Zhao et al. 2021, "Calibrate Before Use"): what a model answers to texts that
/// say nothing is its bias, by which its other answers are divided.
public struct Calibration: Sendable {
  /// The texts that say nothing.
  public static let contentFree = ["N/A", "[MASK]", ""]

  /// The mean probability of each class for these texts.
  public let bias: [Double]

  /// - Parameter answers: to the texts that say nothing, at least one.
  public init(_ answers: [Prediction]) {
    let classes = answers.first?.probabilities.count ?? 0
    bias = (0..<classes).map { index in
      answers.reduce(0) { $0 + $1.probabilities[index] } / Double(answers.count)
    }
  }

  /// The answer with each probability divided by the bias, and all divided by their sum. (The paper's
  /// softmax of the quotients has the same order.)
  public func calibrated(_ answer: Prediction) -> Prediction {
    // A bias of zero is one too small for a Double; any number as small will do.
    let weights = bias.map { 1 / max($0, Double.leastNormalMagnitude) }
    let quotients = zip(answer.probabilities, weights).map { $0 * $1 }
    let sum = quotients.reduce(0, +)
    guard sum > 0, sum.isFinite else { return answer }
    let logits = zip(answer.logits, weights).map { $0 + Float(log($1)) }
    return Prediction(logits: logits, probabilities: quotients.map { $0 / sum })
  }
}
