import CVectorMath

/// Bends values so that none is beyond ±cap: x becomes cap · tanh(scale · x / cap), in place (Gemma 2,
/// section 2).
///
/// - Parameter slopes: where the derivative by scale · x goes, 1 − tanh², if it is wanted.
@inline(__always)
public func softCap(
  _ x: UnsafeMutablePointer<Float>, count: Int, scale: Float = 1, cap: Float,
  slopes: UnsafeMutablePointer<Float>? = nil
) {
  fathom_soft_cap(x, count, scale, cap, slopes)
}
