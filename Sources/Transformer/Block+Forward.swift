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
  /// One a head; empty if nothing is changed in this layer.
  let edits: [HeadEdits]

  var saved: BlockActivations { workspace.activations(index).rows(tokens) }
  var input: Matrix { workspace.input(index).rows(0..<tokens) }
  var scale: Float { architecture.scoreScale(layer: index) }

  /// Rows in which the block's output is wanted: all of them, or the last one alone.
  func rows(lastOnly: Bool) -> Range<Int> { (lastOnly ? tokens - 1 : 0)..<tokens }

  // MARK: - Forward

  /// Computes the block's output into the next layer's input.
  ///
  /// - Parameter lastOnly: whether only the last position's output is wanted, as in the top layer,
  ///   from which nothing but the logits of the last position is read. Keys and values are computed
  ///   for every position all the same.
  /// - Complexity: 2T(4C² + 2C·inner) + 2T²C operations; with `lastOnly`, 4TC².
  func forward(lastOnly: Bool, keeping kept: AttentionCapture?) {
    let rows = rows(lastOnly: lastOnly)
    let (C, saved) = (architecture.width, saved)
    let normed = workspace.normed.rows(0..<tokens)
    layerNorm(input, weights.attentionNorm, into: normed)
    if lastOnly {
      weights.attentionInput.outputs(C..<3 * C).apply(
        normed, into: saved.queryKeyValue.columns(C..<3 * C), team: team)
      weights.attentionInput.outputs(0..<C).apply(
        normed.rows(rows), into: saved.queryKeyValue.rows(rows).columns(0..<C), team: team)
    } else {
      weights.attentionInput.apply(normed, into: saved.queryKeyValue, team: team)
    }
    attend(rows, keeping: kept)

    let middle = saved.middle.rows(rows)
    middle.copy(from: input.rows(rows))
    weights.attentionOutput.apply(
      workspace.mixed.rows(rows), into: middle, adding: true, team: team)

    layerNorm(middle, weights.mlpNorm, into: normed.rows(rows))
    let up = saved.up.rows(rows)
    weights.up.apply(normed.rows(rows), into: up, team: team)
    let inner = workspace.inner.rows(rows)
    team.forEachRange(of: rows.count) { part in
      architecture.activation.apply(up.rows(part), into: inner.rows(part))
    }
    let output = workspace.input(index + 1).rows(rows)
    output.copy(from: middle)
    weights.down.apply(inner, into: output, adding: true, team: team)
  }

  private func layerNorm(_ x: Matrix, _ norm: NormWeights, into output: Matrix) {
    let epsilon = architecture.normEpsilon
    team.forEachRange(of: x.rows) { part in
      LinearAlgebra.layerNorm(
        x.rows(part), weight: norm.weight, bias: norm.bias, epsilon: epsilon,
        into: output.rows(part))
    }
  }

  // MARK: - Attention

  func query(_ head: Int) -> Matrix { part(0, head, of: saved.queryKeyValue) }
  func key(_ head: Int) -> Matrix { part(1, head, of: saved.queryKeyValue) }
  func value(_ head: Int) -> Matrix { part(2, head, of: saved.queryKeyValue) }

  /// The columns of one head in the query (0), key (1) or value (2) third of a (T, 3C) matrix.
  func part(_ third: Int, _ head: Int, of matrix: Matrix) -> Matrix {
    let start = third * architecture.width + head * architecture.headSize
    return matrix.columns(start..<start + architecture.headSize)
  }

  func mixed(_ head: Int) -> Matrix {
    workspace.mixed.columns(head * architecture.headSize..<(head + 1) * architecture.headSize)
  }

  /// Query rows in panels of at most ``Workspace/panelRows``.
  func panels(_ rows: Range<Int>) -> [Range<Int>] {
    stride(from: rows.lowerBound, to: rows.upperBound, by: Workspace.panelRows).map {
      $0..<min($0 + Workspace.panelRows, rows.upperBound)
    }
  }

  /// Runs `body(member, head)` for every head; a member's heads run one after another, in order.
  func forEachHead(_ body: @Sendable (_ member: Int, _ head: Int) -> Void) {
    let parts = team.parts(of: architecture.heads)
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
        if let edits = edits.isEmpty ? nil : edits[head] {
          for (local, row) in panel.enumerated() {
            for edit in edits.factors[row] ?? [] { attention[local, edit.key] *= edit.factor }
          }
        }
        kept?.store(attention, head: head, rows: panel)
        mixed(head).rows(panel).multiply(attention, .plain, values.rows(0..<panel.upperBound))
      }
    }
  }

  /// Attention of one head for a panel of query rows, over the keys up to the panel's last row; what
  /// lies above the diagonal is zero. Blocked edges are taken out, factors not yet applied.
  func attention(_ head: Int, _ panel: Range<Int>, in memory: Matrix) -> Matrix {
    let visible = panel.upperBound
    let scores = Matrix(
      base: memory.base, rows: panel.count, columns: visible, stride: memory.stride)
    scores.multiply(query(head).rows(panel), .plain, key(head).rows(0..<visible), .transposed)
    for (local, row) in panel.enumerated() {
      let line = scores.row(local)
      if !edits.isEmpty {
        for key in edits[head].blocked[row] ?? [] { line[key] = -.infinity }
      }
      softmax(line, count: row + 1, scale: scale)
      (line + row + 1).update(repeating: 0, count: visible - row - 1)
    }
    return scores
  }
}

/// Where a layer's attention goes that is to be kept: [H, T, T], or [H, T] of the last row.
struct AttentionCapture: @unchecked Sendable {
  // Unchecked: each head writes its own part.
  let all: UnsafeMutablePointer<Float>?
  let last: UnsafeMutablePointer<Float>?
  let tokens: Int

  func store(_ attention: Matrix, head: Int, rows: Range<Int>) {
    for (local, row) in rows.enumerated() {
      let line = attention.row(local)
      if let all {
        (all + (head * tokens + row) * tokens).update(from: line, count: attention.columns)
      }
      if let last, row == tokens - 1 { (last + head * tokens).update(from: line, count: tokens) }
    }
  }
}
