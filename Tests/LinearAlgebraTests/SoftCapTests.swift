import Foundation
import LinearAlgebra
import Testing

@Suite("Soft cap and its slope")
struct SoftCapTests {
  @Test("Values and slopes are those of double precision, for every count, scale and cap")
  func values() {
    var random = SplitMix(state: 11)
    for count in edgeCounts {
      for (reach, scale, cap) in [(3, 1, 30), (80, 0.25, 5), (400, 0.1, 50)]
        as [(Float, Float, Float)]
      {
        let x = random.floats(count, in: -reach...reach)
        let (row, slopes) = (GuardedRow(x), GuardedRow(x))
        softCap(row.pointer, count: count, scale: scale, cap: cap, slopes: slopes.pointer)
        #expect(row.isIntact && slopes.isIntact)
        let bent = x.map { tanh(Double(scale) * Double($0) / Double(cap)) }
        // A few roundings of the argument, the tangent and the product.
        #expect(distance(row.values, bent.map { Double(cap) * $0 }) < 1e-6 * Double(cap))
        #expect(distance(slopes.values, bent.map { 1 - $0 * $0 }) < 1e-6)
      }
    }
  }

  @Test("Slopes may be left out; infinities become the cap and a NaN stays one")
  func withoutSlopes() {
    let row = GuardedRow([0, .infinity, -.infinity, .nan, 1e-20])
    softCap(row.pointer, count: 5, cap: 4)
    #expect(row.values[..<3] == [0, 4, -4])
    #expect(row.values[3].isNaN && row.values[4] == 1e-20)
  }
}
