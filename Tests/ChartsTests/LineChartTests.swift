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
    let clipped = try #require(svg.split(separator: "</svg>").first?.split(separator: "hidden").last)
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
