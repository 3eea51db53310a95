import InContext
import LinearAlgebra
import Transformer

/// How well the target's attention to the label words tells the model's answer, layer by layer ("Label
/// Words Are Anchors", section 2.3; spec 4).
public struct LabelAttention: Sendable {
  /// For each prompt, layer and class: a_l(c), the target's attention to the label words of class c,
  /// summed over heads and over the demonstrations of the class (spec 4.1).
  public let scores: [[[Double]]]
  /// The model's own answers: what the scores are to tell.
  public let predicted: [Int]
  public let classes: [String]

  /// - Throws: ``AnalysisError``, `ModelError`, `Cancelled`.
  public init(
    of decoder: Decoder, over prompts: [Prompt], threads: Int = Machine.cores,
    batch: Int? = nil, monitor: Monitor = .none
  ) throws {
    guard let first = prompts.first else { throw AnalysisError.noPrompts }
    guard !first.labelTokens.isEmpty else { throw AnalysisError.noLabels }
    for prompt in prompts where prompt.labelPositions.allSatisfy(\.isEmpty) {
      throw AnalysisError.noLabelPositions
    }
    let heads = decoder.architecture.heads
    let results = try decoder.run(
      prompts.map { $0.pass(capturing: .targetAttention) }, threads: threads, batch: batch,
      monitor: monitor
    ) { index, trace in
      let prompt = prompts[index]
      let scores = trace.targetAttention.map { attention in
        prompt.labelPositions.map { positions in
          var sum = 0.0
          for head in 0..<heads {
            for position in positions {
              sum += Double(attention[head * prompt.tokens.count + position])
            }
          }
          return sum
        }
      }
      return (scores: scores, predicted: Prediction(trace).predicted)
    }
    self.init(
      scores: results.map(\.scores), predicted: results.map(\.predicted), classes: first.classes)
  }

  public init(scores: [[[Double]]], predicted: [Int], classes: [String]) {
    self.scores = scores
    self.predicted = predicted
    self.classes = classes
  }

  /// AUCROC_l from layer 0 up: the area under the ROC curve of the scores against the model's answer,
  /// one against one and averaged where more than two classes are answered (spec 4.3). Nil where the
  /// model gives one answer only, so that there is nothing to tell apart.
  public var auc: [Double?] {
    guard let layers = scores.first?.count else { return [] }
    return (0..<layers).map { layer in
      Statistics.oneVersusOneAUC(scores: scores.map { $0[layer] }, classes: predicted)
    }
  }

  /// The AUC of each class against all others, [layer][class]; nil where the model never, or always,
  /// answers it.
  public var aucByClass: [[Double?]] {
    guard let layers = scores.first?.count else { return [] }
    return (0..<layers).map { layer in
      classes.indices.map { index in
        Statistics.areaUnderROC(
          scores: scores.map { $0[layer][index] }, positive: predicted.map { $0 == index })
      }
    }
  }

  /// R_l: the share of the layers up to l in the whole Σ(AUCROC − ½) (spec 4.4).
  public static func cumulativeShare(_ auc: [Double?]) -> [Double?] {
    Statistics.cumulativeShare(auc) ?? auc.map { _ in nil }
  }
}
