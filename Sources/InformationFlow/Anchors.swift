import InContext
import LinearAlgebra
import Transformer

/// Demonstrations as a model keeps them in mind: keys and values of some of their tokens, for any query
/// to go on from ("Label words are anchors", section 3.2; spec 6).
///
/// Attention is causal, so that they do not depend on the query.
public struct Anchors: Sendable {
  /// What is kept, with the positions that it had in the demonstrations.
  public let cache: KeyValueCache
  /// The ids of the kept tokens.
  public let tokens: [Int]
  /// The number of tokens of the whole demonstrations.
  public let length: Int
  /// The position of the first token of a query: `length`, or 0 where positions begin anew.
  public let start: Int

  /// - Parameter start: `length` if nil.
  public init(cache: KeyValueCache, tokens: [Int], length: Int, start: Int? = nil) {
    self.cache = cache
    self.tokens = tokens
    self.length = length
    self.start = start ?? length
  }

  /// All tokens of a prompt's demonstrations, computed.
  ///
  /// - Throws: ``AnalysisError/noDemonstrations``, `ModelError`, `Cancelled`.
  public init(
    ofAll prompt: Prompt, by decoder: Decoder, threads: Int = Machine.cores,
    monitor: Monitor = .none
  ) throws {
    let tokens = Array(prompt.tokens.prefix(prompt.queryStart))
    guard !tokens.isEmpty else { throw AnalysisError.noDemonstrations }
    let trace = try decoder.run(
      Pass(tokens: tokens, captures: .cache), threads: threads, monitor: monitor)
    guard let cache = trace.cache else { throw AnalysisError.noDemonstrations }
    self.init(cache: cache, tokens: tokens, length: tokens.count)
  }

  /// Those at some positions only.
  ///
  /// - Parameter restarting: whether the positions of a query begin at 0 again, and so meet those of
  ///   the demonstrations, as in the released code for GPT-2 (spec 6.3).
  public func keeping(_ positions: [Int], restarting: Bool = false) -> Anchors {
    let kept = Set(positions)
    return Anchors(
      cache: cache.keeping { kept.contains($0) },
      tokens: zip(cache.positions, tokens).filter { kept.contains($0.0) }.map(\.1),
      length: length, start: restarting ? 0 : length)
  }

  /// A pass over a prompt's query behind these; the prompt's own demonstrations do not count.
  public func pass(for prompt: Prompt) -> Pass { prompt.pass(after: self) }
}

extension Prompt {
  /// One pass over the query behind cached demonstrations, or over the whole prompt without.
  func pass(after anchors: Anchors?, interventions: [Intervention] = []) -> Pass {
    var pass = pass(interventions: interventions)
    guard let anchors else { return pass }
    pass.tokens = queryTokens
    pass.cache = anchors.cache
    pass.start = anchors.start
    return pass
  }

  /// Selections of demonstration tokens in which each label word's first token gives way to a random
  /// text token of its own demonstration (spec 6.4). What else is kept stays; the first token of a
  /// label word without any text before it is left out.
  ///
  /// The draws are those of NumPy's `RandomState(seed).choice`, label by label as they stand in the
  /// prompt; a selection that has come already is drawn again.
  ///
  /// - Parameter count: how many; fewer if there are not so many.
  /// - Returns: positions, ascending.
  func randomAnchors(count: Int, seed: Int) -> [[Int]] {
    // A token that two classes share is one position.
    let labels = Set(labelPositions.joined()).sorted()
    let rest = Set(anchors).subtracting(labels)
    let candidates = zip([-1] + labels, labels).map { before, label in
      (before + 1..<label).filter { roles[$0] == .text }
    }
    let possible = candidates.reduce(1) { product, choices in
      min(count, product * max(1, choices.count))
    }
    var random = LegacyNumPyRandom(seed: UInt32(truncatingIfNeeded: seed))
    var selections: [[Int]] = []
    while selections.count < possible {
      let drawn = candidates.flatMap { choices in
        random.choice(below: choices.count, count: 1).map { choices[$0] }
      }
      let selection = rest.union(drawn).sorted()
      if !selections.contains(selection) { selections.append(selection) }
    }
    return selections
  }
}
