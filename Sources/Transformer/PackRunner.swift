import LinearAlgebra

/// Short passes that go through the decoder together, their rows one below the other. Each has its own
/// attention; the products with weights are those of one tall matrix.
///
/// Weights are brought from memory and turned into the order in which the processor multiplies once a
/// product. Few rows do not pay for that: on two Zen 4 cores, 14 rows reach 48 % of the speed of 128,
/// 32 rows 72 %, 64 rows 88 %, and from 96 on there is nothing to gain
/// (`Benchmarks/SaliencyBenchmark`, "products").
struct PackRunner {
  /// Passes of more tokens than this run alone. With GPT-2 small, packs are 1.6 times as fast at 16
  /// tokens, 1.3 times at 32, 1.05 times at 45.
  static let longestPass = 48
  /// Rows beyond which a pack takes no more passes.
  static let rows = 128

  private let runners: [PassRunner]
  private let whole: PassRunner

  /// - Parameter passes: at least one; see ``packs(of:workers:batch:)``.
  init(
    decoder: Decoder, passes: [Pass], workspace: Workspace, team: Team, monitor: Monitor
  ) {
    var row = 0
    runners = passes.map { pass in
      defer { row += pass.tokens.count }
      return PassRunner(
        decoder: decoder, pass: pass, firstRow: row, workspace: workspace, team: team,
        monitor: monitor)
    }
    // All rows as if they were of one prompt, for what asks for no positions.
    whole = PassRunner(
      decoder: decoder, pass: Pass(tokens: passes.flatMap(\.tokens)), workspace: workspace,
      team: team, monitor: monitor)
  }

  /// - Throws: as ``Decoder/run(_:threads:monitor:)``.
  func run() throws -> [Trace] {
    var traces = runners.map { _ in Trace() }
    let architecture = whole.decoder.architecture
    for runner in runners { runner.embed() }
    for layer in 0..<architecture.layers {
      let block = whole.block(layer)
      let all = 0..<block.tokens
      let isTop = layer == architecture.layers - 1
      block.project(queryRows: all)
      for (index, runner) in runners.enumerated() {
        runner.keepHidden(layer, in: &traces[index])
        let own = runner.block(layer)
        try runner.keepingAttention(&traces[index]) {
          try own.mix(queryRows: own.rows(lastOnly: isTop), keeping: $0)
        }
      }
      if isTop { try writeLastRows(block) } else { try block.write(all) }
    }
    for (index, runner) in runners.enumerated() {
      runner.keepHidden(architecture.layers, in: &traces[index])
    }
    try score(&traces)
    return traces
  }

  /// Writes the last row of each pass, which is all that is read of the top layer's output. For the
  /// products these rows move together, to the top, and then back.
  private func writeLastRows(_ block: Block) throws {
    let last = runners.map { $0.firstRow + $0.pass.tokens.count - 1 }
    let workspace = whole.workspace
    for matrix in [workspace.normed, workspace.mixed, workspace.input(block.index)] {
      for (row, from) in last.enumerated() where row != from {
        matrix.rows(row..<row + 1).copy(from: matrix.rows(from..<from + 1))
      }
    }
    try block.write(0..<last.count)
    let output = workspace.input(block.index + 1)
    for (row, to) in last.enumerated().reversed() where row != to {
      output.rows(to..<to + 1).copy(from: output.rows(row..<row + 1))
    }
  }

  private func score(_ traces: inout [Trace]) throws {
    let last = try runners.map { try $0.last() }
    let asking = runners.indices.filter { runners[$0].pass.captures.contains(.logits) }
    let logits = whole.reader.allLogits(of: asking.map { last[$0] }, team: whole.team)
    let found = Dictionary(uniqueKeysWithValues: zip(asking, logits))
    for (index, runner) in runners.enumerated() {
      runner.score(last[index], found[index] ?? [], into: &traces[index])
    }
  }
}

extension PackRunner {
  /// Which passes run together: consecutive ones, as many as fill a pack, where all are short and ask
  /// for nothing that a pack does not keep; but no more than a worker's share of all.
  ///
  /// - Parameter batch: passes that may be in memory at a time, if that is limited.
  static func packs(of passes: [Pass], workers: Int, batch: Int?) -> [Range<Int>] {
    let share = (passes.count + workers - 1) / workers
    let largest = passes.allSatisfy(canBePacked) ? min(share, (batch ?? .max) / workers) : 1
    var packs: [Range<Int>] = []
    var rows = 0
    for (index, pass) in passes.enumerated() {
      rows += pass.tokens.count
      if let last = packs.last, last.count < largest, rows <= Self.rows {
        packs[packs.count - 1] = last.lowerBound..<index + 1
      } else {
        packs.append(index..<index + 1)
        rows = pass.tokens.count
      }
    }
    return packs
  }

  private static func canBePacked(_ pass: Pass) -> Bool {
    !pass.needsGradient && pass.tokens.count <= longestPass
      && pass.captures.isSubset(of: [.logits, .targetAttention, .lens])
  }
}
