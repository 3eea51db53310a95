import Foundation
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

  @Test("Teams within teams, and beside each other, each run every index once")
  func nested() {
    let runs = Locked([Int](repeating: 0, count: 1000))
    for _ in 0..<20 {
      Team(size: 4).forEach(10) { outer in
        Team(size: 3).forEach(100) { inner in
          runs.withLock { $0[outer * 100 + inner] += 1 }
        }
      }
    }
    #expect(runs.withLock { $0 } == [Int](repeating: 20, count: 1000))
  }

  @Test(
    "The members of a team work at the same time, whether they were awake or asleep",
    .enabled(if: Machine.cores > 1, "needs two processors"))
  func together() {
    let team = Team(size: 2)
    for rest in [0, 0, 50_000] {
      usleep(UInt32(rest))
      let begun = Locked(0)
      let met = Locked(0)
      team.forEach(2) { _ in
        begun.withLock { $0 += 1 }
        let deadline = ContinuousClock.now + .seconds(20)
        while begun.withLock({ $0 }) < 2 && ContinuousClock.now < deadline { usleep(100) }
        if begun.withLock({ $0 }) == 2 { met.withLock { $0 += 1 } }
      }
      #expect(met.withLock { $0 } == 2)
    }
  }

  @Test("One short task after another, after rests long and short")
  func shortTasks() {
    let team = Team(size: 3)
    let sum = Locked(0)
    for round in 0..<5000 {
      team.forEach(3) { index in sum.withLock { $0 += index } }
      if round % 1000 == 0 { usleep(20_000) }
    }
    #expect(sum.withLock { $0 } == 5000 * 3)
  }
}
