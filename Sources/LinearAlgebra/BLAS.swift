import COpenBLAS

/// The BLAS library that computes the matrix products.
public enum BLAS {
  private static let setUp: Void = openblas_set_num_threads(1)

  static func useCallingThread() { _ = setUp }

  /// The processor core whose kernels OpenBLAS chose, such as `Haswell` or `SkylakeX`.
  public static var core: String { String(cString: openblas_get_corename()) }

  /// Version and build options of OpenBLAS.
  public static var configuration: String { String(cString: openblas_get_config()) }
}
