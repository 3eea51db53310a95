import Testing

@testable import Charts

@Suite("Colours and text")
struct ColorTests {
  @Test("Text has a contrast of 4.5 or more on every fill")
  func contrast() {
    for scale in ColorScale.allCases {
      for step in 0...500 {
        let fill = scale.color(at: Double(step) / 500)
        #expect(fill.contrast(with: fill.ink) >= 4.5)
      }
    }
    let scales = ColorScale.allCases.flatMap { scale in
      (0...ColorScale.steps).map { scale.paint(step: $0) }
    }
    for fill in Paint.tokens + scales + [.missing, .background] {
      #expect(fill.light.contrast(with: fill.ink.light) >= 4.5)
      #expect(fill.dark.contrast(with: fill.ink.dark) >= 4.5)
    }
    for grey in UInt32(0)...255 {
      let fill = Color(grey << 16 | grey << 8 | grey)
      #expect(fill.contrast(with: fill.ink) >= 4.5)
    }
    for paint in [Paint.ink, .quiet] {
      #expect(paint.light.contrast(with: Paint.background.light) >= 4.5)
      #expect(paint.dark.contrast(with: Paint.background.dark) >= 4.5)
    }
  }

  @Test("Curves stand out from the background in both themes")
  func seriesContrast() {
    for paint in Paint.series {
      #expect(paint.light.contrast(with: Paint.background.light) >= 2.8)
      #expect(paint.dark.contrast(with: Paint.background.dark) >= 4.5)
    }
  }

  @Test("Sequential scales grow steadily lighter or darker")
  func monotone() {
    for scale in [ColorScale.viridis, .blues, .oranges] {
      let levels = (0...100).map { scale.color(at: Double($0) / 100).luminance }
      let rises = scale == .viridis
      for (one, two) in zip(levels, levels.dropFirst()) {
        #expect(rises ? two >= one - 0.002 : two <= one + 0.002)
      }
      let dark = (0...ColorScale.steps).map { scale.paint(step: $0).dark.luminance }
      for (one, two) in zip(dark, dark.dropFirst()) { #expect(two >= one - 0.002) }
    }
  }

  @Test("A step is the nearest, at the ends for what lies outside")
  func steps() {
    #expect([-1e300, 0, 0.5, 1, 1e300, .nan].map(ColorScale.step) == [0, 0, 32, 64, 64, 0])
  }

  @Test("Numbers in cells are as black or white as they must be")
  func inks() {
    #expect(Color(0xF7FAFD).ink == Color(0x1F2328))
    #expect(Color(0x1A2027).ink == Color(0xE6EDF3))
    #expect(Color(0x4A90C8).ink == Color(0x000000))
  }

  @Test("A signed scale is white at zero")
  func diverging() {
    let mapping = ColorMapping(
      scale: .diverging, range: nil, extent: Extent(low: -1, high: 4))
    #expect(mapping.color(0) == Color(0xF7F7F7))
    #expect(mapping.paint(0) == Paint(0xF7F7F7, dark: 0x22262B))
    #expect((mapping.low, mapping.high) == (-4, 4))
  }

  @Test("Wide characters take two cells, combining marks none, an emoji family two")
  func cells() {
    #expect(TextMetrics.cells("abc") == 3)
    #expect(TextMetrics.cells("日本") == 4)
    #expect(TextMetrics.cells("e\u{301}\u{302}") == 1)
    #expect(TextMetrics.cells("👩‍👩‍👧‍👦") == 2)
    #expect(TextMetrics.cells("🇩🇪") == 2)
  }

  @Test("Nothing in a token stays invisible")
  func tokenText() {
    func shown(_ text: String) -> String { TokenText.runs(text).map(\.text).joined() }
    #expect(shown(" a\n") == "·a⏎")
    #expect(shown("") == "∅")
    #expect(shown("\u{202E}x\u{FEFF}") == "‹202E›x‹FEFF›")
    #expect(shown("\0\t") == "␀⇥")
    #expect(shown("\u{301}").unicodeScalars.first == "\u{25CC}")
    #expect(shown(String(repeating: "a\u{301}", count: 100)).hasSuffix("…"))
    #expect(TokenText.endsLine(".\n ") && !TokenText.endsLine("\na"))
    #expect(TokenText.startsLine("\na") && !TokenText.startsLine("\n"))
  }

  @Test("A spark line rises with its values and leaves gaps empty")
  func spark() {
    #expect(Blocks.spark([0, 1, .nan, 2], in: Extent(low: 0, high: 2)) == "▁▅ █")
    #expect(Blocks.bar(0.5, cells: 3) == "█▌")
    #expect(Blocks.padded("日本語", cells: 4) == "日… ")
  }
}
