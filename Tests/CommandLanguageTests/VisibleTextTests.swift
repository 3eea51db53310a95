import Testing

@testable import CommandLanguage

@Suite("Cells of a table")
struct VisibleTextTests {
  @Test(
    "Nothing stays invisible and nothing changes its neighbours",
    arguments: [
      (" a  b ", "·a  b·"), ("   ", "···"), ("a\r\nb\tc", "a␍⏎b⇥c"),
      ("\u{0}\u{1B}[31m\u{7F}", "␀␛[31m␡"), ("\u{202E}abc\u{2028}", "‹202E›abc‹2028›"),
      ("\u{301}e\u{301}", "\u{25CC}\u{301}e\u{301}"), (" \u{301}", "·\u{301}"),
      ("\u{1F469}\u{200D}\u{1F467}", "\u{1F469}\u{200D}\u{1F467}"), ("\u{FEFF}x", "‹FEFF›x"),
    ])
  func shown(text: String, expected: String) {
    #expect(VisibleText.of(text).unicodeScalars.elementsEqual(expected.unicodeScalars))
    let table = Table(columns: ["text"], rows: [[.string(text)]])
    #expect(table.plain.split(separator: "\n", omittingEmptySubsequences: false).count <= 3)
    #expect(table.html.contains(VisibleText.of(text).htmlEscaped))
    #expect(table.csv.contains(text.contains("\n") ? "\"\(text)\"" : text))
  }
}
