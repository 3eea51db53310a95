import CVectorMath

/// Elementary functions over arrays, at the speed of the processor's vector units. `output` may be `x`.
public enum VectorMath {
  public static func exp(
    _ x: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, count: Int
  ) {
    fathom_exp(x, output, count)
  }

  public static func tanh(
    _ x: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, count: Int
  ) {
    fathom_tanh(x, output, count)
  }

  public static func erf(
    _ x: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, count: Int
  ) {
    fathom_erf(x, output, count)
  }

  /// product[i] *= x[i].
  public static func multiply(
    _ x: UnsafePointer<Float>, to product: UnsafeMutablePointer<Float>, count: Int
  ) {
    fathom_multiply(x, product, count)
  }

  /// Turns pairs of values of x by angles with these cosines and sines: neighbours (2i, 2i + 1) if
  /// interleaved, else (i, i + pairs); `back` turns the other way.
  public static func rotate(
    _ x: UnsafeMutablePointer<Float>, cosines: UnsafePointer<Float>, sines: UnsafePointer<Float>,
    pairs: Int, isInterleaved: Bool, back: Bool
  ) {
    fathom_rotate(x, cosines, sines, pairs, isInterleaved ? 1 : 0, back ? -1 : 1)
  }

  /// accumulated[i] += x[i].
  public static func add(
    _ x: UnsafePointer<Float>, to accumulated: UnsafeMutablePointer<Float>, count: Int
  ) {
    fathom_add(x, accumulated, count)
  }
}
