@testable import Charts

/// A fixed sequence of random numbers (SplitMix64), so that a failure can be repeated.
struct FixedRandom: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// Text out of everything that has broken a renderer somewhere.
  mutating func hostileText() -> String {
    let pieces = [
      "<", ">", "&", "\"", "'", "]]>", "<!--", "</text>", "<script>", "&amp;", "&#0;", "\0",
      "\u{1}", "\u{B}", "\u{1B}[31m", "\u{7F}", "\u{85}", "\u{FFFE}", "\u{FFFF}", "\u{202E}",
      "\u{301}", "\u{200D}", "👩‍👩‍👧", "日本", "שלום", "\u{10FFFF}", "\n", "\r\n", "\t", " ", "a",
      "url(#x)", "}</style>", "\u{2028}", "\u{FEFF}", "%", "\\",
    ]
    return (0..<Int.random(in: 0...12, using: &self)).map { _ in
      pieces.randomElement(using: &self) ?? ""
    }.joined()
  }
}

/// One figure of each kind with the same text everywhere.
func everyFigure(saying text: String, values: [Double] = [0.1, 0.5, 0.3]) throws -> [any Figure] {
  let axis = Axis(text, unit: text)
  let names = values.map { _ in text }
  let line = try LineChart(
    title: text, subtitle: text, x: axis, left: axis, right: axis,
    series: [
      .init(text, y: values, lower: values.map { $0 - 1 }, upper: values.map { $0 + 1 }),
      .init(text, y: values.reversed(), side: .right),
    ], references: [ReferenceLine(text, at: 0.5)], bandName: text)
  let bars = try BarChart(
    title: text, subtitle: text, values: axis, groupTitle: text, groups: names,
    series: [.init(text, values: values), .init(text, values: values)],
    references: [ReferenceLine(text, at: 0.2)], intervalName: text)
  let map = try HeatMap(
    title: text, subtitle: text,
    panels: [.init(text, rows: [values, values], rowLabels: [text, text], columnLabels: names)],
    rowTitle: text, columnTitle: text, valueName: text)
  let kinds = try TokenMap(
    title: text, subtitle: text,
    tokens: values.map { .init(text, category: text, value: $0, details: text) },
    categories: [.init(text, isEmphasized: true)])
  let valued = try TokenMap(
    title: text, tokens: values.map { .init(text, value: $0) }, valueName: text)
  let flow = try FlowMap(
    title: text, subtitle: text, kinds: [.init(text), .init(text, isBackground: true)],
    categories: [.init(text, isEmphasized: true)],
    panels: [
      .init(
        text, tokens: values.map { _ in .init(text, category: text, details: text) },
        arcs: values.indices.dropFirst().map {
          .init(from: 0, to: $0, value: values[$0], kind: $0 % 2)
        }),
      .init(text, tokens: [], arcs: []),
    ], valueName: text)
  return [line, bars, map, kinds, valued, flow]
}
