import LinearAlgebra

/// One block of a decoder applied to one prompt: what it needs at hand, forward and backward.
struct Block: @unchecked Sendable {
  // Unchecked: the members of the team share the workspace, each in matrices or columns of its own.
  let index: Int
  let architecture: Architecture
  let weights: LayerWeights
  let workspace: Workspace
  let team: Team
  /// T
  let tokens: Int
  /// The prompt's first row in the workspace, where prompts are packed.
  let firstRow: Int
  /// Asked between products: in a large model a block takes long.
  let monitor: Monitor
  /// Where positions are rotary.
  let rotary: RotaryTable?
  /// What the tokens see before themselves.
  let cache: KeyValueCache?
  /// The position of the first token.
  let start: Int
  /// One a head; empty if nothing is changed in this layer.
  let edits: [HeadEdits]

  /// P, the number of cached entries.
  var cached: Int { cache?.count ?? 0 }

  var saved: BlockActivations {
    workspace.activations(index).rows(firstRow..<firstRow + tokens)
  }
  var input: Matrix { own(workspace.input(index)) }
  var scale: Float { architecture.scoreScale(layer: index) }

  /// The prompt's rows of a matrix of the workspace.
  func own(_ matrix: Matrix) -> Matrix { matrix.rows(firstRow..<firstRow + tokens) }

  /// Rows in which the block's output is wanted: all of them, or the last one alone.
  func rows(lastOnly: Bool) -> Range<Int> { (lastOnly ? tokens - 1 : 0)..<tokens }

  // MARK: - Forward

  /// Computes the block's output into the next layer's input.
  ///
  /// - Parameters:
  ///   - lastOnly: whether only the last position's output is wanted, as in the top layer, from which
  ///     nothing but the logits of the last position is read. Keys and values are computed for every
  ///     position all the same.
  ///   - needsOutput: whether the output is wanted, and not only what the backward pass needs of this
  ///     block.
  /// - Complexity: 2T(4C² + 2C·inner) + 2T²C operations for a block like GPT-2's; with `lastOnly`,
  ///   4TC².
  /// - Throws: `Cancelled`.
  func forward(
    lastOnly: Bool, needsOutput: Bool = true, keeping kept: AttentionCapture?
  ) throws {
    let rows = rows(lastOnly: lastOnly)
    project(queryRows: rows)
    try mix(queryRows: rows, keeping: kept)
    try write(rows, needsOutput: needsOutput)
  }

  /// The norm before attention, and queries, keys and values of it.
  func project(queryRows rows: Range<Int>) {
    let normed = own(workspace.normed)
    norm(input, weights.attentionNorm, into: normed)
    weights.query.apply(normed.rows(rows), into: part(.query, rows), team: team)
    weights.key.apply(normed, into: part(.key, 0..<tokens), team: team)
    weights.value.apply(normed, into: part(.value, 0..<tokens), team: team)
  }

  /// Attention: from queries, keys and values to what every head takes together.
  func mix(queryRows rows: Range<Int>, keeping kept: AttentionCapture?) throws {
    normQueriesAndKeys(rows)
    turnQueriesAndKeys(of: saved.queryKeyValue, queryRows: rows, back: false)
    try monitor.check()
    attend(rows, keeping: kept)
  }

  /// What attention and the MLP add to the stream, the MLP's norm before.
  func write(_ rows: Range<Int>, needsOutput: Bool = true) throws {
    let saved = saved
    let normed = own(workspace.normed).rows(rows)
    let middle = saved.middle.rows(rows)
    write(
      weights.attentionOutput, of: own(workspace.mixed).rows(rows), to: input.rows(rows),
      norm: weights.attentionOutputNorm, unnormed: saved.unnormedMiddle.rows(rows), into: middle)

    if !mlpReadsAttentionInput { norm(mlpInput(rows), weights.mlpNorm, into: normed) }
    try monitor.check()
    let hidden = activated(normed, rows)
    // A norm of the output is turned back from what it norms.
    guard needsOutput || weights.mlpOutputNorm != nil else { return }
    try monitor.check()
    write(
      weights.down, of: hidden, to: middle, norm: weights.mlpOutputNorm,
      unnormed: saved.unnormedOutput.rows(rows), into: own(workspace.input(index + 1)).rows(rows))
  }

  /// Whether attention and MLP share one norm.
  var mlpReadsAttentionInput: Bool { architecture.isParallel && weights.mlpNorm == nil }

  /// The stream that the MLP reads.
  func mlpInput(_ rows: Range<Int>) -> Matrix {
    architecture.isParallel ? input.rows(rows) : saved.middle.rows(rows)
  }

