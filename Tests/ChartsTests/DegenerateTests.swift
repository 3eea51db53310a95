import Testing

@testable import Charts

@Suite("Degenerate data")
struct DegenerateTests {
  static let oddities: [[Double]] = [
    [], [0], [1e-310], [.nan], [.infinity, -.infinity], [.nan, 1, .nan], [5, 5, 5], [-2, -2],
    [1e308, -1e308], [1, 1 + 1e-16], [1e-300, 2e-300], [0, 1e300], [-1e-9, 1e9], [1e15, 1e15 + 2],
  ]

  @Test("Odd values are drawn or left out, never a crash", arguments: oddities)
  func oddValues(_ values: [Double]) throws {
    for figure in try everyFigure(saying: "odd", values: values) {
      let svg = figure.svg()
      _ = try WellFormedness(svg)
      #expect(!svg.contains("nan\"") && !svg.contains("inf\""))
      #expect(!figure.summary.isEmpty)
    }
    for kind in [Axis.Kind.integer, .logarithmic] {
      let axis = Axis("a", kind: kind)
      let chart = try LineChart(
        title: "t", x: axis, left: axis, series: [.init("s", x: values, y: values)])
      _ = try WellFormedness(chart.svg())
    }
  }

  @Test("Nothing at all is a figure, too")
  func empty() throws {
    let axis = Axis("")
    let figures: [any Figure] = [
      try LineChart(title: "", x: axis, left: axis, series: []),
      try BarChart(title: "", values: axis, groups: [], series: []),
      try HeatMap(title: "", panels: [], valueName: ""),
      try HeatMap(title: "", panels: [.init(rows: [])], valueName: ""),
      try HeatMap(title: "", panels: [.init(rows: [[], []])], valueName: ""),
      try TokenMap(title: "", tokens: []),
      try FlowMap(title: "", kinds: [], panels: [], valueName: ""),
    ]
    for figure in figures {
      _ = try WellFormedness(figure.svg())
      #expect(!figure.summary.isEmpty)
    }
  }

  @Test("Arrays that do not match are refused with both lengths")
  func mismatches() {
    #expect(throws: ChartError.lengths(of: "x of series 's'", expected: 2, found: 1)) {
      try LineChart(
        title: "", x: .layer, left: Axis(""), series: [.init("s", x: [1], y: [1, 2])])
    }
    #expect(throws: ChartError.self) {
      try LineChart(
        title: "", x: .layer, left: Axis(""), series: [.init("s", y: [1], lower: [0])])
    }
    #expect(throws: ChartError.lengths(of: "values of series 's'", expected: 1, found: 2)) {
      try BarChart(
        title: "", values: Axis(""), groups: ["g"], series: [.init("s", values: [1, 2])])
    }
    #expect(throws: ChartError.lengths(of: "row 1 of heat map ''", expected: 2, found: 1)) {
      try HeatMap.Panel(rows: [[1, 2], [3]])
    }
    #expect(throws: ChartError.self) {
      try HeatMap.Panel(values: [], rowCount: .max, columnCount: 2)
    }
    #expect(throws: ChartError.unknownCategory("x", known: ["a"])) {
      try TokenMap(title: "", tokens: [.init("t", category: "x")], categories: [.init("a")])
    }
    #expect(throws: ChartError.self) {
      try FlowMap(
        title: "", kinds: [.init("k")],
        panels: [.init(tokens: [.init("t")], arcs: [.init(from: 0, to: 1, value: 1, kind: 0)])],
        valueName: "")
    }
    #expect(throws: ChartError.self) {
      try LineChart(
        title: "", x: Axis("", kind: .logarithmic, range: 0...1), left: Axis(""), series: [])
    }
  }

  @Test("A matrix of 300 by 300 stays below 400 kB and says that it was put into blocks")
  func largeMatrix() throws {
    var random = FixedRandom(state: 3)
    let values = (0..<90_000).map { _ in Double.random(in: 0...1, using: &random) }
    let map = try HeatMap(
      title: "t", panels: [.init(values: values, rowCount: 300, columnCount: 300)],
      valueName: "v")
    let svg = map.svg()
    #expect(svg.utf8.count < 400_000)
    #expect(svg.contains("blocks of 2 × 2 cells"))
  }

  @Test("Blocks keep the value of largest magnitude, with its sign")
  func blocks() throws {
    let panel = try HeatMap.Panel(rows: [[1, -5, 0], [.nan, 2, .nan]])
    let blocked = panel.blocks(rows: 1, columns: 2)
    #expect(blocked.values == [-5, 0])
    #expect((blocked.tall, blocked.wide) == (2, 2))
  }

  @Test("Of 10,000 tokens the ends are drawn, and the figure says how many are not")
  func manyTokens() throws {
    let map = try TokenMap(title: "t", tokens: (0..<10_000).map { .init(" w\($0)") })
    let svg = map.svg()
    #expect(svg.contains("7,000 tokens are not drawn"))
    #expect(svg.contains(">w9999<") || svg.contains("w9999"))
    #expect(svg.utf8.count < 1_000_000)
    #expect(map.summary.utf8.count < 10_000)
  }

  @Test("A curve of 200,000 points stays small")
  func manyPoints() throws {
    let y = (0..<200_000).map { Double($0 % 97) }
    let chart = try LineChart(title: "t", x: Axis("x"), left: Axis("y"), series: [.init("s", y: y)])
    #expect(chart.svg().utf8.count < 100_000)
  }
}
