import LinearAlgebra

extension Block {
  /// What is wanted of a layer's backward pass.
  struct GradientCapture: @unchecked Sendable {
    // Unchecked: each head writes its own part.
    /// [H, T, P + T]; rows that no gradient reaches stay as they are.
    let attentionGradient: UnsafeMutablePointer<Float>?
    let wantsSaliency: Bool
  }

  /// From the gradient of the block's output, in the workspace's `gradient`, to the gradient of its
  /// input, in place; on the way Σ_h A ⊙ ∂ℒ/∂A is summed into the workspace's `saliency[0]`.
  ///
  /// What is cached is constant: nothing that the pass computes reaches back to it, since attention is
  /// causal. The gradient of the pass's own rows is exact.
  ///
  /// - Parameters:
  ///   - lastOnly: whether the gradient is zero everywhere but in the last row, as it is above the top
  ///     layer: the loss reads nothing else.
  ///   - needsInput: whether anything below is wanted; if not, the pass ends at the attention.
  /// - Throws: `Cancelled`.
  func backward(lastOnly: Bool, needsInput: Bool, keeping kept: GradientCapture) throws {
    let rows = rows(lastOnly: lastOnly)
    let gradient = workspace.gradient.rows(rows)
    // Into mixed: ∂ℒ/∂ attention's output. Side by side with the MLP, attention has the gradient of
    // the block's output alone; before it, also what comes back through the MLP.
    if architecture.isParallel {
      backwardThroughAttentionOutput(rows, gradient)
      if needsInput { try backwardThroughMLP(rows, gradient) }
    } else {
      try backwardThroughMLP(rows, gradient)
      backwardThroughAttentionOutput(rows, gradient)
    }
    try monitor.check()
    backwardThroughAttention(rows, needsInput: needsInput, keeping: kept)
    guard needsInput else { return }

    try monitor.check()
    let parts = workspace.queryKeyValueGradient.rows(0..<tokens)
    turnQueriesAndKeys(of: parts, queryRows: rows, back: true)
    backwardThroughQueryAndKeyNorms(rows, parts)
    let normed = workspace.normed.rows(0..<tokens)
    weights.key.applyBackward(parts.columns(columns(.key)), into: normed, team: team)
    weights.value.applyBackward(
      parts.columns(columns(.value)), into: normed, adding: true, team: team)
    weights.query.applyBackward(
      parts.rows(rows).columns(columns(.query)), into: normed.rows(rows), adding: true, team: team)
    if lastOnly { workspace.gradient.rows(0..<tokens - 1).fill(0) }
    normBackward(
      input, weights.attentionNorm, normed, addingTo: workspace.gradient.rows(0..<tokens))
  }

  private func backwardThroughMLP(_ rows: Range<Int>, _ gradient: Matrix) throws {
    let inner = workspace.inner.rows(rows)
    let up = saved.up.rows(rows)
    let normed = workspace.normed.rows(rows)
    let written = backwardThroughNorm(
      weights.mlpOutputNorm, unnormed: saved.unnormedOutput.rows(rows), gradient)
    weights.down.applyBackward(written, into: inner, team: team)
    try monitor.check()
    if let gate = weights.gate {
      let gateGradient = workspace.gateGradient.rows(rows)
      backwardThroughGate(rows, inner, gateGradient)
      gate.applyBackward(gateGradient, into: normed, team: team)
      weights.up.applyBackward(inner, into: normed, adding: true, team: team)
    } else {
      team.forEachRange(of: rows.count) { part in
        architecture.activation.applyBackward(up.rows(part), gradient: inner.rows(part))
      }
      weights.up.applyBackward(inner, into: normed, team: team)
    }
    normBackward(
      mlpInput(rows), mlpReadsAttentionInput ? weights.attentionNorm : weights.mlpNorm, normed,
      addingTo: gradient)
  }

  /// Of h = f(g) ⊙ u, given dh in `inner`: du = dh ⊙ f(g) in its place, and dg = dh ⊙ u ⊙ f′(g).
  private func backwardThroughGate(_ rows: Range<Int>, _ inner: Matrix, _ gateGradient: Matrix) {
    let (gate, up) = (saved.gate.rows(rows), saved.up.rows(rows))
    let opened = workspace.opened.rows(rows)
    team.forEachRange(of: rows.count) { part in
      architecture.activation.apply(gate.rows(part), into: opened.rows(part))
      gateGradient.rows(part).copy(from: inner.rows(part))
      for row in part {
        VectorMath.multiply(up.row(row), to: gateGradient.row(row), count: up.columns)
        VectorMath.multiply(opened.row(row), to: inner.row(row), count: up.columns)
      }
      architecture.activation.applyBackward(
        gate.rows(part), gradient: gateGradient.rows(part))
    }
  }

  /// Turns the gradients of normed queries and keys into those before their norms.
  private func backwardThroughQueryAndKeyNorms(_ rows: Range<Int>, _ parts: Matrix) {
    guard let queryNorm = weights.queryNorm, let keyNorm = weights.keyNorm else { return }
    let (H, G, d) = (architecture.heads, architecture.keyValueHeads, architecture.headSize)
    // A head's gradient moves aside, since the norm's backward adds to where it goes.
    let aside = workspace.mixed.columns(0..<d)
    for head in 0..<H + G {
      let here = head < H ? rows : 0..<tokens
      let part = parts.columns(head * d..<(head + 1) * d).rows(here)
      aside.rows(here).copy(from: part)
      part.fill(0)
      normBackward(
        saved.rawQueryKey.columns(head * d..<(head + 1) * d).rows(here),
        head < H ? queryNorm : keyNorm, aside.rows(here), addingTo: part)
    }
  }

