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
    return try run(pass, team: Team(size: threads), capacity: pass.tokens.count, monitor: monitor)
  }

  /// Runs many prompts. Results come in the order of the passes; `reduce` turns each trace into what
  /// is kept of it.
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
    let capacity = passes.map(\.tokens.count).max() ?? 0
    let state = Locked((next: 0, done: 0, results: [Result?](repeating: nil, count: passes.count)))
    let failure = Locked<(any Error)?>(nil)
    let workers = max(1, min(threads, passes.count, batch ?? threads))
    let team = Team(size: threads / workers)
    Team(size: workers).forEach(workers) { _ in
      while failure.withLock({ $0 == nil }) {
        let index = state.withLock { state -> Int in
          defer { state.next += 1 }
          return state.next
        }
        guard index < passes.count else { return }
        do {
          let trace = try run(passes[index], team: team, capacity: capacity, monitor: monitor)
          let result = reduce(index, trace)
          let done = state.withLock { state -> Int in
            state.results[index] = result
            state.done += 1
            return state.done
          }
          monitor.advanced(done, passes.count)
        } catch {
          failure.withLock { if $0 == nil { $0 = error } }
        }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
    return state.withLock { $0.results.compactMap { $0 } }
  }

  // MARK: - One pass

  private func check(_ pass: Pass) throws(ModelError) {
    let T = pass.tokens.count
    guard T > 0 else { throw .emptyPrompt }
    guard T <= architecture.context else {
      throw .promptTooLong(tokens: T, context: architecture.context)
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
      try intervention.check(layers: architecture.layers, heads: architecture.heads, tokens: T)
    }
    if pass.needsGradient {
      guard let answer = pass.answer, pass.labels.indices.contains(answer) else {
        throw .gradientWithoutAnswer
      }
    }
  }

  private func run(
    _ pass: Pass, team: Team, capacity: Int, monitor: Monitor
  ) throws -> Trace {
    let plan = MemoryPlan(
      architecture, tokens: capacity, members: team.size, gradient: pass.needsGradient)
    let workspace = workspaces.take(architecture, plan)
    defer { workspaces.giveBack(workspace) }
    let runner = PassRunner(
      decoder: self, pass: pass, workspace: workspace, team: team, monitor: monitor)
    return try runner.run()
  }
}
