import CVectorMath

/// Layer norm of each row, (T, C): (x − mean) / √(variance + ε) · weight + bias, with the biased
/// variance (Ba et al. 2016, eq. 4).
public func layerNorm(
  _ x: Matrix, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>, epsilon: Float,
  into output: Matrix
) {
  for row in 0..<x.rows {
    fathom_layer_norm(x.row(row), weight, bias, epsilon, output.row(row), x.columns)
  }
}

/// Adds the gradient before ``layerNorm(_:weight:bias:epsilon:into:)`` to `accumulated`, (T, C), given
/// the gradient after it. Mean and variance are computed again: that costs less than keeping them.
public func layerNormBackward(
  _ x: Matrix, weight: UnsafePointer<Float>, epsilon: Float, gradient: Matrix,
  addingTo accumulated: Matrix
) {
  for row in 0..<x.rows {
    fathom_layer_norm_backward(
      x.row(row), weight, epsilon, gradient.row(row), accumulated.row(row), x.columns)
  }
}
