import LinearAlgebra

/// The beginning that all prompts of a run have in common, such as their demonstrations, computed once.
///
/// Attention is causal, so that this changes nothing but rounding: a product with fewer rows may add up
/// in another order.
struct SharedPrefix {
  /// Below this, it is not worth a pass of its own.
  static let leastTokens = 8
  /// Above this many bytes of keys and values, memory is worth more than time.
  static let largestBytes = 1 << 30

  /// What is left of each pass: it begins with the common keys and values.
  let passes: [Pass]

  /// - Returns: nil where there is nothing to gain, or where something is asked for that needs every
  ///   token in one pass: gradients, or captures of all positions.
  /// - Throws: `ModelError`, `Cancelled`.
  init?(of passes: [Pass], in decoder: Decoder, threads: Int, monitor: Monitor) throws {
    guard let prefix = Self.pass(sharedBy: passes, decoder.architecture) else { return nil }
    let quiet = Monitor(isCancelled: monitor.isCancelled)
    let cache = try decoder.run(prefix, threads: threads, monitor: quiet).cache
    let P = prefix.tokens.count
    self.passes = passes.map { pass in
      var rest = pass
      rest.tokens = Array(pass.tokens.dropFirst(P))
      rest.cache = cache
      rest.interventions = pass.interventions.map { $0.acting(on: P..<Int.max) }
      return rest
    }
  }

  /// The pass over the longest common beginning that leaves every prompt its last token.
  static func pass(sharedBy passes: [Pass], _ architecture: Architecture) -> Pass? {
    guard let first = passes.first, passes.count > 1,
      passes.allSatisfy({ $0.canBeginWithCache })
    else { return nil }
    var P = first.tokens.count - 1
    for pass in passes.dropFirst() {
      P = min(P, pass.tokens.count - 1)
      P = (0..<max(P, 0)).first { pass.tokens[$0] != first.tokens[$0] } ?? P
    }
    guard P >= leastTokens, KeyValueCache.bytes(architecture, tokens: P) <= largestBytes else {
      return nil
    }
    if case .rotary(let rotary) = architecture.positions {
      let alike = passes.allSatisfy { rotary.turnsAlike(tokens: P, and: $0.tokens.count) }
      guard alike else { return nil }
    }
    // What is changed within the beginning must be the same for all, too.
    let changes = first.interventions.map { $0.acting(on: 0..<P) }
    for pass in passes.dropFirst() where !pass.interventions.isEmpty || !changes.isEmpty {
      guard pass.interventions.map({ $0.acting(on: 0..<P) }) == changes else { return nil }
    }
    return Pass(
      tokens: Array(first.tokens.prefix(P)), interventions: changes, captures: .cache)
  }
}

extension Pass {
  fileprivate var canBeginWithCache: Bool {
    cache == nil && start == nil && !needsGradient && !captures.needEveryRow
      && !captures.contains(.cache)
  }
}

extension Intervention {
  /// The same, of the edges that lead to some positions only. One without edges acts everywhere.
  fileprivate func acting(on positions: Range<Int>) -> Intervention {
    var part = self
    part.edges = edges.leading(to: positions)
    return part
  }
}
