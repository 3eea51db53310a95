import Testing

@testable import CommandLanguage

@Suite("Lists lift")
struct LiftingTests {
  @Test("Lists run a verb over all combinations, inputs first, the last option fastest")
  func combinations() throws {
    let session = toySession()
    let grid: Grid = try #require(
      session.execute("measure seed=1..2 [mini, maxi] shots=[1, 2]").value.object())
    #expect(grid.axes.map(\.name) == ["sensor", "seed", "shots"])
    #expect(grid.axes.map(\.labels) == [["mini", "maxi"], ["1", "2"], ["1", "2"]])
    #expect(grid.objects(Reading.self).map(\.level) == [11, 21, 12, 22, 11, 21, 12, 22])
    #expect(grid.coordinates(of: 5) == [1, 0, 1])
    #expect(grid.summary == "measure over 2 sensor × 2 seed × 2 shots: 8 results")
  }

  @Test("A grid shows mean and 95 % interval over seeds, a row for each other combination")
  func table() {
    let session = toySession()
    #expect(
      session.result("g = measure [mini, maxi] shots=[1, 2] seed=1..5\ng.table")
        == """
        measure: mean ± 95 % interval over seeds
        sensor  shots  level       seeds
        ──────  ─────  ──────────  ─────
        mini        1  13.0 ± 2.0      5
        mini        2  23.0 ± 2.0      5
        maxi        1  13.0 ± 2.0      5
        maxi        2  23.0 ± 2.0      5
        """)
    #expect(session.result("g.level[0]") == "11")
    #expect(session.result("g[-1].seed") == "5")
    #expect(session.result("g.cells[1].level") == "12")
    #expect(session.result("(measure mini shots=[1, 2]).table").hasSuffix("1     52\n    2     62"))
    // Shown by itself it is what its type makes of many; see ``Reading/combined(_:)``.
    #expect(session.result("g").hasPrefix("title\n"))
  }

  private func sightings(_ cells: [Sighting], of subjects: [String]) -> Table {
    let seeds = (1...(cells.count / subjects.count)).map { Value.number(Double($0)) }
    return Grid(
      verb: "sight",
      axes: [
        .init(name: "subject", values: subjects.map(Value.string)),
        .init(name: "seed", values: seeds),
      ],
      cells: cells.map(Value.object)
    ).table
  }

  @Test("A mean says of how many seeds it is, and an empty cell why and whose it is")
  func undefined() {
    let far = Sighting(reason: "too far")
    let table = sightings(
      [Sighting(distance: 1), Sighting(distance: 2), far, far, Sighting(reason: "fog"), far],
      of: ["bird", "ship"])
    #expect(
      table.plain == """
        sight: mean ± 95 % interval over seeds
        subject  distance   seeds
        ───────  ─────────  ─────
        bird     1.5 ± 6.4      2
        ship     –              0
        – ship: too far; ship: fog
        """)
    // Where every row has a mean there is nothing to explain.
    let seen = sightings([Sighting(distance: 1), far], of: ["bird"])
    #expect(seen.explanation == nil && seen.csv == "subject,distance,seeds\nbird,1,1\n")
    // One reason for all there is needs no names; what no cell of a row has at all is not counted.
    #expect(sightings([far, far], of: ["bird", "ship"]).explanation == "too far")
    let fast = Sighting(distance: 1, speed: 3)
    let mixed = sightings(
      [fast, Sighting(speed: 4), Sighting(distance: 2), far], of: ["bird", "ship"])
    #expect(mixed.rows.map { $0.last?.plainText } == ["1 to 2", "1"])
    #expect(mixed.explanation == nil)
  }

  @Test("Objects of one name are numbered, what a person wrote stays")
  func names() {
    let session = toySession()
    _ = session.execute("a = sensor one\nb = sensor one\nboth = [a, b]\nc = sensor two")
    func labels(_ list: String) -> [String]? {
      session.execute("measure \(list)").value.object(Grid.self)?.axes[0].labels
    }
    #expect(labels("both") == ["1. sensor one", "2. sensor one"])
    #expect(labels("[mini, (sensor one), c]") == ["mini", "sensor one", "c"])
    #expect(labels("mini seed=[3, 3]") == ["3", "3"])
  }

  @Test("Groups over seeds carry a title, and a type may combine them")
  func groups() throws {
    let grid: Grid = try #require(
      toySession().execute("measure [mini, maxi] shots=1..2 seed=1..3").value.object())
    #expect(grid.groups().map(\.title).first == "mini · shots=1")
    #expect(grid.groups().map(\.cells.count) == [3, 3, 3, 3])
    #expect(grid.groups(over: "sensor").count == 6)
    #expect(try (grid.combined() as? Table)?.rows.count == 4)
    #expect(grid.observations.rows.count == 12)
    #expect(grid.observations.columns == ["sensor", "shots", "seed", "level"])
  }

  @Test("A list where a list is wanted is one value")
  func noLift() {
    #expect(toySession().result("measure mini labels=[a, b]") == "a reading of 52")
  }

  @Test("A type that takes lists may be run over a list of them")
  func listsOfLists() {
    let session = Session(commands: [TuneCommand.self])
    #expect(session.result("tune channels=[1, 2]") == "2")
    let grid = session.execute("tune channels=[[1, 2], [3]]").value.object(Grid.self)
    #expect(grid?.axes.map(\.labels) == [["[1, 2]", "[3]"]])
    #expect(grid?.cells.map(\.number) == [2, 1])
  }

  @Test("A list of none, or too many runs, is refused")
  func sizes() {
    let session = toySession()
    #expect(session.result("measure mini seed=[]").hasPrefix("ArgumentError: seed= has an empty"))
    #expect(
      session.result("measure mini seed=1..200 shots=1..32 share=0..1..0.1").contains("10,000 runs")
    )
    #expect(session.result("x = 1..1e9").contains("at most 100,000"))
  }

  @Test("A list in a variable lifts like one that is written out, and so does one piped in")
  func variables() throws {
    let session = toySession()
    let cell = "a = sensor one\nb = sensor two\nboth = [a, b]\nboth | measure seed=1..2"
    let grid: Grid = try #require(session.execute(cell).value.object())
    #expect(grid.axes[0].labels == ["sensor one", "sensor two"])
    #expect(grid.cells.count == 4)
  }

  @Test("Student's t gives the interval")
  func interval() {
    let interval = ConfidenceInterval(of: [1, 2, 3, 4, 5])
    #expect(interval.mean == 3)
    // 2.776445 · √2.5 / √5
    #expect(abs((interval.halfWidth ?? 0) - 1.963_243) < 1e-5)
    #expect(interval.text == "3.0 ± 2.0")
    #expect(ConfidenceInterval(of: [0.8, 0.81, 0.82]).text == "0.810 ± 0.025")
    #expect(ConfidenceInterval(of: [1000, 3000]).text == "2000 ± 12706")
    #expect(ConfidenceInterval(of: [7, 7]).text == "7 ± 0")
    #expect(ConfidenceInterval(of: [-0.8, -0.81, -0.82]).text == "−0.810 ± 0.025")
    #expect(ConfidenceInterval(of: [-0.5]).text == "−0.5000")
    #expect((-0.214).fixed(decimals: 2) == "−0.21" && (-0.001).fixed(decimals: 2) == "0.00")
    #expect(ConfidenceInterval(of: [7]).halfWidth == nil)
    #expect(ConfidenceInterval(of: [Double]()).mean.isNaN)
    // Tabulated values of the t distribution.
    for (n, t) in [(31, 2.039_513), (40, 2.021_075), (60, 2.000_298), (120, 1.979_930)] {
      #expect(abs(ConfidenceInterval.quantile(degreesOfFreedom: n) - t) < 2e-6)
    }
  }
}

/// One choice of a few numbers: a list is one, a list of lists several.
private struct Channels: ArgumentConvertible {
  let numbers: [Double]

  static let typeDescription = "channels"
  static let acceptsList = true
  static func isOne(_ list: Value) -> Bool {
    (list.elements ?? []).allSatisfy { $0.number != nil }
  }
  static func convert(_ value: Value, in session: Session) -> Channels? {
    value.elements.map { Channels(numbers: $0.compactMap(\.number)) }
  }
}

private struct TuneCommand: Command {
  static let group = "looking"
  static let summary = "Counts channels."
  static let lifts = true
  @Option("Which.") var channels: Channels?
  func run(in session: Session) -> Int { channels?.numbers.count ?? 0 }
}
