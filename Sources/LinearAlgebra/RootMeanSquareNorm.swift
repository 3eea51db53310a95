import CVectorMath

/// Root-mean-square norm of each row, (T, C): x / √(mean x² + ε) · weight (Zhang and Sennrich 2019,
/// eq. 4).
public func rootMeanSquareNorm(
  _ x: Matrix, weight: UnsafePointer<Float>, epsilon: Float, into output: Matrix
) {
  for row in 0..<x.rows {
    fathom_rms_norm(x.row(row), weight, epsilon, output.row(row), x.columns)
  }
}

/// Adds the gradient before ``rootMeanSquareNorm(_:weight:epsilon:into:)`` to `accumulated`, (T, C),
/// given the gradient after it.
public func rootMeanSquareNormBackward(
  _ x: Matrix, weight: UnsafePointer<Float>, epsilon: Float, gradient: Matrix,
  addingTo accumulated: Matrix
) {
  for row in 0..<x.rows {
    fathom_rms_norm_backward(
      x.row(row), weight, epsilon, gradient.row(row), accumulated.row(row), x.columns)
  }
}
