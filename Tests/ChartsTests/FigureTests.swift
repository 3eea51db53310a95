import Testing

@testable import Charts

@Suite("Figures")
struct FigureTests {
  @Test("A figure is well-formed XML whatever its texts contain")
  func hostileTexts() throws {
    var random = FixedRandom(state: 1)
    for round in 0..<60 {
      let theme = Theme.allCases[round % Theme.allCases.count]
      for figure in try everyFigure(saying: random.hostileText()) {
        let read = try WellFormedness(figure.svg(theme: theme))
        #expect(!read.elements.contains("script"))
        #expect(!figure.summary.isEmpty)
      }
    }
  }

  @Test("A text comes back from the title unchanged, and control characters become visible")
  func titles() {
    #expect(XMLText.escaped("a < b && \"c\"") == "a &lt; b &amp;&amp; &quot;c&quot;")
    #expect(XMLText.escaped("\0\u{1B}\u{FFFF}") == "␀␛\u{FFFD}")
    #expect(XMLText.escaped("日本 é 👍") == "日本 é 👍")
  }

  @Test("The same figure gives the same bytes every time")
  func determinism() throws {
    for theme in Theme.allCases {
      let one = try everyFigure(saying: "words").map { $0.svg(theme: theme) + $0.summary }
      let two = try everyFigure(saying: "words").map { $0.svg(theme: theme) + $0.summary }
      #expect(one == two)
    }
  }

  @Test("Figures that differ share no identifier, and none repeats inside a figure")
  func identifiers() throws {
    var all: Set<String> = []
    for text in ["one", "two"] {
      for theme in Theme.allCases {
        for figure in try everyFigure(saying: text) {
          let ids = try WellFormedness(figure.svg(theme: theme)).ids
          #expect(ids.count == 3)
          for id in ids { #expect(all.insert(id).inserted) }
        }
      }
    }
  }

  @Test("A figure refers to nothing outside itself and to no other element")
  func references() throws {
    for figure in try everyFigure(saying: "words") {
      let read = try WellFormedness(figure.svg(theme: .automatic))
      for (name, value) in read.attributes {
        #expect(name != "href" && !name.hasPrefix("on"))
        #expect(!value.contains("url(") && !value.contains("http"))
      }
    }
  }

  @Test("Every rule of the automatic theme begins with the figure's identifier")
  func scopedRules() throws {
    for figure in try everyFigure(saying: "words") {
      let svg = figure.svg(theme: .automatic)
      let id = try #require(try WellFormedness(svg).ids.first)
      let style = try #require(
        svg.split(separator: "<style>").last?.split(separator: "</style>").first)
      let selectors = style.split(separator: "{").flatMap { $0.split(separator: "}") }
        .filter { $0.contains(".f") || $0.contains(".s") }
      #expect(!selectors.isEmpty)
      for selector in selectors { #expect(selector.contains("#\(id) .")) }
      #expect(!figure.svg(theme: .light).contains("<style>"))
    }
  }

  @Test("A width that makes no sense is moved to the nearest that does")
  func widths() throws {
    for figure in try everyFigure(saying: "words") {
      for width in [-1, 0, .nan, .infinity, 1e9, 281.4] as [Double] {
        _ = try WellFormedness(figure.svg(width: width))
      }
      #expect(figure.svg(width: .nan) == figure.svg())
      #expect(figure.svg(width: 1).contains("width=\"280\""))
    }
  }
}
