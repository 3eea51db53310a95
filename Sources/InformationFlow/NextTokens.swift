import Foundation
import InContext
import LinearAlgebra
import Transformer

/// The tokens of the whole vocabulary that a model finds likeliest after a prompt.
public struct NextTokens: Sendable {
  public struct Token: Sendable, Equatable {
    public let id: Int
    public let logit: Float
    /// Softmax over the whole vocabulary.
    public let probability: Double
  }

  /// Best first; of equals, the lower id.
  public let tokens: [Token]

  /// - Parameter anchors: what the query sees in place of the prompt's demonstrations.
  /// - Throws: `ModelError`, `Cancelled`.
  public init(
    after prompt: Prompt, behind anchors: Anchors? = nil, by decoder: Decoder, count: Int,
    changing interventions: [Intervention] = [],
    threads: Int = Machine.cores, monitor: Monitor = .none
  ) throws {
    var pass = prompt.pass(after: anchors, interventions: interventions)
    pass.captures = .logits
    let logits = try decoder.run(pass, threads: threads, monitor: monitor).logits
    let best = logits.indicesOfLargest(count)
    let top = best.first.map { Double(logits[$0]) } ?? 0
    let sum = logits.reduce(0) { $0 + exp(Double($1) - top) }
    tokens = best.map {
      Token(id: $0, logit: logits[$0], probability: exp(Double(logits[$0]) - top) / sum)
    }
  }
}

extension [Float] {
  /// Where the largest elements stand, largest first; of equals, the earlier one.
  func indicesOfLargest(_ count: Int) -> [Int] {
    var best: [Int] = []
    for index in indices {
      if best.count == count, let last = best.last, self[index] <= self[last] { continue }
      let place = best.firstIndex { self[index] > self[$0] } ?? best.count
      best.insert(index, at: place)
      if best.count > count { best.removeLast() }
    }
    return best
  }
}
