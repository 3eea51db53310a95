import LinearAlgebra
import Transformer

/// What a model answers to a prompt, and what it would rather write of all tokens.
public struct Answer: Sendable {
  public let prediction: Prediction
  /// The likeliest tokens of the whole vocabulary after the prompt, best first; of equals, the lower id.
  public let words: [Int]

  init(_ trace: Trace, words count: Int) {
    prediction = Prediction(trace)
    words = trace.logits.indicesOfLargest(count)
  }
}

extension [Answer] {
  /// The share of right answers among those whose right answer is known; nil if none is.
  public func accuracy(gold: [Int?]) -> Double? {
    let known = zip(gold, self).filter { $0.0 != nil }
    guard !known.isEmpty else { return nil }
    return Double(known.count { $0.0 == $0.1.prediction.predicted }) / Double(known.count)
  }
}

extension Decoder {
  /// The answers to many passes.
  ///
  /// - Parameter words: how many of the likeliest tokens are kept.
  /// - Throws: `ModelError`, `Cancelled`.
  public func answers(
    to passes: [Pass], words: Int = Loyalty.words, threads: Int = Machine.cores, batch: Int? = nil,
    monitor: Monitor = .none
  ) throws -> [Answer] {
    let capturing = passes.map { pass in
      var pass = pass
      pass.captures.insert(.logits)
      return pass
    }
    return try run(capturing, threads: threads, batch: batch, monitor: monitor) {
      Answer($1, words: words)
    }
  }
}

/// How far a model's answers stay what they were when something is changed ("Label words are anchors",
/// section 2.2). Both are shares from 0 to 1.
public struct Loyalty: Sendable, Equatable {
  /// The paper's k: so many of the likeliest tokens are compared.
  public static let words = 5

  /// The share of prompts whose predicted label stays.
  public let label: Double
  /// |A ∩ B| / |A ∪ B| of the sets of likeliest tokens, a mean over prompts.
  public let word: Double

  /// - Parameters:
  ///   - changed: answers with the change, one a prompt.
  ///   - reference: answers to the same prompts without it.
  ///   - words: k, at most as many as the answers hold.
  public init(of changed: [Answer], to reference: [Answer], words: Int = Loyalty.words) {
    let pairs = zip(changed, reference)
    let count = Double(max(1, min(changed.count, reference.count)))
    label = Double(pairs.count { $0.prediction.predicted == $1.prediction.predicted }) / count
    word =
      pairs.reduce(0) { sum, pair in
        let (a, b) = (Set(pair.0.words.prefix(words)), Set(pair.1.words.prefix(words)))
        let union = a.union(b).count
        return sum + (union == 0 ? 1 : Double(a.intersection(b).count) / Double(union))
      } / count
  }
}
