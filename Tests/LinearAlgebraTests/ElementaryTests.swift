import CVectorMath
import Foundation
import Testing

@testable import LinearAlgebra

/// A function over arrays, what it should compute, and how well.
struct Elementary: Sendable, CustomTestStringConvertible {
  typealias Loop =
    @Sendable (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void

  let testDescription: String
  let ulps: Double
  /// Where the kernel goes over from one way of computing to another.
  let thresholds: [Float]
  let reference: @Sendable (Double) -> Double
  let loop: Loop

  static let all = [
    Elementary(
      testDescription: "exp", ulps: Tolerance.expUlps,
      thresholds: [-104, -103.97, -103.28, -87.69, -87.3365, 0, 88.376, 88.7228, 88.72284, 89],
      reference: { exp($0) }, loop: { VectorMath.exp($0, into: $1, count: $2) }),
    Elementary(
      testDescription: "tanh", ulps: Tolerance.tanhUlps,
      thresholds: [-0.63, 0, 0.63, 9.01, 44, 44.35], reference: { tanh($0) },
      loop: { VectorMath.tanh($0, into: $1, count: $2) }),
    Elementary(
      testDescription: "erf", ulps: Tolerance.erfUlps, thresholds: [-1, 0, 1, 3.83, 4],
      reference: { erf($0) }, loop: { VectorMath.erf($0, into: $1, count: $2) }),
  ]

  func callAsFunction(_ x: [Float]) -> [Float] {
    let row = GuardedRow(x)
    loop(row.pointer, row.pointer, x.count)
    return row.values
  }

  /// The largest error over `x` in units in the last place of the true result, and where it is;
  /// infinite where one of the two is not finite and the other is not the same.
  func worst(over x: [Float]) -> (ulps: Double, at: Float) {
    var worst = (ulps: 0.0, at: Float.zero)
    for (x, value) in zip(x, self(x)) {
      let exact = reference(Double(x))
      let rounded = Float(exact)
      let error: Double
      if rounded.isFinite, value.isFinite {
        error = abs(Double(value) - exact) / Double(rounded.ulp)
      } else {
        error = value == rounded || value.isNaN && rounded.isNaN ? 0 : .infinity
      }
      if error > worst.ulps { worst = (error, x) }
    }
    return worst
  }
}

@Suite("Elementary functions")
struct ElementaryTests {
  @Test("They keep their promised accuracy over all floats", arguments: Elementary.all)
  func accuracyEverywhere(function: Elementary) {
    // Every 4099th bit pattern, a million of them: all exponents, both signs, subnormals and NaNs.
    let x = stride(from: UInt32.zero, through: .max - 4099, by: 4099).map(Float.init(bitPattern:))
    let worst = function.worst(over: x)
    #expect(worst.ulps < function.ulps, "at \(worst.at)")
  }

  @Test("They keep it where models use them", arguments: Elementary.all)
  func accuracyInUse(function: Elementary) {
    for reach: Float in [1, 10, 110] {
      let x = (-100_000...100_000).map { Float($0) * (reach / 100_000) }
      let worst = function.worst(over: x)
      #expect(worst.ulps < function.ulps, "at \(worst.at)")
    }
  }

  @Test("They keep it on both sides of every threshold", arguments: Elementary.all)
  func accuracyAtThresholds(function: Elementary) {
    for threshold in function.thresholds {
      let bits = threshold.magnitude.bitPattern
      let near = (max(bits, 2000) - 2000...bits + 2000).map {
        Float(sign: threshold.sign, exponent: 0, significand: Float(bitPattern: $0))
      }
      let worst = function.worst(over: near)
      #expect(worst.ulps < function.ulps, "at \(worst.at)")
    }
  }

  @Test("Infinities, NaN and the sign of zero are IEEE 754's", arguments: Elementary.all)
  func specialValues(function: Elementary) {
    let huge = Float.greatestFiniteMagnitude
    let values = function([-.infinity, -huge, -0.0, 0, huge, .infinity, .nan])
    switch function.testDescription {
    case "exp": #expect(values.prefix(6) == [0, 0, 1, 1, .infinity, .infinity])
    default:
      #expect(values.prefix(6) == [-1, -1, 0, 0, 1, 1])
      #expect(values[2].sign == .minus && values[3].sign == .plus)
    }
    #expect(values[6].isNaN)
  }

  @Test("A row's end is computed like its middle, and nothing is written past it")
  func edges() {
    var random = SplitMix(state: 1)
    for function in Elementary.all {
      for count in edgeCounts {
        let x = random.floats(count, in: -5...5)
        let row = GuardedRow(x)
        function.loop(row.pointer, row.pointer, count)
        #expect(row.isIntact)
        #expect(function.worst(over: x).ulps < function.ulps)
      }
    }
  }

  @Test("Adding adds, for every count")
  func adding() {
    var random = SplitMix(state: 2)
    for count in edgeCounts {
      let x = random.floats(count)
      let y = random.floats(count)
      let row = GuardedRow(y)
      GuardedRow(x).lend { VectorMath.add($0.base, to: row.pointer, count: count) }
      #expect(row.values == zip(x, y).map { $0 + $1 })
      #expect(row.isIntact)
    }
  }
}
