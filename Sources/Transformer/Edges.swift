/// The attention that one position pays to another: `to` is the query's position, `from` the key's.
public struct Edge: Sendable, Hashable {
  public let from: Int
  public let to: Int

  public init(from: Int, to: Int) {
    self.from = from
    self.to = to
  }
}

/// Some of the attention between positions.
public enum Edges: Sendable, Equatable {
  case listed([Edge])
  /// From every one of some positions to every later one of others. Few numbers say much: a long prompt
  /// has many edges.
  case between([Int], and: [Int])

  public var isEmpty: Bool {
    switch self {
    case .listed(let edges): return edges.isEmpty
    case .between(let sources, let targets):
      guard let first = sources.min(), let last = targets.max() else { return true }
      return first >= last
    }
  }

  /// Those that lead to positions in a range only.
  func leading(to range: Range<Int>) -> Edges {
    switch self {
    case .listed(let edges): .listed(edges.filter { range.contains($0.to) })
    case .between(let sources, let targets):
      .between(sources.filter { $0 < range.upperBound }, and: targets.filter(range.contains))
    }
  }

  /// Calls `body` with every edge.
  func forEach(_ body: (_ from: Int, _ to: Int) -> Void) {
    switch self {
    case .listed(let edges):
      for edge in edges { body(edge.from, edge.to) }
    case .between(let sources, let targets):
      for target in targets {
        for source in sources where source < target { body(source, target) }
      }
    }
  }

  /// - Parameters:
  ///   - tokens: all positions there are, cached ones included.
  ///   - cached: of these, the first ones: nothing can lead to them any more.
  /// - Throws: ``ModelError/interventionOutOfRange(_:)``.
  func check(tokens: Int, cached: Int) throws(ModelError) {
    func check(_ edge: Edge) throws(ModelError) {
      guard 0 <= edge.from, edge.from <= edge.to, edge.to < tokens else {
        throw .interventionOutOfRange(
          "position \(edge.to) cannot attend to \(edge.from) in a prompt of \(tokens) tokens")
      }
      guard edge.to >= cached else {
        throw .interventionOutOfRange(
          "position \(edge.to) is cached, so that nothing can change what it attended to: "
            + "compute it with the intervention")
      }
    }
    switch self {
    case .listed(let edges):
      for edge in edges { try check(edge) }
    case .between(let sources, let targets):
      guard let first = sources.min() else { return }
      for target in targets where first < target { try check(Edge(from: first, to: target)) }
    }
  }
}