  func normBackward(
    _ x: Matrix, _ norm: NormWeights?, _ gradient: Matrix, addingTo accumulated: Matrix
  ) {
    let epsilon = architecture.normEpsilon
    team.forEachRange(of: x.rows) { part in
      guard let norm else { return accumulated.rows(part).add(gradient.rows(part)) }
      norm.applyBackward(
        x.rows(part), epsilon: epsilon, gradient: gradient.rows(part),
        addingTo: accumulated.rows(part))
    }
  }

  // MARK: - Attention

  private func backwardThroughAttention(
    _ rows: Range<Int>, needsInput: Bool, keeping kept: GradientCapture
  ) {
    let (T, keys) = (tokens, cached + tokens)
    let parts = headParts
    let sums = workspace.saliency.map { Matrix(base: $0.base, rows: T, columns: keys) }
    if kept.wantsSaliency {
      for sum in sums.prefix(parts.count) { sum.fill(0) }
    }
    let all = workspace.queryKeyValueGradient.rows(0..<T)
    if needsInput { all.fill(0) }
    forEachHead { member, head in
      for panel in panels(rows) {
        backward(head, panel, member: member, sum: sums[member], into: all, needsInput, kept)
      }
    }
    guard kept.wantsSaliency else { return }
    for sum in sums.prefix(parts.count).dropFirst() {
      VectorMath.add(sum.base, to: sums[0].base, count: T * keys)
    }
  }

  /// One head, one panel of query rows: A is computed again, then
  /// dA = dZ · Vᵀ, dV += Aᵀ · dZ, dS = scale · A ⊙ (dA − rowsum(A ⊙ dA)), dQ = dS · K, dK += dSᵀ · Q.
  /// Where scores are capped, dS is also multiplied by the cap's slopes.
  private func backward(
    _ head: Int, _ panel: Range<Int>, member: Int, sum: Matrix, into all: Matrix,
    _ needsInput: Bool, _ kept: GradientCapture
  ) {
    let own = 0..<panel.upperBound
    let visible = cached + panel.upperBound
    let before = cache.map { cache in
      (
        keys: cache.matrix(.keys, layer: index, head: group(head)),
        values: cache.matrix(.values, layer: index, head: group(head))
      )
    }
    let cap = architecture.scoreCap
    let slopes = cap == nil ? nil : workspace.capSlopes[member]
    let attention = attention(head, panel, in: workspace.scores[member], slopes: slopes)
    let memory = workspace.scoreGradients[member]
    let gradient = Matrix(
      base: memory.base, rows: panel.count, columns: visible, stride: memory.stride)
    let mixedGradient = mixed(head).rows(panel)
    // What a head computes is lost where its output is taken away.
    if !edits.isEmpty, edits[head].isAblated { mixedGradient.fill(0) }
    gradient.columns(cached..<visible)
      .multiply(mixedGradient, .plain, value(head).rows(own), .transposed)
    if let before {
      gradient.columns(0..<cached).multiply(mixedGradient, .plain, before.values, .transposed)
    }

    if let target = kept.attentionGradient {
      // A as a free variable has a slope at future keys, too, although it is held at zero there.
      let keys = cached + tokens
      let rows = Matrix(
        base: target + (head * tokens + panel.lowerBound) * keys, rows: panel.count, columns: keys)
      rows.columns(cached..<keys).multiply(mixedGradient, .plain, value(head), .transposed)
      rows.columns(0..<cached).copy(from: gradient.columns(0..<cached))
    }

    // With a factor f, A' = f A is what mixes the values. A' ⊙ dA' = A ⊙ dA, so that only dV needs A'
    // itself; the plain A is put back for the gradient through softmax.
    let factors = edits.isEmpty ? [:] : edits[head].factors
    var originals: [(local: Int, key: Int, value: Float)] = []
    if !factors.isEmpty {
      for (local, row) in panel.enumerated() {
        for edit in factors[cached + row] ?? [] {
          originals.append((local, edit.key, attention[local, edit.key]))
          attention[local, edit.key] *= edit.factor
        }
      }
    }
    if needsInput {
      self.head(group(head), .value, of: all).rows(own).multiply(
        attention.columns(cached..<visible), .transposed, mixedGradient, beta: 1)
    }
    for (local, row) in panel.enumerated() {
      let line = gradient.row(local)
      let seen = cached + row + 1
      let total = weighGradient(line, attention: attention.row(local), count: seen)
      if kept.wantsSaliency { VectorMath.add(line, to: sum.row(row), count: seen) }
      guard needsInput else { continue }
      for original in originals.reversed() where original.local == local {
        attention[local, original.key] = original.value
      }
      softmaxBackward(
        line, attention: attention.row(local), count: seen, sum: total, scale: scale)
      if let slopes { VectorMath.multiply(slopes.row(local), to: line, count: seen) }
      (line + seen).update(repeating: 0, count: visible - seen)
    }
    guard needsInput else { return }
    let query = self.head(head, .query, of: all).rows(panel)
    let ownGradient = gradient.columns(cached..<visible)
    query.multiply(ownGradient, .plain, key(head).rows(own))
    if let before { query.multiply(gradient.columns(0..<cached), .plain, before.keys, beta: 1) }
    self.head(group(head), .key, of: all).rows(own).multiply(
      ownGradient, .transposed, self.query(head).rows(panel), beta: 1)
  }
}
