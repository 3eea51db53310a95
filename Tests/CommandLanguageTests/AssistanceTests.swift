import Foundation
import Testing

@testable import CommandLanguage

@Suite("Completion, inspection, completeness, help")
struct AssistanceTests {
  /// A `¦` stands for the cursor.
  private func complete(_ text: String, in session: Session = toySession()) -> String {
    let scalars = Array(text.unicodeScalars)
    let cursor = scalars.firstIndex(of: "¦") ?? scalars.count
    let list = session.complete(text.replacing("¦", with: ""), at: cursor)
    return list.items.map(\.text).joined(separator: " ") + " \(list.start)-\(list.end)"
  }

  @Test(
    "Tab offers what may stand at the cursor",
    arguments: [
      ("me¦", "measure 0-2"),
      ("ME¦", "measure 0-2"),
      ("x = me¦", "measure 4-6"),
      ("s¦", "sensor show sum set s 0-1"),
      ("5 | s¦", "sensor show sum 4-5"),
      ("show (s¦", "sensor show sum set s 6-7"),
      ("x\nme¦", "measure 2-4"),
      ("x; me¦", "measure 3-5"),
      ("measure m¦", "mini maxi 8-9"),
      ("measure mini s¦", "shots= seed= share= 13-14"),
      ("measure mini ¦", "shots= seed= format= batch= share= labels= 13-13"),
      ("measure mini shots=1 s¦", "seed= share= 21-22"),
      ("measure mini\n  s¦", "shots= seed= share= 15-16"),
      ("mini | measure s¦", "shots= seed= share= 15-16"),
      ("measure mini format=¦", "svg png 20-20"),
      ("measure mini format=p¦", "png 20-21"),
      ("measure mini format=p¦ seed=1", "png 20-21"),
      ("measure [mini, ¦", "mini maxi eye 15-15"),
      ("measure [mini, maxi] sh¦", "shots= share= 21-23"),
      ("measure mini seed=1..5 sh¦", "shots= share= 23-25"),
      ("s.¦", "level seed 2-2"),
      ("s.l¦", "level 2-3"),
      ("list[0].l¦", "level 8-9"),
      ("show s.l¦", "level 7-8"),
      ("nothing.¦", " 8-8"),
      ("set ¦", "theme= width= progress= 4-4"),
      ("set theme=¦", "light dark 10-10"),
      ("measure mini shots=¦", "three 19-19"), ("measure mini seed=1..¦", "three 21-21"),
      ("measure mini share=¦", " 19-19"), ("s | ¦", "show echo print warn 4-4"),
      ("s.level | ¦", "show sum echo print warn 10-10"),
      ("measure ¦", "mini maxi eye shots= seed= format= batch= share= labels= 8-8"),
      ("measure mini labels=¦", " 20-20"),
      ("help me¦", "measure 5-7"),
      ("help fi¦", "files 5-7"),
      ("forget l¦", "list 7-8"),
      ("# me¦", " 4-4"),
      ("🐟 me¦", " 4-4"),
      ("echo \"🐟\" l¦", "layers= 9-10"),
      ("measure 5¦", " 9-9"),
    ])
  func completion(text: String, expected: String) {
    let session = toySession()
    _ = session.execute("s = measure mini; list = [s]; three = 3; eye = sensor mini")
    let result = complete(text, in: session)
    if text.hasPrefix("🐟") { return }  // what is no text of the language: any answer will do
    #expect(result == expected)
  }

  @Test("Tab inside quotes offers files, folders with a slash")
  func files() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(
      at: folder.appendingPathComponent("models"), withIntermediateDirectories: true)
    try Data().write(to: folder.appendingPathComponent("more.csv"))
    defer { try? FileManager.default.removeItem(at: folder) }
    let text = "show \"\(folder.path)/mo"
    let list = toySession().complete(text, at: text.unicodeScalars.count)
    #expect(list.items.map(\.text) == ["models/", "more.csv"])
    #expect(list.items.map(\.kind) == [.file, .file])
    #expect(list.end - list.start == 2)
  }

  @Test(
    "Shift-Tab explains the word at the cursor",
    arguments: [
      ("measure mini", 3, "measure"), ("measure mini", 12, "measure"),
      ("measure mini shots=5", 15, "measure shots="), ("s.level", 4, "a number"),
      ("s", 0, "a reading"), ("show s", 6, "a reading"), ("measure mini ", 13, "measure"),
      ("show (measure ", 14, "measure"), ("set theme=dark", 6, "set theme="),
      ("help measure", 8, "measure"),
    ])
  func inspection(text: String, cursor: Int, title: String) {
    let session = toySession()
    _ = session.execute("s = measure mini")
    #expect(session.inspect(text, at: cursor)?.plain.split(separator: "\n").first ?? "" == title)
  }

  @Test("Where there is nothing to say, Shift-Tab says nothing")
  func noInspection() {
    for text in ["", "5", "unknown", "# comment"] {
      #expect(toySession().inspect(text, at: 1) == nil)
    }
  }

  @Test(
    "A text is complete, wants more, or is wrong",
    arguments: [
      ("", Completeness.complete), ("measure mini", .complete), ("nonsense 5", .complete),
      ("measure [1,", .incomplete(indent: "  ")), ("show (x", .incomplete(indent: "  ")),
      ("x |", .incomplete(indent: "  ")), ("x =", .incomplete(indent: "  ")),
      ("x = {a:", .incomplete(indent: "  ")), ("print \"a\nb", .incomplete(indent: "")),
      ("x f(", .incomplete(indent: "  ")), ("s.", .incomplete(indent: "  ")), (")", .invalid),
      ("x [1 2", .invalid), ("load a/b", .invalid), ("x |\n\n", .incomplete(indent: "  ")),
      ("x =\ny", .invalid), ("s.5", .invalid),
    ])
  func completeness(text: String, expected: Completeness) {
    #expect(toySession().completeness(of: text) == expected)
  }

  @Test("help lists all verbs by group")
  func overview() {
    let text = toySession().result("help")
    for line in [
      "Toys.", "looking", "  measure  Measures a level.", "numbers", "session", "topics",
      "  files  What is written.",
    ] {
      #expect(text.split(separator: "\n").contains { $0 == line })
    }
  }

  @Test("help says of a verb everything that its declaration says")
  func verb() throws {
    let session = toySession()
    #expect(
      session.result("help measure") == """
        measure

        Measures a level.

        Usage
            measure SENSOR [shots=1] [seed=42] [format=svg] [batch=auto] [share=0.5] [labels=[]]

        Inputs
          sensor  The sensor to read. (a sensor)

        Options
          shots   Shots. (a whole number, 1...32, default 1)
          seed    Seed of the draw. (a whole number, default 42)
          format  Form of the answer. (svg | png, default svg)
          batch   How many at once. (a whole number, at least 1, default auto)
          share   A share. (a number, 0...1, default 0.5)
          labels  Words. (a list of words or strings, default [])

        First paragraph, still the first.
            indented code

        A list where one value is wanted runs it for each: seed=1..5, or [a, b].

        Examples
            measure mini shots=3
        """)
    #expect(
      session.result("help set").contains(
        "width     Width of figures. (a whole number, 200...4000, default 640)"))
    #expect(session.result("help files").contains("One file."))
    #expect(
      session.result("help mesure")
        == "NameError: no verb, topic or option 'mesure'; did you mean 'measure'?")
    let html = try #require(session.execute("help measure").display?["text/html"])
    #expect(html.contains("<code>shots</code>") && html.contains("<h3>measure</h3>"))
  }
}
