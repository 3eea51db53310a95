import Testing

@testable import LinearAlgebra

@Suite("A team of threads")
struct TeamTests {
  @Test("Parts cover everything once, in order, and end at multiples of the grain")
  func parts() {
    for size in [1, 2, 3, 8] {
      for count in [0, 1, 2, 7, 63, 64, 65, 1000] {
        for grain in [1, 8, 64] {
          let parts = Team(size: size).parts(of: count, grain: grain)
          #expect(parts.flatMap(Array.init) == Array(0..<count))
          #expect((1...size).contains(parts.count))
          #expect(count == 0 || parts.allSatisfy { !$0.isEmpty })
          #expect(parts.dropLast().allSatisfy { $0.upperBound % grain == 0 })
          #expect(parts == Team(size: size).parts(of: count, grain: grain))
        }
      }
    }
  }

  @Test("Parts differ by at most one grain")
  func fairness() {
    let parts = Team(size: 3).parts(of: 1000).map(\.count)
    #expect((parts.max() ?? 0) - (parts.min() ?? 0) <= 1)
  }

  @Test("A team has at least one member")
  func smallest() {
    #expect(Team(size: 0).size == 1)
    #expect(Team(size: -4).size == 1)
  }

  @Test("Every index runs exactly once", arguments: [1, 2, 5])
  func forEach(size: Int) {
    for count in [0, 1, 2, 500] {
      let runs = Locked([Int](repeating: 0, count: count))
      Team(size: size).forEach(count) { index in runs.withLock { $0[index] += 1 } }
      #expect(runs.withLock { $0 } == [Int](repeating: 1, count: count))
    }
  }

  @Test("Every row is in exactly one range", arguments: [1, 2, 5])
  func forEachRange(size: Int) {
    for count in [0, 1, 2, 9, 500] {
      let runs = Locked([Int](repeating: 0, count: count))
      Team(size: size).forEachRange(of: count) { range in
        runs.withLock { runs in range.forEach { runs[$0] += 1 } }
      }
      #expect(runs.withLock { $0 } == [Int](repeating: 1, count: count))
    }
  }

  @Test(
    "A shared product is the product, and the same every time",
    arguments: [Orientation.plain, .transposed])
  func products(orientation: Orientation) {
    var random = SplitMix(state: 13)
    // The second is large enough to be shared, the third does not divide evenly.
    for (rows, inner, columns) in [(3, 4, 5), (40, 200, 320), (33, 150, 333)] {
      let a = FloatBuffer(random.floats(rows * inner))
      let b = FloatBuffer(random.floats(inner * columns))
      let start = random.floats(rows * columns)
      let right =
        orientation == .plain
        ? b.matrix(rows: inner, columns: columns) : b.matrix(rows: columns, columns: inner)

      func product(_ compute: (Matrix, Matrix) -> Void) -> [Float] {
        let buffer = FloatBuffer(start)
        let target = buffer.matrix(rows: rows, columns: columns)
        compute(target, a.matrix(rows: rows, columns: inner))
        return withExtendedLifetime((a, b, buffer)) { target.values }
      }
      let plain = product { $0.multiply($1, .plain, right, orientation, beta: 0.5) }
      let shared = product { Team(size: 3).multiply($0, $1, right, orientation, beta: 0.5) }
      let again = product { Team(size: 3).multiply($0, $1, right, orientation, beta: 0.5) }
      // Factors reach 2, so no sum of magnitudes exceeds four times the number of terms.
      let allowed = Tolerance.product * 4 * Double(inner + 1)
      #expect(distance(shared, plain.map(Double.init)) < allowed)
      #expect(shared == again)
    }
  }
}
