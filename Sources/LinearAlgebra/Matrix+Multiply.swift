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
      scale(by: beta)
      return
    }
    if rows == 1, aOrientation == .plain {
      // A product of a vector only reads the matrix; what cblas_sgemm does first to save reading is
      // then a loss.
      cblas_sgemv(
        CblasRowMajor, bOrientation == .plain ? CblasTrans : CblasNoTrans, blasint(b.rows),
        blasint(b.columns), alpha, b.base, blasint(b.stride), a.base, 1, beta, base, 1)
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

  /// What beta does to the target of a product of nothing; 0 clears whatever stood there.
  private func scale(by factor: Float) {
    guard factor != 0 else { return fill(0) }
    for r in 0..<rows {
      for c in 0..<columns { self[r, c] *= factor }
    }
  }
}
