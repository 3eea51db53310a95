import CVectorMath

/// Softmax of one row of scores in place, each times `scale`; a row of -∞ becomes zeros.
///
/// - Complexity: `count` exponentials, one pass for the maximum, one to normalise.
@inline(__always)
public func softmax(_ scores: UnsafeMutablePointer<Float>, count: Int, scale: Float) {
  fathom_softmax(scores, count, scale)
}

/// Turns the gradient dA of a row of attention into A ⊙ dA, in place, and returns its sum.
@inline(__always)
public func weighGradient(
  _ gradient: UnsafeMutablePointer<Float>, attention: UnsafePointer<Float>, count: Int
) -> Float {
  fathom_weigh_gradient(attention, gradient, count)
}

/// Gradient of ``softmax(_:count:scale:)`` with respect to the scores, in place of A ⊙ dA:
/// scale · (A ⊙ dA − A · Σ A ⊙ dA).
@inline(__always)
public func softmaxBackward(
  _ weighted: UnsafeMutablePointer<Float>, attention: UnsafePointer<Float>, count: Int,
  sum: Float, scale: Float
) {
  fathom_softmax_backward(attention, weighted, count, sum, scale)
}
