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
    let quiet = monitor.quiet
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

extension Decoder {
  /// The same passes, those that begin alike with the cached keys and values of their common beginning;
  /// see ``SharedPrefix``. For passes that are run in several calls: one call shares by itself.
  ///
  /// - Throws: as ``run(_:threads:monitor:)``.
  public func readingCommonBeginning(
    of passes: [Pass], threads: Int = Machine.cores, monitor: Monitor = .none
  ) throws -> [Pass] {
    for pass in passes { try check(pass) }
    return try SharedPrefix(of: passes, in: self, threads: threads, monitor: monitor)?.passes
      ?? passes
  }

  /// The same passes, with all tokens but the last read into a cache: whatever then changes in the
  /// last row alone, its attention or the loss, takes a pass over one token. A pass stays as it is
  /// where the cache would not serve it, since the last token makes the model turn its keys otherwise.
  ///
  /// Their caches take memory: the keys and values of every prompt.
  ///
  /// - Throws: as ``run(_:threads:monitor:)``.
  public func readingAllButLast(
    of passes: [Pass], threads: Int = Machine.cores, batch: Int? = nil, monitor: Monitor = .none
  ) throws -> [Pass] {
    let long = passes.indices.filter { passes[$0].tokens.count > 1 }
    let beginnings = long.map { index in
      let pass = passes[index]
      let last = pass.cachedCount + pass.tokens.count - 1
      var beginning = Pass(
        tokens: pass.tokens.dropLast(),
        interventions: pass.interventions.map { $0.acting(on: 0..<last) }, captures: .cache)
      beginning.cache = pass.cache
      beginning.start = pass.start
      return beginning
    }
    guard !beginnings.isEmpty else { return passes }
    let caches = try run(beginnings, threads: threads, batch: batch, monitor: monitor) {
      $1.cache
    }
    var read = passes
    for (index, cache) in zip(long, caches) {
      let pass = passes[index]
      guard let cache, cache.serves(tokens: pass.firstPosition + pass.tokens.count) else {
        continue
      }
      read[index].tokens = Array(pass.tokens.suffix(1))
      read[index].cache = cache
      read[index].start = pass.firstPosition + pass.tokens.count - 1
      read[index].interventions = pass.interventions.map {
        $0.acting(on: cache.count..<Int.max)
      }
    }
    return read
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
  func acting(on positions: Range<Int>) -> Intervention {
    var part = self
    part.edges = edges.leading(to: positions)
    return part
  }
}
