/// A change of attention while a prompt is computed.
public struct Intervention: Sendable, Equatable {
  public enum Action: Sendable, Equatable {
    /// The score is taken out before softmax: the row shares its attention among the other keys
    /// ("Label words are anchors", section 2.2, as released). A row without any key left is zero.
    case block
    /// The attention is multiplied after softmax; the row is not normalised again (section 3.1,
    /// where the factor is exp β). A factor of 0 is an exact knock-out.
    case scale(Float)
    /// The head's output is zero at every position; it has no edges. What the head attends to is
    /// computed all the same.
    case ablate
  }

  public var action: Action
  /// Positions count what is cached first; see ``Pass``.
  public var edges: Edges
  /// The layers it acts in, from 0; all if nil.
  public var layers: [Int]?
  /// The heads it acts on, from 0; all if nil.
  public var heads: [Int]?

  public init(_ action: Action, edges: Edges, layers: [Int]? = nil, heads: [Int]? = nil) {
    self.action = action
    self.edges = edges
    self.layers = layers
    self.heads = heads
  }

  public init(_ action: Action, edges: [Edge], layers: [Int]? = nil, heads: [Int]? = nil) {
    self.init(action, edges: .listed(edges), layers: layers, heads: heads)
  }

  /// Takes heads out of the model: their output is zero.
  public static func ablation(heads: [Int], layers: [Int]) -> Intervention {
    Intervention(.ablate, edges: .listed([]), layers: layers, heads: heads)
  }

  /// - Throws: ``ModelError/interventionOutOfRange(_:)``.
  func check(
    layers layerCount: Int, heads headCount: Int, tokens: Int, cached: Int
  ) throws(ModelError) {
    for layer in layers ?? [] where !(0..<layerCount).contains(layer) {
      throw .interventionOutOfRange("layer \(layer) is outside 0...\(layerCount - 1)")
    }
    for head in heads ?? [] where !(0..<headCount).contains(head) {
      throw .interventionOutOfRange("head \(head) is outside 0...\(headCount - 1)")
    }
    try edges.check(tokens: tokens, cached: cached)
  }
}

/// What the interventions of a pass do in one layer to one head, by query row.
struct HeadEdits {
  var blocked: [Int: [Int]] = [:]
  var factors: [Int: [(key: Int, factor: Float)]] = [:]
  var isAblated = false

  init(_ interventions: [Intervention]) {
    for intervention in interventions {
      if intervention.action == .ablate { isAblated = true }
      intervention.edges.forEach { from, to in
        switch intervention.action {
        case .block: blocked[to, default: []].append(from)
        case .scale(let factor): factors[to, default: []].append((from, factor))
        case .ablate: break
        }
      }
    }
  }

  /// The edits of every layer and head, [layer][head]; empty for a layer in which nothing is changed.
  /// Those that are alike are made once: there may be many edges.
  static func table(_ interventions: [Intervention], _ architecture: Architecture) -> [[HeadEdits]]
  {
    var made: [[Int]: HeadEdits] = [:]
    return (0..<architecture.layers).map { layer in
      let here = interventions.indices.filter { interventions[$0].layers?.contains(layer) ?? true }
      guard !here.isEmpty else { return [] }
      return (0..<architecture.heads).map { head in
        let acting = here.filter { interventions[$0].heads?.contains(head) ?? true }
        if let edits = made[acting] { return edits }
        let edits = HeadEdits(acting.map { interventions[$0] })
        made[acting] = edits
        return edits
      }
    }
  }
}
