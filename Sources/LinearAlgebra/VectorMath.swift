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

  /// accumulated[i] += x[i].
  public static func add(
    _ x: UnsafePointer<Float>, to accumulated: UnsafeMutablePointer<Float>, count: Int
  ) {
    fathom_add(x, accumulated, count)
  }
}
