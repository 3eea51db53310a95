import InContext
import LinearAlgebra
import Transformer

/// What stays of a model's answers when some positions see nothing but themselves in some layers ("Label
/// Words Are Anchors", section 2.2; spec 3).
public struct Isolation: Sendable {
  /// Who is isolated.
  public enum Subject: Sendable, Equatable {
    /// The first token of every label word of the demonstrations.
    case labelWords
    /// The control: as many other positions, drawn anew for every prompt and layer.
    case random(seed: Int)
    /// Every token with a role; of a label word all its tokens.
    case role(Role)
  }

  /// Answers of the model as it is, one a prompt.
  public let reference: [Answer]
  /// Answers with the isolation.
  public let isolated: [Answer]
  /// The right answers, where they are known.
  public let gold: [Int?]
  public let loyalty: Loyalty

  /// Asks the model every prompt twice: as it is, and with positions isolated.
  ///
  /// - Parameters:
  ///   - layers: where the positions are isolated, in every head.
  ///   - exact: whether attention to earlier positions becomes zero after softmax, so that what a
  ///     position pays to itself stays as it was. Otherwise scores are taken out before softmax, as the
  ///     paper's code does it: the position then pays everything to itself.
  ///   - words: how many of the likeliest tokens word loyalty compares.
  /// - Throws: ``AnalysisError``, `ModelError`, `Cancelled`. The monitor hears of two passes a prompt.
  public init(
    of decoder: Decoder, over prompts: [Prompt], isolating subject: Subject, layers: [Int],
    exact: Bool = false, words: Int = Loyalty.words, threads: Int = Machine.cores,
    batch: Int? = nil, monitor: Monitor = .none
  ) throws {
    guard let first = prompts.first else { throw AnalysisError.noPrompts }
    guard !first.labelTokens.isEmpty else { throw AnalysisError.noLabels }
    let rows = try Self.positions(
      of: subject, in: prompts, layers: decoder.architecture.layers)
    let passes = zip(prompts, rows).map { prompt, rows in
      prompt.pass(
        interventions: Self.interventions(isolating: rows, layers: layers, exact: exact))
    }
    func answers(to passes: [Pass], after done: Int) throws -> [Answer] {
      try decoder.answers(
        to: passes, words: words, threads: threads, batch: batch,
        monitor: monitor.after(done, of: 2 * prompts.count))
    }
    reference = try answers(to: prompts.map { $0.pass() }, after: 0)
    isolated = try answers(to: passes, after: prompts.count)
    gold = prompts.map(\.answer)
    loyalty = Loyalty(of: isolated, to: reference, words: words)
  }

  /// The share of right answers of the model as it is; nil if no right answer is known.
  public var accuracy: Double? { reference.accuracy(gold: gold) }
  /// The share of right answers with the isolation.
  public var accuracyIsolated: Double? { isolated.accuracy(gold: gold) }

  // MARK: - Positions

  /// Positions to isolate: the same in all layers, or those of each layer of the model.
  enum Rows: Equatable {
    case everywhere([Int])
    case byLayer([[Int]])
  }

  /// The positions to isolate in each prompt.
  static func positions(
    of subject: Subject, in prompts: [Prompt], layers: Int
  ) throws(AnalysisError) -> [Rows] {
    switch subject {
    case .role(let role):
      return try prompts.map { prompt throws(AnalysisError) in
        let rows = prompt.positions(at: [.role(role)])
        guard !rows.isEmpty else { throw AnalysisError.noTokens(role) }
        return .everywhere(rows)
      }
    case .labelWords:
      return try prompts.map { prompt throws(AnalysisError) in
        .everywhere(try labelPositions(prompt))
      }
    case .random(let seed):
      var random = PermutedCongruential(seed: UInt64(truncatingIfNeeded: seed))
      return try prompts.map { prompt throws(AnalysisError) in
        let labels = try labelPositions(prompt)
        return .byLayer((0..<layers).map { _ in draw(prompt, besides: labels, &random) })
      }
    }
  }

  private static func labelPositions(_ prompt: Prompt) throws(AnalysisError) -> [Int] {
    let positions = prompt.labelPositions.flatMap { $0 }.sorted()
    guard !positions.isEmpty else { throw .noLabelPositions }
    return positions
  }

  /// As many positions as there are label words, none of them one; not the last two either (spec 3.3).
  /// Fewer where there are not so many. Layers that are not isolated draw, too, so that a layer's
  /// positions are the same whatever others are isolated.
  private static func draw(
    _ prompt: Prompt, besides labels: [Int], _ random: inout PermutedCongruential
  ) -> [Int] {
    let candidates = (0..<max(0, prompt.target - 1)).filter { !labels.contains($0) }
    return random.permutation(candidates.count).prefix(labels.count).map { candidates[$0] }.sorted()
  }

  private static func interventions(
    isolating rows: Rows, layers: [Int], exact: Bool
  ) -> [Intervention] {
    let action: Intervention.Action = exact ? .scale(0) : .block
    func isolation(_ positions: [Int], _ layers: [Int]) -> Intervention {
      let last = positions.last ?? 0
      return Intervention(
        action, edges: .between(Array(0..<last), and: positions), layers: layers)
    }
    switch rows {
    case .everywhere(let positions): return [isolation(positions, layers)]
    case .byLayer(let positions):
      return layers.filter(positions.indices.contains).map { isolation(positions[$0], [$0]) }
    }
  }
}
