import Foundation
import InContext
import LinearAlgebra
import Transformer

extension Prompt {
  /// One pass of a decoder over this prompt, scored on its label words and against its gold answer.
  public func pass(
    capturing captures: Captures = [], interventions: [Intervention] = []
  ) -> Pass {
    Pass(
      tokens: tokens, labels: labelTokens, answer: answer, interventions: interventions,
      captures: captures)
  }
}

/// Why an analysis cannot be made of these prompts.
public enum AnalysisError: Error, Sendable, Equatable, CustomStringConvertible {
  case noPrompts
  case noLabels
  case noLabelPositions
  case noAnswer
  case noDemonstrations
  /// A role that no token of a prompt has.
  case noTokens(Role)
  case layerOutOfRange(Int, layers: Int)
  /// Text anchors that are not one for each prompt.
  case textAnchors(Int, prompts: Int)
  /// Re-weighting of label words whose β grew beyond what can be computed.
  case diverged(rate: Double)

  public var description: String {
    switch self {
    case .noPrompts:
      return "there is no prompt to look at: ask for samples=1 or more"
    case .noLabels:
      return
        "the prompt has no label words to choose from; say labels=[\" Negative\", \" Positive\"]"
    case .noLabelPositions:
      return
        "no label word stands in the prompt before its last position, so that nothing can flow "
        + "through one; give it demonstrations (shots=1 or more)"
    case .noAnswer:
      return "the prompt has no gold answer to take the gradient of; say answer=\" Positive\""
    case .noDemonstrations:
      return "the prompt has no demonstrations to keep anything of: ask for shots=1 or more"
    case .noTokens(let role):
      let isDemonstration = role == .text || role == .label
      return "no token of the prompt is \(role.rawValue)"
        + (isDemonstration ? ", since it has no demonstrations: ask for shots=1 or more" : "")
        + "; show PROMPT colours tokens by role"
    case .layerOutOfRange(let layer, let layers):
      return "there is no layer \(layer): the model's layers are 0...\(layers - 1)"
    case .textAnchors(let found, let prompts):
      return "\(found) prompts without texts are given for \(prompts) prompts; each wants its own"
    case .diverged(let rate):
      return "β grew beyond all bounds at rate=\(String(format: "%g", rate)); "
        + "take a smaller one, such as 0.01"
    }
  }
}
