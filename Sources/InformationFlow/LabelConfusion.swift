import InContext
import LinearAlgebra
import Transformer

/// Which classes a model takes for one another, and which it should by the keys of their label words
/// ("Label words are anchors", section 3.3).
public struct LabelConfusion: Sendable {
  /// The layer that the paper looks at, 32 of 48, in a model of another depth: at two thirds.
  public static func usualLayer(of layers: Int) -> Int { layers * 2 / 3 }

  public let classes: [String]
  /// How far apart the label words' keys are along the directions in which queries differ, as a share
  /// of the largest distance, [C][C]; 1 on the diagonal. Nil where no two differ.
  public let predicted: [[Double]]?
  /// How well the model's probabilities tell the rows of two classes apart, an AUC, [C][C]; 1 on the
  /// diagonal, nil for classes without rows.
  public let measured: [[Double?]]
  /// The share of each direction in the variance of the queries.
  public let shares: [Double]
  /// Prompts behind `measured`, and behind the directions.
  public let answered: Int
  public let queried: Int

  /// - Parameters:
  ///   - layer: whose keys and queries are compared, from 0.
  ///   - components: how many directions; fewer where there are no more.
  /// - Throws: ``AnalysisError``, `ModelError`, `Cancelled`.
  public init(
    of decoder: Decoder, over prompts: DiagnosisPrompts, layer: Int, components: Int,
    threads: Int = Machine.cores, batch: Int? = nil, monitor: Monitor = .none
  ) throws {
    guard let first = prompts.answered.first else { throw AnalysisError.noPrompts }
    let layers = decoder.architecture.layers
    guard (0..<layers).contains(layer) else {
      throw AnalysisError.layerOutOfRange(layer, layers: layers)
    }
    // A class without a label word in the prompt has no key to compare.
    let labels = first.labelPositions.compactMap(\.first)
    guard !labels.isEmpty, labels.count == first.classes.count else {
      throw AnalysisError.noLabelPositions
    }
    let total = Self.passes(for: prompts)
    let logits = try decoder.run(
      prompts.answered.map { $0.pass() }, threads: threads, batch: batch,
      monitor: monitor.after(0, of: total)
    ) { $1.labelLogits.map(Double.init) }

    let architecture = decoder.architecture
    // Keys do not depend on what follows, so that those of one prompt are those of all.
    let states = try decoder.run(
      ([first] + prompts.queried).map { prompt in
        var pass = prompt.pass(capturing: .queriesKeysValues)
        pass.capturedLayers = [layer]
        return pass
      }, threads: threads, batch: batch, monitor: monitor.after(logits.count, of: total)
    ) { index, trace in
      let keys = index > 0 ? [] : labels.map { trace.key(at: $0, architecture) }
      return (keys: keys, query: trace.lastQuery(architecture))
    }
    self.init(
      classes: first.classes, keys: states[0].keys, queries: states.dropFirst().map(\.query),
      components: components, logits: logits, gold: prompts.answered.map { $0.answer ?? -1 })
  }

  /// How many prompts are computed.
  public static func passes(for prompts: DiagnosisPrompts) -> Int {
    prompts.answered.count + prompts.queried.count + 1
  }

  /// - Parameters:
  ///   - keys: of the label words, [C][H · d].
  ///   - queries: at the targets of many prompts, [M][H · d].
  ///   - logits: of the label words, for the prompts that are answered, [N][C].
  ///   - gold: their classes, [N].
  public init(
    classes: [String], keys: [[Double]], queries: [[Double]], components: Int,
    logits: [[Double]], gold: [Int]
  ) {
    self.classes = classes
    let components = PrincipalComponents(of: queries, count: components)
    shares = components?.shares ?? []
    predicted = components.flatMap { Self.distances(of: keys, along: $0) }
    measured = classes.indices.map { i in
      classes.indices.map { j in
        guard i != j else { return 1 }
        let rows = gold.indices.filter { gold[$0] == i || gold[$0] == j }
        // The order by p_i / p_j is that by the difference of the logits.
        return Statistics.areaUnderROC(
          scores: rows.map { logits[$0][i] - logits[$0][j] }, positive: rows.map { gold[$0] == i })
      }
    }
    answered = logits.count
    queried = queries.count
  }

  /// Distances of k̂_m = σ_m v_mᵀ k, where σ_m is the deviation of the queries along direction v_m,
  /// divided by the largest.
  private static func distances(
    of keys: [[Double]], along components: PrincipalComponents
  ) -> [[Double]]? {
    let projected = keys.map { key in
      zip(components.directions, components.deviations).map { direction, deviation in
        deviation * zip(direction, key).reduce(0) { $0 + $1.0 * $1.1 }
      }
    }
    let distances = projected.map { a in
      projected.map { b in
        zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
      }
    }
    guard let largest = distances.joined().max(), largest > 0, largest.isFinite else { return nil }
    return distances.indices.map { i in
      distances.indices.map { j in i == j ? 1 : distances[i][j] / largest }
    }
  }

  // MARK: - Pairs

  /// Two classes, the lower id first.
  public struct Pair: Sendable {
    public let classes: (Int, Int)
    public let predicted: Double?
    public let measured: Double?
  }

  /// Every two classes.
  public var pairs: [Pair] {
    classes.indices.flatMap { i in
      (i + 1..<max(i + 1, classes.count)).map { j in
        Pair(classes: (i, j), predicted: predicted?[i][j], measured: measured[i][j])
      }
    }
  }

  /// Spearman's correlation of prediction and measurement over the pairs that have both; nil where it
  /// is undefined, as of one pair.
  public var correlation: Double? {
    let both = pairs.filter { $0.predicted != nil && $0.measured != nil }
    return Statistics.rankCorrelation(
      both.compactMap(\.predicted), both.compactMap(\.measured))
  }
}

extension Trace {
  /// The query of the last position in the one layer that was captured, all heads, [H · d].
  fileprivate func lastQuery(_ architecture: Architecture) -> [Double] {
    let (T, d) = (tokens.count, architecture.headSize)
    return (0..<architecture.heads).flatMap { (head: Int) -> [Double] in
      let end = (head + 1) * T * d
      return queries[0][end - d..<end].map { Double($0) }
    }
  }

  /// The key that each head meets at a position in the one layer that was captured, [H · d]. Heads that
  /// share a key each have it, so that keys have the directions of queries.
  fileprivate func key(at position: Int, _ architecture: Architecture) -> [Double] {
    let (T, d) = (tokens.count, architecture.headSize)
    let sharing = architecture.heads / architecture.keyValueHeads
    return (0..<architecture.heads).flatMap { (head: Int) -> [Double] in
      let start = (head / sharing * T + position) * d
      return keys[0][start..<start + d].map { Double($0) }
    }
  }
}
