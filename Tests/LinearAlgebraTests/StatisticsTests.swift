import Foundation
import Testing

@testable import LinearAlgebra

/// A case of Tests/Goldens/flow/auc.json: scores, true classes, and scikit-learn's area.
struct AreaCase: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let scores: [[Double]]
  let y_true: [Int]
  let auc: Double?

  var testDescription: String { name }

  private struct File: Decodable { let cases: [AreaCase] }

  static let all: [AreaCase] = {
    let file = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Goldens/flow/auc.json")
    guard let bytes = try? Data(contentsOf: file) else { return [] }
    return (try? JSONDecoder().decode(File.self, from: bytes))?.cases ?? []
  }()
}

private func isClose(_ a: Double?, _ b: Double?) -> Bool {
  guard let a, let b else { return a == nil && b == nil }
  return abs(a - b) < Tolerance.statistic
}

@Suite("Statistics")
struct StatisticsTests {
  @Test("The goldens are there")
  func goldens() { #expect(AreaCase.all.count >= 14) }

  @Test("The area under the curve is scikit-learn's", arguments: AreaCase.all)
  func areas(golden: AreaCase) {
    let area = Statistics.oneVersusOneAUC(scores: golden.scores, classes: golden.y_true)
    #expect(isClose(area, golden.auc))
  }

  @Test("The area is the share of pairs won, ties counting half")
  func pairs() {
    var random = SplitMix(state: 14)
    for count in [0, 1, 2, 3, 10, 101] {
      for levels in [2, 5, 1_000_000] {
        let scores = (0..<count).map { _ in Double(Int.random(in: 0..<levels, using: &random)) }
        let positive = scores.map { _ in Bool.random(using: &random) }
        let area = Statistics.areaUnderROC(scores: scores, positive: positive)
        #expect(isClose(area, Reference.areaUnderROC(scores: scores, positive: positive)))
        let mirrored = Statistics.areaUnderROC(scores: scores.map { -$0 }, positive: positive)
        #expect(isClose(mirrored, area.map { 1 - $0 }))
        let stretched = scores.map { exp($0 / Double(levels)) * 3 - 7 }
        #expect(Statistics.areaUnderROC(scores: stretched, positive: positive) == area)
      }
    }
  }

  @Test("Without both kinds, or with a NaN, there is no area")
  func noArea() {
    #expect(Statistics.areaUnderROC(scores: [], positive: []) == nil)
    #expect(Statistics.areaUnderROC(scores: [1, 2], positive: [true, true]) == nil)
    #expect(Statistics.areaUnderROC(scores: [1, 2], positive: [false, false]) == nil)
    #expect(Statistics.areaUnderROC(scores: [1, .nan], positive: [false, true]) == nil)
    #expect(Statistics.areaUnderROC(scores: [1], positive: [false, true]) == nil)
    #expect(
      Statistics.areaUnderROC(scores: [-.infinity, .infinity], positive: [false, true]) == 1)
  }

  @Test("Class scores that do not fit together have no area")
  func unfitScores() {
    #expect(Statistics.oneVersusOneAUC(scores: [], classes: []) == nil)
    #expect(Statistics.oneVersusOneAUC(scores: [[1, 2], [2, 1]], classes: [0]) == nil)
    #expect(Statistics.oneVersusOneAUC(scores: [[1, 2], [2]], classes: [0, 1]) == nil)
    #expect(Statistics.oneVersusOneAUC(scores: [[1, 2], [2, 1]], classes: [0, 2]) == nil)
    #expect(Statistics.oneVersusOneAUC(scores: [[1, 2], [2, 1]], classes: [0, -1]) == nil)
    let empty = [[0.0, 0, 0], [1, 2, 3], [1, 1, 1]]  // 0 / 0 in the first row
    #expect(Statistics.oneVersusOneAUC(scores: empty, classes: [0, 1, 2]) == nil)
  }

  @Test("Of two classes only the higher one's scores count")
  func twoClasses() {
    let scores: [[Double]] = [[9, 0, 1], [0, 0, 2], [5, 0, 3], [7, 0, 4]]
    let area = Statistics.oneVersusOneAUC(scores: scores, classes: [0, 2, 0, 2])
    #expect(
      area == Statistics.areaUnderROC(scores: [1, 2, 3, 4], positive: [false, true, false, true]))
  }

  @Test("The share of the excess over chance runs up to 1, with layers below chance counted")
  func shares() {
    let share = Statistics.cumulativeShare([0.5, 0.6, 0.7, 0.8]) ?? []
    #expect(zip(share, [0, 1.0 / 6, 0.5, 1]).allSatisfy { isClose($0, $1) } && share.count == 4)
    let dipping = Statistics.cumulativeShare([0.4, 0.7]) ?? []
    #expect(zip(dipping, [-1, 1]).allSatisfy { isClose($0, $1) } && dipping.count == 2)
    #expect(Statistics.cumulativeShare([0.5, 0.5]) == nil)
    #expect(Statistics.cumulativeShare([0.6, nil]) == nil)
    #expect(Statistics.cumulativeShare([0.6, .nan]) == nil)
    #expect(Statistics.cumulativeShare([]) == nil)
  }

  @Test("Wilson's interval holds the rate, stays within 0...1 and narrows with more trials")
  func intervals() throws {
    let known = try #require(Statistics.wilsonInterval(successes: 8, of: 10))
    #expect(isClose(known.lowerBound, 0.490162471537) && isClose(known.upperBound, 0.943317848546))
    for trials in [1, 7, 1000] {
      for successes in 0...trials {
        let interval = try #require(Statistics.wilsonInterval(successes: successes, of: trials))
        let mirrored = try #require(
          Statistics.wilsonInterval(successes: trials - successes, of: trials))
        #expect(interval.contains(Double(successes) / Double(trials)))
        #expect(interval.lowerBound >= 0 && interval.upperBound <= 1)
        #expect(isClose(interval.lowerBound, 1 - mirrored.upperBound))
      }
    }
    func width(_ trials: Int) -> Double {
      Statistics.wilsonInterval(successes: trials / 2, of: trials)
        .map { $0.upperBound - $0.lowerBound } ?? .infinity
    }
    #expect(width(100) < width(10) && width(10_000) < width(100))
    #expect(Statistics.wilsonInterval(successes: 0, of: 0) == nil)
    #expect(Statistics.wilsonInterval(successes: 3, of: 2) == nil)
    #expect(Statistics.wilsonInterval(successes: -1, of: 2) == nil)
  }

  @Test("The mean of nothing is nothing")
  func means() {
    #expect(Statistics.mean([]) == nil)
    #expect(Statistics.mean([1, 2, 6]) == 3)
  }
}
