import Testing

@testable import Charts

@Suite("Heat maps")
struct HeatMapTests {
  static let names = ["description and abstract concept", "human being", "numeric value"]

  private func confusion(
    names: [String] = ["positive", "negative", "neutral"],
    rows: [[Double]] = [[4, 29, 0], [1, 2, 1], [0, 3, 2]]
  ) throws -> HeatMap {
    try HeatMap(
      title: "Confusion",
      panels: [.init(rows: rows, rowLabels: names, columnLabels: names)],
      rowTitle: "Gold label", columnTitle: "Answer", valueName: "Test rows", scale: .blues)
  }

  @Test("The sentence says which name is the row's and which the column's")
  func sentence() throws {
    #expect(
      try confusion().sentence
        == "Confusion: 3 × 3, highest 29 (gold label positive, answer negative),"
        + " lowest 0 (gold label positive, answer neutral).")
    let bare = try HeatMap(title: "t", panels: [.init(rows: [[1, 2]])], valueName: "v")
    #expect(bare.sentence.contains("highest 2 (row 0, column 1)"))
    let named = try HeatMap(
      title: "t", panels: [.init(rows: [[1, 2]])], rowTitle: "AUC of", columnTitle: "Layer",
      valueName: "v")
    #expect(named.sentence.contains("highest 2 (AUC of 0, layer 1)"))
  }

  @Test("The text form has the names of the columns above them, and the numbers in the cells")
  func namedColumns() throws {
    let lines = try confusion().summary.split(separator: "\n").dropFirst()
    #expect(
      Array(lines) == [
        "Gold label  Answer",
        "            positive  negative  neutral",
        "positive    ·· 4      ██ 29     ·· 0",
        "negative    ·· 1      ·· 2      ·· 1",
        "neutral     ·· 0      ·· 3      ·· 2",
        "·· 0   ██ 29",
      ])
  }

  @Test("The text form of a wide map numbers every fifth column")
  func ruledColumns() throws {
    let map = try HeatMap(
      title: "t",
      panels: [.init(values: Array(repeating: 1, count: 36), rowCount: 3, columnCount: 12)],
      rowTitle: "Layer", columnTitle: "Head", valueName: "v")
    let lines = map.summary.split(separator: "\n")
    #expect(lines[1] == "Layer Head")
    #expect(lines[2] == "      0         5         10")
    #expect(lines[3].hasPrefix("0     █"))
  }

  @Test("Counts have whole numbers along the colour bar", arguments: [1.0, 2, 3, 4, 7, 29])
  func wholeTicks(most: Double) throws {
    let map = try confusion(rows: [[most, 0, 0], [0, 1, 0], [0, 0, 0]])
    #expect(map.mapping.isWhole)
    #expect(!map.svg().contains(/>\d+\.\d+<\/text>/))
    #expect(try !confusion(rows: [[0.5, 0, 0], [0, 1, 0], [0, 0, 0]]).mapping.isWhole)
  }

  @Test("Long names are written out where the figure has the room", arguments: [720.0, 800])
  func longNames(width: Double) throws {
    let svg = try confusion(names: Self.names).svg(theme: .light, width: width)
    #expect(!svg.contains("…</text>"))
    for name in Self.names { #expect(svg.matches(of: try Regex(">\(name)</text>")).count == 2) }
  }

  @Test("A long name of a panel takes the room beside its cells, and touches no other")
  func panelNames() throws {
    let name = "sst2 prompt: 62 tokens, 2 demonstrations"
    let panel = try HeatMap.Panel(name, rows: [[0, 1], [1, 0]])
    func shown(_ count: Int) throws -> [String] {
      let map = try HeatMap(
        title: "t", panels: Array(repeating: panel, count: count), valueName: "v")
      return map.svg().matches(
        of: /x="(?<x>[\d.]+)"[^>]*>(<title>[^<]*<\/title>)?(?<text>sst2[^<]*)</
      )
      .map { "\($0.text)" }
    }
    #expect(try shown(2) == [name, name])
    #expect(try shown(3).allSatisfy { $0.count > "sst2 prompt: 62 to…".count })
  }

  @Test("A long name of a row takes two lines where it has no room", arguments: [400.0])
  func wrappedNames(width: Double) throws {
    let svg = try confusion(names: Self.names).svg(theme: .light, width: width)
    #expect(svg.contains(">description and</text>") && svg.contains(">abstract concept</text>"))
  }

  @Test("Zero is near the background on either page", arguments: [ColorScale.blues, .oranges])
  func zero(scale: ColorScale) {
    let zero = scale.paint(step: 0)
    #expect(zero.light.contrast(with: Paint.background.light) < 1.2)
    #expect(zero.dark.contrast(with: Paint.background.dark) < 1.2)
    let signed = ColorScale.diverging.paint(step: ColorScale.steps / 2)
    #expect(signed.light.contrast(with: Paint.background.light) < 1.2)
    #expect(signed.dark.contrast(with: Paint.background.dark) < 1.2)
  }

  @Test("A dark figure has no white cell unless it holds a large value")
  func darkCells() throws {
    let svg = try confusion().svg(theme: .dark)
    #expect(svg.contains(ColorScale.blues.paint(step: 0).dark.hex))
    #expect(!svg.contains(ColorScale.blues.paint(step: 0).light.hex))
    let tokens = try TokenMap(
      title: "t", tokens: [.init("a", value: 0), .init("b", value: 1)], valueName: "v")
    #expect(!tokens.svg(theme: .dark).contains(ColorScale.oranges.paint(step: 0).light.hex))
  }

  @Test("A figure of 2,500 colours that follows the reader's theme stays below 600 kB")
  func automaticSize() throws {
    var random = FixedRandom(state: 4)
    let values = (0..<2_500).map { _ in Double.random(in: 0...1, using: &random) }
    let map = try HeatMap(
      title: "t", panels: [.init(values: values, rowCount: 50, columnCount: 50)],
      valueName: "v", scale: .blues)
    let (light, automatic) = (map.svg(), map.svg(theme: .automatic))
    #expect(automatic.utf8.count < light.utf8.count + 80_000)
    #expect(automatic.utf8.count < 600_000)
  }
}
