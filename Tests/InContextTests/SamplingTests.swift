import Files
import Testing

@testable import InContext

@Suite("Drawing demonstrations and test rows")
struct SamplingTests {
  @Test(
    "Training rows are taken in the paper's order, epoch by epoch",
    arguments: [
      (42, [[3, 4, 2, 7, 6, 1, 5, 0], [3, 7, 4, 0, 2, 1, 6, 5]]),
      (43, [[7, 2, 5, 6, 1, 4, 0, 3], [0, 7, 4, 6, 3, 1, 5, 2]]),
      (
        42,
        [
          [6, 15, 11, 10, 9, 3, 0, 7, 12, 5, 2, 4, 14, 1, 13, 8],
          [6, 15, 12, 14, 10, 4, 5, 7, 8, 11, 3, 1, 2, 0, 9, 13],
        ]
      ),
      (
        42,
        [
          [16, 15, 18, 19, 9, 7, 17, 23, 6, 10, 3, 0, 20, 12, 5, 11, 14, 22, 2, 4, 21, 1, 13, 8],
          [16, 1, 22, 19, 7, 15, 4, 10, 6, 20, 3, 18, 14, 23, 11, 5, 13, 9, 2, 8, 0, 12, 17, 21],
        ]
      ),
    ])
  func epochs(seed: Int, expected: [[Int]]) throws {
    var order = try EpochOrder(rows: expected[0].count, seed: seed)
    #expect([order.next(), order.next()] == expected)
    #expect(throws: DataError.self) { try EpochOrder(rows: 4, seed: -1) }
  }

  @Test(
    "Seeds 42 and 43 draw the rows of the reference", arguments: ["sst2", "trec", "agnews", "emoc"])
  func references(name: String) throws {
    let dataset = try Fixtures.dataset(name)
    let goldens = try #require(try Fixtures.prompts()[name]?.array)
    for golden in goldens {
      let seed = try #require(golden["seed"]?.int)
      let rows = try dataset.evaluationRows(samples: 1000, seed: seed)
      #expect(Array(rows.map(\.row).prefix(8)) == golden["test"]?.ints)
      let draw = try dataset.drawDemonstrations(shots: 1, auxiliary: 4, seed: seed)
      #expect(draw.demonstrations.map(\.row) == golden["one"]?.ints)
      #expect(draw.auxiliary.map(\.row) == golden["four"]?.ints)
      let five = try dataset.drawDemonstrations(shots: 5, seed: seed)
      #expect(five.demonstrations.map(\.row) == golden["five"]?.ints)

      let redrawn = try dataset.redrawDemonstrations(shots: 1, count: rows.count, seed: seed)
      let pairs = try dataset.redrawDemonstrations(shots: 2, count: 20, seed: seed)
      #expect(redrawn.prefix(8).map { $0.map(\.row) } == golden["redrawn"]?.intLists)
      #expect(pairs.prefix(4).map { $0.map(\.row) } == golden["pairs"]?.intLists)
      let all = (redrawn + pairs).joined().map(\.row)
      #expect(Fixtures.digest(all) == golden["draws_digest"]?.string)
    }
  }

  @Test("Five shots are one shot and the four auxiliary rows", arguments: 1...5)
  func nesting(seed: Int) throws {
    let trec = try Fixtures.dataset("trec")
    let one = try trec.drawDemonstrations(shots: 1, auxiliary: 4, seed: seed)
    let alone = try trec.drawDemonstrations(shots: 1, seed: seed)
    let five = try trec.drawDemonstrations(shots: 5, seed: seed)
    #expect(one.demonstrations == alone.demonstrations)
    #expect(alone.auxiliary.isEmpty)
    let union = Set((one.demonstrations + one.auxiliary).map(\.row))
    #expect(union == Set(five.demonstrations.map(\.row)))
    #expect(union.count == 30)
  }

  @Test("Each class is demonstrated as often as asked")
  func balance() throws {
    let emoc = try Fixtures.dataset("emoc")
    let draw = try emoc.drawDemonstrations(shots: 3, seed: 7)
    #expect((0..<4).allSatisfy { id in draw.demonstrations.filter { $0.label == id }.count == 3 })
    for redrawn in try emoc.redrawDemonstrations(shots: 2, count: 50, seed: 7) {
      #expect((0..<4).allSatisfy { id in redrawn.filter { $0.label == id }.count == 2 })
    }
  }

  @Test("The test sample is a permutation, cut off")
  func evaluation() throws {
    let trec = try Fixtures.dataset("trec")
    let all = try trec.evaluationRows(samples: 1000, seed: 5).map(\.row)
    #expect(all.sorted() == Array(0..<500))
    #expect(try trec.evaluationRows(samples: 7, seed: 5).map(\.row) == Array(all.prefix(7)))
    #expect(try trec.evaluationRow(6, seed: 5).row == all[6])
  }

  @Test("Too few rows of a class are counted in the error")
  func tooFew() throws {
    let trec = try Fixtures.dataset("trec")
    let error = #expect(throws: DataError.self) {
      try trec.drawDemonstrations(shots: 80, auxiliary: 10, seed: 42)
    }
    #expect(
      error?.description
        == "trec has too few training rows for 90 a class: 'Abbreviation' has 86.")
    #expect(throws: DataError.self) { try trec.drawDemonstrations(shots: .max, seed: 42) }
    #expect(throws: DataError.self) {
      try trec.drawDemonstrations(shots: 1, auxiliary: .max, seed: 42)
    }
    #expect(throws: DataError.self) {
      try trec.redrawDemonstrations(shots: .max, count: 1, seed: 42)
    }
  }

  @Test("Numbers out of range are refused")
  func ranges() throws {
    let trec = try Fixtures.dataset("trec")
    #expect(throws: DataError.drawing(.seedOutOfRange(-1))) {
      try trec.drawDemonstrations(shots: 1, seed: -1)
    }
    #expect(throws: DataError.drawing(.seedOutOfRange(1 << 32))) {
      try trec.evaluationRows(samples: 1, seed: 1 << 32)
    }
    #expect(throws: DataError.drawing(.shotsOutOfRange(-1))) {
      try trec.drawDemonstrations(shots: -1, seed: 1)
    }
    #expect(throws: DataError.drawing(.samplesOutOfRange(0))) {
      try trec.evaluationRows(samples: 0, seed: 1)
    }
    #expect(throws: DataError.drawing(.rowOutOfRange(row: 500, count: 500, name: "trec"))) {
      try trec.evaluationRow(500, seed: 1)
    }
  }
}
