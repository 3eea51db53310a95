import Testing

@testable import JupyterKernel

@Suite("History")
struct HistoryTests {
  static let history: History = {
    var history = History()
    for (index, code) in ["a = 1", "b = 2", "a = 1", "show a"].enumerated() {
      history.append(code, line: index + 1)
    }
    history.setOutput("1", ofLine: 4)
    return history
  }()

  func lines(_ access: HistoryRequest.Access) -> [Int] {
    Self.history.entries(for: access).map(\.line)
  }

  @Test("The tail comes oldest first")
  func tail() {
    #expect(lines(.tail(count: 2)) == [3, 4])
    #expect(lines(.tail(count: 99)) == [1, 2, 3, 4])
    #expect(lines(.tail(count: -1)) == [])
  }

  @Test("A range is of lines of this session")
  func range() {
    for session in [0, History.session] {
      #expect(lines(.range(session: session, start: 2, stop: 4)) == [2, 3])
      #expect(lines(.range(session: session, start: 3, stop: nil)) == [3, 4])
    }
    #expect(lines(.range(session: -1, start: 1, stop: nil)) == [])
  }

  @Test("A search keeps the last of equal cells, and the last n")
  func search() {
    #expect(lines(.search(pattern: "a*", count: nil, unique: false)) == [1, 3])
    #expect(lines(.search(pattern: "a*", count: nil, unique: true)) == [3])
    #expect(lines(.search(pattern: "*", count: 2, unique: false)) == [3, 4])
  }

  @Test(
    "A glob matches the whole text",
    arguments: [
      ("*", "", true), ("", "", true), ("?", "", false), ("a?c", "abc", true),
      ("a*c", "abcabc", true), ("a*c", "abcab", false), ("[a-c]x", "bx", true),
      ("[^a-c]x", "bx", false), ("[]]", "]", true), ("[", "[", true), ("[a", "[a", true),
      ("*é?", "caffé!", true), ("1 [+] 1", "1 + 1", true), ("[z-a]", "m", false),
    ])
  func glob(pattern: String, text: String, expected: Bool) {
    #expect(Glob(pattern).matches(text) == expected)
  }

  @Test("Many stars take no longer than they must")
  func manyStars() {
    let pattern = String(repeating: "a*", count: 200) + "b"
    #expect(!Glob(pattern).matches(String(repeating: "a", count: 2_000)))
  }
}
