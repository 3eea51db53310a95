import Testing

@testable import LinearAlgebra

@Suite("Principal components and rank correlation")
struct PrincipalComponentsTests {
  @Test("Points on a line differ in its direction only")
  func line() throws {
    let points = [[1.0, 2], [4, 6], [7, 10]]  // steps of (3, 4)
    let components = try #require(PrincipalComponents(of: points, count: 2))
    #expect(components.directions.count == 2)
    let direction = components.directions[0].map(abs)
    #expect(abs(direction[0] - 0.6) < 1e-12 && abs(direction[1] - 0.8) < 1e-12)
    #expect(abs(components.deviations[0] - 5) < 1e-12)  // of −5, 0, 5
    #expect(components.deviations[1] < 1e-12)
    #expect(abs(components.shares[0] - 1) < 1e-12)
  }

  @Test(
    "Directions are orthonormal, whether points or coordinates are more",
    arguments: [(9, 4), (4, 9)])
  func orthonormal(rows: Int, columns: Int) throws {
    var random = PermutedCongruential(seed: 3)
    let points = (0..<rows).map { _ in
      (0..<columns).map { _ in Double.random(in: -1...1, using: &random) }
    }
    let components = try #require(PrincipalComponents(of: points, count: 3))
    for (i, a) in components.directions.enumerated() {
      for (j, b) in components.directions.enumerated() {
        let product = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(product - (i == j ? 1 : 0)) < 1e-12)
      }
    }
    #expect(components.deviations == components.deviations.sorted(by: >))
  }

  @Test("There are no more directions than points but one, and none of odd input")
  func few() {
    #expect(PrincipalComponents(of: [[1, 2, 3], [3, 2, 1]], count: 10)?.directions.count == 1)
    #expect(PrincipalComponents(of: [[1, 2]], count: 1) == nil)
    #expect(PrincipalComponents(of: [[1, 2], [3]], count: 1) == nil)
    #expect(PrincipalComponents(of: [[1, 2], [.nan, 1]], count: 1) == nil)
    #expect(PrincipalComponents(of: [[1, 2], [1, 2]], count: 1)?.shares == [0])
  }

  @Test("Ranks of equal values are shared; what does not differ has no correlation")
  func ranks() throws {
    #expect(Statistics.rankCorrelation([1, 2, 3], [10, 20, 90]) == 1)
    #expect(Statistics.rankCorrelation([1, 2, 3], [3, 2, 1]) == -1)
    let tied = try #require(Statistics.rankCorrelation([1, 2, 2, 4], [1, 3, 2, 4]))
    #expect(abs(tied - 0.9486832980505138) < 1e-12)  // scipy.stats.spearmanr
    #expect(Statistics.rankCorrelation([1, 1], [1, 2]) == nil)
    #expect(Statistics.rankCorrelation([1], [2]) == nil)
    #expect(Statistics.rankCorrelation([1, .nan], [1, 2]) == nil)
  }
}
