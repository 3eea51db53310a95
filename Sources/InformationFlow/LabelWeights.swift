import Foundation
import InContext
import Transformer

/// Factors exp β of the target's attention to the label words, one for each layer, head and class
/// ("Label words are anchors", section 3.1; spec 5.2). Attention is not normalised again.
///
/// β is 0 to begin with: factors of 1, which change no bit of an answer.
public struct LabelWeights: Sendable, Equatable {
  public let layers: Int
  /// 1 if the heads of a layer share their factors.
  public let heads: Int
  public let classes: Int
  /// [L, H, C]
  public internal(set) var beta: [Double]

  public init(layers: Int, heads: Int, classes: Int) {
    self.layers = layers
    self.heads = heads
    self.classes = classes
    beta = Array(repeating: 0, count: layers * heads * classes)
  }

  public subscript(layer: Int, head: Int, label: Int) -> Double {
    beta[(layer * heads + head) * classes + label]
  }

  /// What the factors do to a prompt: those of a class act on the label words of all its
  /// demonstrations.
  public func interventions(on prompt: Prompt) -> [Intervention] {
    let edges = prompt.labelPositions.map { positions in
      positions.map { Edge(from: $0, to: prompt.target) }
    }
    var interventions: [Intervention] = []
    interventions.reserveCapacity(beta.count)
    for layer in 0..<layers {
      for head in 0..<heads {
        for (label, edges) in edges.enumerated() {
          interventions.append(
            Intervention(
              .scale(Float(exp(self[layer, head, label]))), edges: edges, layers: [layer],
              heads: heads == 1 ? nil : [head]))
        }
      }
    }
    return interventions
  }

  /// Whether attention can be multiplied by every factor.
  var areFinite: Bool { beta.allSatisfy { Float(exp($0)).isFinite } }

  /// What a computation with these factors gives. Factors can be finite and still lead to numbers that
  /// are not, which is no fault of the model, whose own β is 0.
  ///
  /// - Parameter rate: the learning rate by which they came about.
  /// - Throws: ``AnalysisError/diverged(rate:)`` in place of `ModelError.notFinite`.
  public func computable<Result>(rate: Double, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch ModelError.notFinite where beta.contains(where: { $0 != 0 }) {
      throw AnalysisError.diverged(rate: rate)
    }
  }

  /// What a trace must hold for its gradient to β.
  static let captures: Captures = [.targetAttention, .attentionGradient]

  /// ∂ℒ/∂β, [L, H, C]: of A′ = exp(β) A it is A′ ⊙ ∂ℒ/∂A′, summed over the places that share a β.
  func gradient(_ trace: Trace, on prompt: Prompt) -> [Double] {
    var gradient = [Double](repeating: 0, count: beta.count)
    let keys = prompt.tokens.count
    for layer in 0..<layers {
      let (attention, slopes) = (trace.targetAttention[layer], trace.attentionGradient[layer])
      // Of the pass's own rows, the last one of each head.
      let rows = trace.tokens.count
      for head in 0..<attention.count / keys {
        let row = (head * rows + rows - 1) * keys
        let place = (layer * heads + (heads == 1 ? 0 : head)) * classes
        for (label, positions) in prompt.labelPositions.enumerated() {
          for position in positions {
            gradient[place + label] +=
              Double(attention[head * keys + position]) * Double(slopes[row + position])
          }
        }
      }
    }
    return gradient
  }
}