  /// The MLP's hidden layer.
  private func activated(_ normed: Matrix, _ rows: Range<Int>) -> Matrix {
    let up = saved.up.rows(rows)
    let inner = own(workspace.inner).rows(rows)
    weights.up.apply(normed, into: up, team: team)
    guard let gate = weights.gate else {
      team.forEachRange(of: rows.count) { part in
        architecture.activation.apply(up.rows(part), into: inner.rows(part))
      }
      return inner
    }
    let opening = saved.gate.rows(rows)
    gate.apply(normed, into: opening, team: team)
    team.forEachRange(of: rows.count) { part in
      architecture.activation.apply(opening.rows(part), into: inner.rows(part))
      for row in part {
        VectorMath.multiply(up.row(row), to: inner.row(row), count: inner.columns)
      }
    }
    return inner
  }

  /// The norm of x, or x itself where there is none.
  func norm(_ x: Matrix, _ norm: NormWeights?, into output: Matrix) {
    guard let norm else { return output.copy(from: x) }
    let epsilon = architecture.normEpsilon
    team.forEachRange(of: x.rows) { part in
      norm.apply(x.rows(part), epsilon: epsilon, into: output.rows(part))
    }
  }

  // MARK: - Queries and keys

  /// Norms each head's query and key; what they were is kept for the way back.
  private func normQueriesAndKeys(_ rows: Range<Int>) {
    guard let queryNorm = weights.queryNorm, let keyNorm = weights.keyNorm else { return }
    let raw = saved.rawQueryKey
    let (H, G, d) = (architecture.heads, architecture.keyValueHeads, architecture.headSize)
    raw.columns(0..<H * d).rows(rows).copy(from: part(.query, rows))
    raw.columns(H * d..<(H + G) * d).copy(from: part(.key, 0..<tokens))
    for head in 0..<H + G {
      let columns = head * d..<(head + 1) * d
      let here = head < H ? rows : 0..<tokens
      norm(
        raw.columns(columns).rows(here), head < H ? queryNorm : keyNorm,
        into: saved.queryKeyValue.columns(columns).rows(here))
    }
  }

  /// Turns queries and keys to their positions, or their gradients back.
  func turnQueriesAndKeys(of matrix: Matrix, queryRows: Range<Int>, back: Bool) {
    guard let rotary else { return }
    let (H, G, d) = (architecture.heads, architecture.keyValueHeads, architecture.headSize)
    team.forEachRange(of: tokens) { part in
      for token in part {
        let row = matrix.row(token)
        if queryRows.contains(token) {
          rotary.turn(row, token: token, heads: H, size: d, back: back)
        }
        rotary.turn(row + H * d, token: token, heads: G, size: d, back: back)
      }
    }
  }

  // MARK: - Attention

  enum Part { case query, key, value }

  /// Columns of one part in a matrix of queries, keys and values side by side.
  func columns(_ part: Part) -> Range<Int> {
    let (q, kv) = (architecture.attentionWidth, architecture.keyValueHeads * architecture.headSize)
    switch part {
    case .query: return 0..<q
    case .key: return q..<q + kv
    case .value: return q + kv..<q + 2 * kv
    }
  }

  private func part(_ part: Part, _ rows: Range<Int>) -> Matrix {
    saved.queryKeyValue.rows(rows).columns(columns(part))
  }

  func query(_ head: Int) -> Matrix { self.head(head, .query, of: saved.queryKeyValue) }
  /// The key that a query head shares with others of its group.
  func key(_ head: Int) -> Matrix { self.head(group(head), .key, of: saved.queryKeyValue) }
  func value(_ head: Int) -> Matrix { self.head(group(head), .value, of: saved.queryKeyValue) }

  /// The key-value head of a query head.
  func group(_ head: Int) -> Int { head * architecture.keyValueHeads / architecture.heads }

  func head(_ head: Int, _ part: Part, of matrix: Matrix) -> Matrix {
    let start = columns(part).lowerBound + head * architecture.headSize
    return matrix.columns(start..<start + architecture.headSize)
  }

  func mixed(_ head: Int) -> Matrix {
    own(workspace.mixed)
      .columns(head * architecture.headSize..<(head + 1) * architecture.headSize)
  }

  /// Query rows in panels of at most ``Workspace/panelRows``.
  func panels(_ rows: Range<Int>) -> [Range<Int>] {
    stride(from: rows.lowerBound, to: rows.upperBound, by: Workspace.panelRows).map {
      $0..<min($0 + Workspace.panelRows, rows.upperBound)
    }
  }

  /// Heads that a member works on. Those that share a key and value are one member's, which adds up
  /// their gradients.
  var headParts: [Range<Int>] {
    let size = architecture.heads / architecture.keyValueHeads
    return team.parts(of: architecture.keyValueHeads).map {
      $0.lowerBound * size..<$0.upperBound * size
    }
  }

