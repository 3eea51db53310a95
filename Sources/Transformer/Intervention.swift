/// The attention that one position pays to another: `to` is the query's position, `from` the key's.
public struct Edge: Sendable, Hashable {
  public let from: Int
  public let to: Int

  public init(from: Int, to: Int) {
    self.from = from
    self.to = to
  }
}

/// A change of attention while a prompt is computed.
public struct Intervention: Sendable, Equatable {
  public enum Action: Sendable, Equatable {
    /// The score is taken out before softmax: the row shares its attention among the other keys
    /// ("Label words are anchors", section 2.2, as released). A row without any key left is zero.
    case block
    /// The attention is multiplied after softmax; the row is not normalised again (section 3.1,
    /// where the factor is exp β). A factor of 0 is an exact knock-out.
    case scale(Float)
  }

  public var action: Action
  public var edges: [Edge]
  /// The layers it acts in, from 0; all if nil.
  public var layers: [Int]?
  /// The heads it acts on, from 0; all if nil.
  public var heads: [Int]?

  public init(_ action: Action, edges: [Edge], layers: [Int]? = nil, heads: [Int]? = nil) {
    self.action = action
    self.edges = edges
    self.layers = layers
    self.heads = heads
  }

  /// - Throws: ``ModelError/interventionOutOfRange(_:)``.
  func check(layers layerCount: Int, heads headCount: Int, tokens: Int) throws(ModelError) {
    for layer in layers ?? [] where !(0..<layerCount).contains(layer) {
      throw .interventionOutOfRange("layer \(layer) is outside 0...\(layerCount - 1)")
    }
    for head in heads ?? [] where !(0..<headCount).contains(head) {
      throw .interventionOutOfRange("head \(head) is outside 0...\(headCount - 1)")
    }
    for edge in edges where !(0 <= edge.from && edge.from <= edge.to && edge.to < tokens) {
      throw .interventionOutOfRange(
        "position \(edge.to) cannot attend to \(edge.from) in a prompt of \(tokens) tokens")
    }
  }
}

/// What the interventions of a pass do in one layer to one head, by query row.
struct HeadEdits {
  var blocked: [Int: [Int]] = [:]
  var factors: [Int: [(key: Int, factor: Float)]] = [:]

  var isEmpty: Bool { blocked.isEmpty && factors.isEmpty }

  init() {}

  init(_ interventions: [Intervention], layer: Int, head: Int) {
    for intervention in interventions
    where intervention.layers?.contains(layer) ?? true
      && intervention.heads?.contains(head) ?? true
    {
      for edge in intervention.edges {
        switch intervention.action {
        case .block: blocked[edge.to, default: []].append(edge.from)
        case .scale(let factor): factors[edge.to, default: []].append((edge.from, factor))
        }
      }
    }
  }
}
