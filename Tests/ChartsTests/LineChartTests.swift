import Testing

@testable import Charts

@Suite("Line charts")
struct LineChartTests {
  /// The vertical ends of nested viewports, top and bottom.
  private func viewports(_ svg: String) -> [(top: Double, bottom: Double)] {
    svg.matches(of: /<svg x="[\d.]+" y="([\d.]+)" width="[\d.]+" height="([\d.]+)"/).compactMap {
      guard let top = Double($0.1), let height = Double($0.2) else { return nil }
      return (top, top + height)
    }
  }

  @Test("An interval that leaves a share's range is cut off there, and its tooltip tells it whole")
  func bandsAreClipped() throws {
    let chart = try LineChart(
      title: "t", x: .layer, left: Axis("share", range: 0...1),
      series: [.init("s", y: [0, 1, 0.5], lower: [-0.5, 0.4, 0.2], upper: [0.5, 1.7, 0.8])])
    let svg = chart.svg()
    #expect(viewports(svg).count == 1)
    #expect(svg.contains("−0.5 to 0.5"))
    for tick in ["−0.5", "−1.0", "1.5", "2.0"] { #expect(!svg.contains(">\(tick)</text>")) }
    // Only the band is inside the viewport: markers at 0 and 1 are drawn whole.
    let clipped = try #require(
      svg.split(separator: "</svg>").first?.split(separator: "hidden").last)
    #expect(clipped.matches(of: /<path/).count == 1)
  }

  @Test("Intervals within the range need no clipping; curves outside it get it")
  func clippingWhereNeeded() throws {
    func svg(_ y: [Double]) throws -> String {
      try LineChart(
        title: "t", x: .layer, left: Axis("share", range: 0...1),
        series: [.init("s", y: y, lower: [0, 0], upper: [1, 1])]
      ).svg()
    }
    #expect(viewports(try svg([0.2, 0.9])).isEmpty)
    #expect(viewports(try svg([0.2, 1.9])).count == 2)
  }

  @Test("A reference outside the range is not drawn beside the plot")
  func referenceOutside() throws {
    let chart = try LineChart(
      title: "t", x: .layer, left: Axis("share", range: 0...1), series: [.init("s", y: [0, 1])],
      references: [ReferenceLine("inside", at: 0.5), ReferenceLine("outside", at: 3)])
    #expect(chart.svg().contains("<title>inside: 0.5</title>"))
    #expect(!chart.svg().contains("<title>outside: 3</title>"))
  }
}

@Suite("Panels of line charts")
struct PanelTests {
  private func chart(panels: Int, right: Axis? = nil) throws -> LineChart {
    try LineChart(
      title: "t", x: .layer, left: Axis("share", range: 0...1), right: right,
      panels: (0..<panels).map { panel in
        .init(
          "set \(panel)",
          series: [
            .init("one", y: [0.1, 0.2]), .init("two", y: [0.3, 0.4]),
            .init("three", y: [0.5, 0.6], side: .right),
          ])
      })
  }

  @Test("The same quantity has the same colour in every panel, and stands in the legend once")
  func marks() throws {
    let chart = try chart(panels: 4)
    #expect(chart.marks == Array(repeating: [0, 1, 2], count: 4))
    let svg = chart.svg()
    for name in ["one", "two", "three"] {
      #expect(svg.matches(of: try Regex(">\(name)</text>")).count == 1)
    }
    for panel in 0..<4 { #expect(svg.contains(">set \(panel)</text>")) }
    #expect(!svg.contains(Paint.series(3).light.hex))
  }

  @Test("Curves of one name in one panel, or on two axes, differ all the same")
  func sameNames() throws {
    let chart = try LineChart(
      title: "t", x: .layer, left: Axis(""), right: Axis(""),
      panels: [
        .init(series: [.init("a", y: []), .init("a", y: []), .init("a", y: [], side: .right)]),
        .init(series: [.init("b", y: []), .init("a", y: [], side: .right), .init("a", y: [])]),
      ])
    #expect(chart.marks == [[0, 1, 2], [3, 2, 0]])
  }

  @Test("Axes are labelled at the ends of a row only", arguments: [280.0, 400, 720, 800])
  func sharedAxes(width: Double) throws {
    let svg = try chart(panels: 4, right: Axis("R")).svg(theme: .light, width: width)
    _ = try WellFormedness(svg)
    let rows = width < 300 ? 4 : width < 500 ? 2 : 1
    #expect(svg.matches(of: />share<\/text>/).count == rows)
    #expect(svg.matches(of: />R<\/text>/).count == rows)
    #expect(svg.matches(of: />Layer<\/text>/).count == 1)
  }

  @Test("Every panel stays inside the figure", arguments: 1...13)
  func inside(panels: Int) throws {
    for width in [280.0, 400, 720] {
      let svg = try chart(panels: panels).svg(theme: .light, width: width)
      for line in svg.matches(of: /x2="([\d.]+)"/) {
        #expect(try #require(Double(line.1)) <= width)
      }
    }
  }

  @Test("The text form names the panels")
  func summary() throws {
    let text = try chart(panels: 2).summary
    #expect(text.contains("t: set 0, one peaks at 0.2 (layer 1)"))
    #expect(text.contains("; 2 more."))
    #expect(text.contains("\nset 0\none ") && text.contains("\nset 1\none "))
    #expect(try chart(panels: 10).summary.hasSuffix("and 6 more series"))
  }

  @Test("No panels at all is one empty panel")
  func noPanels() throws {
    let chart = try LineChart(title: "t", x: .layer, left: Axis(""), panels: [])
    #expect(chart.svg().contains("no finite values to show"))
  }
}
