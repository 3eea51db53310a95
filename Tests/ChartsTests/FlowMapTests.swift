import Testing

@testable import Charts

@Suite("Flow maps")
struct FlowMapTests {
  /// Every token reads every earlier one.
  func map(tokens count: Int) throws -> FlowMap {
    var arcs: [FlowMap.Arc] = []
    for to in 0..<count {
      for from in 0..<to {
        arcs.append(.init(from: from, to: to, value: Double(to * count + from), kind: to % 2))
      }
    }
    return try FlowMap(
      title: "t", kinds: [.init("a"), .init("b", isBackground: true)],
      panels: [
        .init("p", tokens: (0..<count).map { .init("w\($0)") }, arcs: arcs)
      ], valueName: "flow")
  }

  @Test("The strongest arcs are drawn, coloured ones above the background")
  func order() throws {
    let map = try map(tokens: 12)
    let drawn = map.drawn(map.panels[0])
    let isBackground = drawn.map { map.kinds[$0.arc.kind].isBackground }
    #expect(isBackground == isBackground.sorted { $0 && !$1 })
    // Row 10 has the strongest coloured arc, row 11 stronger ones in the background.
    #expect(drawn.last?.arc == .init(from: 9, to: 10, value: 129, kind: 0))
    #expect(drawn.last?.share == 1)
    #expect(drawn.allSatisfy { $0.share <= 1 && $0.share >= FlowMap.leastShare })
    #expect(map.summary.contains("'w9' (9) → 'w10' (10)"))
  }

  @Test("A weak arc in colour is seen among any number of strong ones in the background")
  func crowded() throws {
    let weak = FlowMap.Arc(from: 0, to: 2, value: 0.001, kind: 0)
    let strong = (0..<500).map {
      FlowMap.Arc(from: $0 % 30, to: 30 + $0 / 30, value: 1 + Double($0), kind: 1)
    }
    func map(_ arcs: [FlowMap.Arc]) throws -> FlowMap {
      try FlowMap(
        title: "t", kinds: [.init("a"), .init("others", isBackground: true)],
        panels: [.init("p", tokens: (0..<60).map { .init("w\($0)") }, arcs: arcs)],
        valueName: "flow")
    }
    let both = try map(strong + [weak])
    let drawn = both.drawn(both.panels[0])
    #expect(drawn.count == FlowMap.mostArcs)
    #expect(drawn.last?.arc == weak && drawn.last?.share == 1)
    // The background has the other places, its strongest.
    #expect(drawn.dropLast().map(\.arc.value).min() == 102)
    #expect(both.svg().contains(">opaque: flow 0.001<"))

    let background = try map(strong)
    #expect(background.summary.contains("nothing but others"))
    #expect(background.svg().contains(">nothing but others<"))
  }

  @Test("What does not flow is not drawn")
  func nothing() throws {
    let tokens = [TokenMap.Token("a"), .init("b")]
    let values: [Double] = [0, -1, .nan, .infinity]
    let map = try FlowMap(
      title: "t", kinds: [.init("k")],
      panels: [
        .init(tokens: tokens, arcs: values.map { .init(from: 0, to: 1, value: $0, kind: 0) })
      ], valueName: "flow")
    #expect(map.drawn(map.panels[0]).isEmpty)
    #expect(!map.svg().contains("<path"))
    #expect(map.summary.contains("nothing flows"))
  }

  @Test("A long text keeps a picture of bounded height and size")
  func long() throws {
    let map = try map(tokens: 500)
    let svg = map.svg()
    _ = try WellFormedness(svg)
    #expect(map.drawn(map.panels[0]).count == FlowMap.mostArcs)
    #expect(svg.utf8.count < 300_000)
    #expect(svg.contains(">w499<"))
  }
}