  /// Runs `body(member, head)` for every head; a member's heads run one after another, in order.
  func forEachHead(_ body: @Sendable (_ member: Int, _ head: Int) -> Void) {
    let parts = headParts
    team.forEach(parts.count) { member in
      for head in parts[member] { body(member, head) }
    }
  }

  /// Attention of every head in `rows`, mixed into the workspace's `mixed`, (T, C).
  private func attend(_ rows: Range<Int>, keeping kept: AttentionCapture?) {
    forEachHead { member, head in
      let values = value(head)
      for panel in panels(rows) {
        let attention = attention(head, panel, in: workspace.scores[member])
        let edits = edits.isEmpty ? nil : edits[head]
        if let edits {
          for (local, row) in panel.enumerated() {
            for edit in edits.factors[cached + row] ?? [] {
              attention[local, edit.key] *= edit.factor
            }
          }
        }
        kept?.store(attention, head: head, rows: panel)
        let mixed = mixed(head).rows(panel)
        guard edits?.isAblated != true else {
          mixed.fill(0)
          continue
        }
        let own = attention.columns(cached..<cached + panel.upperBound)
        mixed.multiply(own, .plain, values.rows(0..<panel.upperBound))
        if let before = cache?.matrix(.values, layer: index, head: group(head)) {
          mixed.multiply(attention.columns(0..<cached), .plain, before, beta: 1)
        }
      }
    }
  }

  /// Attention of one head for a panel of query rows, over what is cached and the keys up to the
  /// panel's last row; what lies above the diagonal is zero. Blocked edges are taken out, factors not
  /// yet applied.
  ///
  /// - Parameter slopes: where the slopes of capped scores go, if they are wanted and there are any.
  func attention(
    _ head: Int, _ panel: Range<Int>, in memory: Matrix, slopes: Matrix? = nil
  ) -> Matrix {
    let visible = cached + panel.upperBound
    let scores = Matrix(
      base: memory.base, rows: panel.count, columns: visible, stride: memory.stride)
    let query = query(head).rows(panel)
    scores.columns(cached..<visible).multiply(
      query, .plain, key(head).rows(0..<panel.upperBound), .transposed)
    if let before = cache?.matrix(.keys, layer: index, head: group(head)) {
      scores.columns(0..<cached).multiply(query, .plain, before, .transposed)
    }
    let cachedPositions = cache?.positions ?? []
    let cap = architecture.scoreCap
    let scale = cap == nil ? self.scale : 1
    for (local, row) in panel.enumerated() {
      let line = scores.row(local)
      let seen = cached + row + 1
      if let cap {
        softCap(line, count: seen, scale: self.scale, cap: cap, slopes: slopes?.row(local))
      }
      if !edits.isEmpty {
        for key in edits[head].blocked[cached + row] ?? [] { line[key] = -.infinity }
      }
      if case .linearBias(let slopes) = architecture.positions {
        let slope = slopes[head] / scale
        for key in 0..<cached { line[key] += slope * Float(cachedPositions[key]) }
        for key in 0...row { line[cached + key] += slope * Float(start + key) }
      }
      // Keys beyond the window, like those to come, are not seen.
      let first = hideBeyondWindow(line, row: row)
      softmax(line + first, count: seen - first, scale: scale)
      (line + seen).update(repeating: 0, count: visible - seen)
    }
    return scores
  }

  /// Takes out the scores of keys beyond the layer's window. Returns where those that are seen begin:
  /// what lies before is zero already and need not enter softmax.
  private func hideBeyondWindow(_ line: UnsafeMutablePointer<Float>, row: Int) -> Int {
    guard let window = architecture.window(layer: index) else { return 0 }
    let hidden = max(0, row + 1 - window)
    guard let cache else {
      line.update(repeating: 0, count: hidden)
      return hidden
    }
    // Cached entries may stand in any order.
    for (key, position) in cache.positions.enumerated() where position <= start + row - window {
      line[key] = -.infinity
    }
    (line + cached).update(repeating: -.infinity, count: hidden)
    return 0
  }
}

/// Where a layer's attention goes that is to be kept: [H, T, P + T], or [H, P + T] of the last row.
struct AttentionCapture: @unchecked Sendable {
  // Unchecked: each head writes its own part.
  let all: UnsafeMutablePointer<Float>?
  let last: UnsafeMutablePointer<Float>?
  let tokens: Int
  /// P + T
  let keys: Int

  func store(_ attention: Matrix, head: Int, rows: Range<Int>) {
    for (local, row) in rows.enumerated() {
      let line = attention.row(local)
      if let all {
        (all + (head * tokens + row) * keys).update(from: line, count: attention.columns)
      }
      if let last, row == tokens - 1 { (last + head * keys).update(from: line, count: keys) }
    }
  }
}
