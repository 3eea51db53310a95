import LinearAlgebra

/// How attention and MLP write into the stream, and the way back.
extension Block {
  /// stream + x · W + b, normed where the architecture says so. What enters that norm is kept in
  /// `unnormed` for the way back.
  func write(
    _ projection: Projection, of x: Matrix, to stream: Matrix, norm outputNorm: NormWeights?,
    unnormed: Matrix, into output: Matrix
  ) {
    switch architecture.normPlacement {
    case .before:
      output.copy(from: stream)
      projection.apply(x, into: output, adding: true, team: team)
    case .after:
      unnormed.copy(from: stream)
      projection.apply(x, into: unnormed, adding: true, team: team)
      norm(unnormed, outputNorm, into: output)
    case .around:
      projection.apply(x, into: unnormed, team: team)
      norm(unnormed, outputNorm, into: output)
      output.add(stream)
    }
  }

  /// Given ∂ℒ/∂ what ``write(_:of:to:norm:unnormed:into:)`` left, returns ∂ℒ/∂ (x · W + b); `gradient`
  /// becomes ∂ℒ/∂ stream, as far as it does not pass through x.
  func backwardThroughNorm(
    _ outputNorm: NormWeights?, unnormed: Matrix, _ gradient: Matrix
  ) -> Matrix {
    // Free until the gradient of what attention or the MLP reads is written there.
    let aside = workspace.normed.rows(0..<gradient.rows)
    switch architecture.normPlacement {
    case .before:
      return gradient
    case .after:
      aside.copy(from: gradient)
      gradient.fill(0)
      normBackward(unnormed, outputNorm, aside, addingTo: gradient)
      return gradient
    case .around:
      aside.fill(0)
      normBackward(unnormed, outputNorm, gradient, addingTo: aside)
      return aside
    }
  }

  /// Into `mixed`: ∂ℒ/∂ attention's output.
  func backwardThroughAttentionOutput(_ rows: Range<Int>, _ gradient: Matrix) {
    let written = backwardThroughNorm(
      weights.attentionOutputNorm, unnormed: saved.unnormedMiddle.rows(rows), gradient)
    weights.attentionOutput.applyBackward(written, into: workspace.mixed.rows(rows), team: team)
  }
}
