/// How far results in single precision may lie from references in double precision, and why.
enum Tolerance {
  /// What vector_math.h promises of exp, tanh and erf.
  static let expUlps = 3.0
  static let tanhUlps = 4.0
  static let erfUlps = 4.0

  /// Of a softmax weight. A score s below the largest has an argument in error by s · 2⁻²³, and
  /// s · exp(−s) stays below 0.37; what remains is the exponential and the division.
  static let weight = 1e-6

  /// Of a gradient of scores or of an activation, relative to the largest of its row or to 1: a few
  /// dependent operations, each in error by 2⁻²⁴, on intermediate values up to about 10.
  static let gradient = 4e-6

  /// Of an activation, relative to max(1, |x|).
  static let activation = 1e-6

  /// Of layer norm, relative to the largest of its row: deviations from a mean of up to ten standard
  /// deviations lose that factor of 10 to cancellation.
  static let norm = 4e-6

  /// Of an element of a product, relative to the sum of the magnitudes of its terms: OpenBLAS adds up
  /// to a hundred terms one after another, in an order of its own.
  static let product = 2e-6

  /// The same of a product with a stored matrix, which adds its terms in one chain; a chain of n random
  /// terms is in error by about √n · 2⁻²⁴ of their sum of magnitudes, at most 3e-6 for n = 2100.
  static let storedProduct = 3e-6

  /// Of central differences in double precision with a step of 1e-5: truncation and cancellation
  /// both come to about 1e-10.
  static let difference = 1e-8

  /// Of statistics in double precision; the goldens are written with 12 digits.
  static let statistic = 1e-9
}
