import LinearAlgebra

extension Decoder {
  /// Runs one prompt, all threads working on it together: the least time to an answer.
  ///
  /// - Throws: ``ModelError`` for a prompt or an intervention that does not fit the model,
  ///   `Cancelled` when the monitor says so.
  public func run(_ pass: Pass, threads: Int = Machine.cores, monitor: Monitor = .none) throws
    -> Trace
  {
    try check(pass)
    let plan = MemoryPlan(architecture, for: [pass], members: threads)
    let workspace = workspaces.take(architecture, plan)
    defer { workspaces.giveBack(workspace) }
    return try run([pass], in: workspace, team: Team(size: threads), monitor: monitor)[0]
  }

  /// Runs many prompts. Results come in the order of the passes; `reduce` turns each trace into what
  /// is kept of it. What all prompts begin with is computed once where that changes nothing but
  /// rounding, see ``SharedPrefix``; short ones go through the decoder together, see ``PackRunner``.
  ///
  /// - Parameter batch: prompts computed at a time, sharing the threads; one a thread if nil, which
  ///   gives the most prompts a second. Fewer take less memory.
  /// - Throws: as ``run(_:threads:monitor:)``; the first failing prompt decides.
  public func run<Result: Sendable>(
    _ passes: [Pass], threads: Int = Machine.cores, batch: Int? = nil, monitor: Monitor = .none,
    reduce: @escaping @Sendable (_ index: Int, _ trace: Trace) -> Result
  ) throws -> [Result] {
    for pass in passes { try check(pass) }
    if passes.count == 1 {
      let result = reduce(0, try run(passes[0], threads: threads, monitor: monitor))
      monitor.advanced(1, 1)
      return [result]
    }
    let shared = try SharedPrefix(of: passes, in: self, threads: threads, monitor: monitor)
    let remaining = shared?.passes ?? passes
    let state = Locked((next: 0, done: 0, results: [Result?](repeating: nil, count: passes.count)))
    let failure = Locked<(any Error)?>(nil)
    let workers = max(1, min(threads, passes.count, batch ?? threads))
    let team = Team(size: threads / workers)
    let packs = PackRunner.packs(of: remaining, workers: workers, batch: batch)
    let plan = MemoryPlan(architecture, for: remaining, packs: packs, members: team.size)
    Team(size: workers).forEach(workers) { _ in
      let workspace = workspaces.take(architecture, plan)
      defer { workspaces.giveBack(workspace) }
      while failure.withLock({ $0 == nil }) {
        let next = state.withLock { state -> Int in
          defer { state.next += 1 }
          return state.next
        }
        guard next < packs.count else { return }
        do {
          let traces = try run(
            remaining[packs[next]], in: workspace, team: team, monitor: monitor)
          for (index, var trace) in zip(packs[next], traces) {
            trace.tokens = passes[index].tokens
            let result = reduce(index, trace)
            let done = state.withLock { state -> Int in
              state.results[index] = result
              state.done += 1
              return state.done
            }
            monitor.advanced(done, passes.count)
          }
        } catch {
          failure.withLock { if $0 == nil { $0 = error } }
        }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
    return state.withLock { $0.results.compactMap { $0 } }
  }

  // MARK: - One pass

  /// - Throws: ``ModelError`` for a pass that does not fit the model.
  func check(_ pass: Pass) throws(ModelError) {
    let T = pass.tokens.count
    guard T > 0 else { throw .emptyPrompt }
    let (start, context) = (pass.firstPosition, architecture.context)
    guard (0...context).contains(start) else {
      throw .startOutOfRange(start, context: context)
    }
    guard start + T <= context else { throw .promptTooLong(tokens: start + T, context: context) }
    if let cache = pass.cache {
      guard cache.decoder === self else { throw .cacheOfAnotherModel }
      guard cache.serves(tokens: start + T) else {
        throw .cacheOfAnotherLength(cache.reach, tokens: start + T)
      }
    }
    let vocabulary = 0..<architecture.vocabulary
    if let position = pass.tokens.firstIndex(where: { !vocabulary.contains($0) }) {
      throw .tokenOutOfRange(
        pass.tokens[position], position: position, vocabulary: vocabulary.count)
    }
    if let label = pass.labels.first(where: { !vocabulary.contains($0) }) {
      throw .labelOutOfRange(label, vocabulary: vocabulary.count)
    }
    for intervention in pass.interventions {
      try intervention.check(
        layers: architecture.layers, heads: architecture.heads, tokens: pass.cachedCount + T,
        cached: pass.cachedCount)
    }
    if pass.needsGradient {
      guard let answer = pass.answer, pass.labels.indices.contains(answer) else {
        throw .gradientWithoutAnswer
      }
    }
  }

  /// Runs what is one worker's turn: one pass, or several short ones.
  private func run(
    _ passes: ArraySlice<Pass>, in workspace: Workspace, team: Team, monitor: Monitor
  ) throws -> [Trace] {
    if let pass = passes.first, passes.count == 1 {
      let runner = PassRunner(
        decoder: self, pass: pass, workspace: workspace, team: team, monitor: monitor)
      return [try runner.run()]
    }
    let pack = PackRunner(
      decoder: self, passes: Array(passes), workspace: workspace, team: team, monitor: monitor)
    return try pack.run()
  }
}

extension MemoryPlan {
  /// What serves every one of some passes. A cache that grows token by token soon asks for more, so
  /// that there is room for some.
  ///
  /// - Parameter packs: those that run together; each alone if nil.
  init(
    _ architecture: Architecture, for passes: [Pass], packs: [Range<Int>]? = nil, members: Int
  ) {
    let (cached, step) = (passes.map(\.cachedCount).max() ?? 0, 256)
    let tokens = (packs ?? passes.indices.map { $0..<$0 + 1 }).map { pack in
      passes[pack].reduce(0) { $0 + $1.tokens.count }
    }
    self.init(
      architecture, tokens: tokens.max() ?? 0,
      cached: (cached + step - 1) / step * step, members: max(1, members),
      gradient: passes.contains { $0.needsGradient })
  }
}
