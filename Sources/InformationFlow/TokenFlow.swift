import InContext
import LinearAlgebra
import Transformer

/// The saliency of one prompt from token to token, as means over groups of layers, and its profile: the
/// picture of the paper's first figure.
public struct TokenFlow: Sendable {
  /// What an edge between two positions carries.
  public enum Kind: Int, Sendable, CaseIterable {
    /// From an earlier token to a label word.
    case gathering
    /// From a label word to the target.
    case answering
    /// Between all others.
    case other
  }

  /// The groups of layers, as given.
  public let groups: [[Int]]
  /// For each group the mean of |Σ_h A ⊙ ∂ℒ/∂A| over its layers, (T, T) row by row: row i holds what
  /// flows into position i.
  public let saliency: [[Float]]
  /// S_wp, S_pq and S_ww of the prompt, layer by layer.
  public let profile: SaliencyProfile
  private let labels: Set<Int>
  private let target: Int
  /// T
  private let tokens: Int

  /// - Parameter groups: layers from 0; a group without layers has no flow.
  /// - Throws: ``AnalysisError``, `ModelError`, `Cancelled`.
  public init(
    of decoder: Decoder, through prompt: Prompt, groups: [[Int]], threads: Int = Machine.cores,
    monitor: Monitor = .none
  ) throws {
    let size = prompt.tokens.count * prompt.tokens.count
    // A layer at a time is added up, so that a deep model's long prompt needs no L·T² numbers.
    let sums = Locked([[Float]](repeating: [Float](repeating: 0, count: size), count: groups.count))
    var pass = try SaliencyProfile.pass(prompt)
    let reduce = pass.reduceSaliency
    pass.reduceSaliency = { layer, saliency in
      let values = saliency.values
      sums.withLock { sums in
        for (group, layers) in groups.enumerated() where layers.contains(layer) {
          let share = 1 / Float(layers.count)
          for index in 0..<size { sums[group][index] += share * values[index] }
        }
      }
      return reduce?(layer, saliency) ?? []
    }
    let trace = try decoder.run(pass, threads: threads, monitor: monitor)
    monitor.advanced(1, 1)
    self.groups = groups
    labels = Set(prompt.labelPositions.joined())
    target = prompt.target
    tokens = prompt.tokens.count
    saliency = sums.withLock { $0 }
    profile = SaliencyProfile(
      layers: trace.reducedSaliency.map { parts in
        SaliencyProfile.Layer(
          wp: Double(parts[0]), pq: Double(parts[1]), ww: Double(parts[2]))
      }, samples: 1)
  }
}

extension TokenFlow {
  /// The saliency of one position's attention to an earlier one.
  public struct Edge: Sendable, Equatable {
    public let from: Int
    public let to: Int
    public let saliency: Double
    public let kind: Kind
  }

  /// The edges of a group up to the target, without those from a position to itself.
  ///
  /// - Parameter share: how strong an edge is at least, of the strongest to or from a label word: the many
  ///   weak ones of a long prompt take memory.
  public func edges(of group: Int, above share: Double = 0) -> [Edge] {
    let values = saliency[group]
    func value(_ from: Int, _ to: Int) -> Double { Double(values[to * tokens + from]) }
    var strongest = 0.0
    for label in labels {
      strongest = (0..<label).reduce(max(strongest, value(label, target))) {
        max($0, value($1, label))
      }
    }
    var edges: [Edge] = []
    for to in 0...target {
      for from in 0..<to where value(from, to) >= share * strongest {
        let kind: Kind =
          labels.contains(to)
          ? .gathering : to == target && labels.contains(from) ? .answering : .other
        edges.append(Edge(from: from, to: to, saliency: value(from, to), kind: kind))
      }
    }
    return edges
  }
}
