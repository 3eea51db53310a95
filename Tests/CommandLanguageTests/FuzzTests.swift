import Testing

@testable import CommandLanguage

@Suite("Whatever is typed")
struct FuzzTests {
  private static let pieces = [
    "measure", "mini", " ", " ", "\n", "  ", "=", "|", "(", ")", "[", "]", "{", "}", ",", ":", ".",
    "..", ";", "\"", "\\", "#", "5", "-1", "1e3", "x", "_", "shots", "true", "🐟", "é", "日", "\t",
    "\r", "/", "'", "\u{0}", "\u{301}", "first(", "sum", "s.level", "help", "vars", "forget",
  ]

  private static let scripts = [
    "s = measure mini shots=3 seed=1..5 | show\ns.level",
    "x = {\"a\": [1, 2, {b: \"c\\n\"}], d: first(5)}\nx.a[2].b\necho x | show;",
    "set theme=dark width=800\nhelp set\nsum (sum 1 2) 3\n  4 5\n# end",
  ]

  /// Runs, completes and inspects a text; an error must point into it.
  private func check(_ text: String, _ session: Session, at place: Int) {
    let count = text.unicodeScalars.count
    let source = Source(text)
    do throws(LanguageError) {
      _ = try Parser.statements(of: source)
    } catch {
      let span = error.span ?? -1..<0
      #expect(span.lowerBound >= 0 && span.upperBound <= count, "\(text.debugDescription)")
      #expect(!error.traceback(in: source).isEmpty)
    }
    if let failure = session.execute(text).failure {
      #expect(!failure.message.contains("\n") && failure.line >= 1 && failure.column >= 1)
    }
    let list = session.complete(text, at: place)
    #expect(0 <= list.start && list.start <= list.end && list.end <= count)
    _ = session.inspect(text, at: place)
    _ = session.completeness(of: text)
  }

  @Test("Random words and signs run, or give an error that points into the text")
  func pieces() {
    let session = toySession()
    for _ in 0..<1_500 {
      let count = Int.random(in: 0...14)
      let text = (0..<count).map { _ in Self.pieces.randomElement() ?? "" }.joined()
      check(text, session, at: Int.random(in: -1...30))
    }
  }

  @Test("Random bytes do, too")
  func bytes() {
    let session = toySession()
    for _ in 0..<500 {
      let bytes = (0..<Int.random(in: 0...60)).map { _ in UInt8.random(in: 0...255) }
      check(String(decoding: bytes, as: UTF8.self), session, at: Int.random(in: 0...60))
    }
  }

  @Test("Good scripts with a few characters changed do, too")
  func mutations() {
    let session = toySession()
    for _ in 0..<700 {
      var scalars = Array((Self.scripts.randomElement() ?? "").unicodeScalars)
      for _ in 0..<Int.random(in: 1...4) {
        let place = Int.random(in: 0..<scalars.count)
        switch Int.random(in: 0..<4) {
        case 0: scalars.remove(at: place)
        case 1:
          scalars.insert(contentsOf: (Self.pieces.randomElement() ?? "").unicodeScalars, at: place)
        case 2: scalars.swapAt(place, Int.random(in: 0..<scalars.count))
        default: scalars.removeLast(Int.random(in: 0..<min(20, scalars.count)))
        }
        if scalars.isEmpty { scalars = ["x"] }
      }
      var view = String.UnicodeScalarView()
      view.append(contentsOf: scalars)
      check(String(view), session, at: Int.random(in: 0...scalars.count))
    }
  }

  @Test("Every beginning of a good script is complete or wants more, never wrong")
  func prefixes() {
    let session = toySession()
    let script = "s = measure [mini] shots=3 | show (sum 1 \"a\\n\")"
    for count in 0...script.count {
      let text = String(script.prefix(count))
      #expect(session.completeness(of: text) != .invalid || text.hasSuffix("\\"), "\(text)")
    }
  }
}
