import COpenBLAS

/// Whether a factor of a product is taken as it lies in memory or transposed.
public enum Orientation: Sendable {
  case plain
  case transposed
}

extension Matrix {
  /// self = alpha · a · b + beta · self, in single precision.
  ///
  /// - Complexity: 2 · rows · columns · inner floating-point operations, on the calling thread.
  public func multiply(
    _ a: Matrix, _ aOrientation: Orientation = .plain, _ b: Matrix,
    _ bOrientation: Orientation = .plain, alpha: Float = 1, beta: Float = 0
  ) {
    let inner = aOrientation == .plain ? a.columns : a.rows
    assert((aOrientation == .plain ? a.rows : a.columns) == rows)
    assert((bOrientation == .plain ? b.columns : b.rows) == columns)
    assert((bOrientation == .plain ? b.rows : b.columns) == inner)
    guard rows > 0, columns > 0 else { return }
    guard inner > 0 else {
      if beta == 0 { fill(0) }
      return
    }
    cblas_sgemm(
      CblasRowMajor,
      aOrientation == .plain ? CblasNoTrans : CblasTrans,
      bOrientation == .plain ? CblasNoTrans : CblasTrans,
      blasint(rows), blasint(columns), blasint(inner),
      alpha, a.base, blasint(a.stride), b.base, blasint(b.stride),
      beta, base, blasint(stride))
  }

  /// output[r] = Σ_c self[r, c] · vector[c].
  public func multiply(
    vector: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>
  ) {
    guard rows > 0 else { return }
    cblas_sgemv(
      CblasRowMajor, CblasNoTrans, blasint(rows), blasint(columns), 1, base, blasint(stride),
      vector, 1, 0, output, 1)
  }
}
