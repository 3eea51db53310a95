@testable import LinearAlgebra

/// Numbers that look random and are the same in every run (Steele et al. 2014, SplitMix64).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func floats(_ count: Int, in range: ClosedRange<Float> = -2...2) -> [Float] {
    (0..<count).map { _ in Float.random(in: range, using: &self) }
  }
}

/// Counts at and around the edges of vectors of 4, 8 and 16 floats.
let edgeCounts = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 65, 100, 127, 128, 300]

/// Floats between two guards, at an address that is a multiple of 4 bytes and nothing better.
final class GuardedRow {
  private static let guardValue: Float = -12345.5
  private static let margin = 33
  private let buffer: FloatBuffer
  let count: Int

  init(_ values: [Float]) {
    count = values.count
    buffer = FloatBuffer(count: values.count + 2 * Self.margin)
    buffer.base.update(repeating: Self.guardValue, count: buffer.count)
    for (index, value) in values.enumerated() { pointer[index] = value }
  }

  convenience init(count: Int) { self.init([Float](repeating: 0, count: count)) }

  var pointer: UnsafeMutablePointer<Float> { buffer.base + Self.margin }
  var values: [Float] { (0..<count).map { pointer[$0] } }
  var matrix: Matrix { Matrix(base: pointer, rows: 1, columns: count) }

  /// Lends the row to `body` and lives as long as that takes, unlike the owner of a bare ``matrix``.
  func lend(to body: (Matrix) -> Void) {
    withExtendedLifetime(self) { body(matrix) }
  }

  /// Whether nothing was written outside the row.
  var isIntact: Bool {
    (0..<Self.margin).allSatisfy {
      buffer.base[$0] == Self.guardValue && pointer[count + $0] == Self.guardValue
    }
  }
}

/// The largest distance of two rows, element by element; infinite if one holds a NaN.
func distance(_ values: [Float], _ expected: [Double]) -> Double {
  precondition(values.count == expected.count)
  return zip(values, expected).reduce(0) { worst, pair in
    let apart = abs(Double(pair.0) - pair.1)
    return apart.isNaN ? .infinity : max(worst, apart)
  }
}

func largest(_ values: [Double]) -> Double { values.reduce(0) { max($0, abs($1)) } }

/// ∂f/∂x_i for all i, by central differences.
func slopes(of f: ([Double]) -> Double, at x: [Double]) -> [Double] {
  let step = 1e-5
  return x.indices.map { index in
    var above = x
    var below = x
    above[index] += step
    below[index] -= step
    return (f(above) - f(below)) / (2 * step)
  }
}
