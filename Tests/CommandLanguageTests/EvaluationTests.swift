import Testing

@testable import CommandLanguage

@Suite("Evaluation")
struct EvaluationTests {
  @Test(
    "A cell shows the value of its last statement",
    arguments: [
      ("5", "5"), ("0.1", "0.1"), ("1e-7", "1e-7"), ("\"a\\n\"", #""a\n""#), ("true", "true"),
      ("[1, \"a\", b]", #"[1, "a", b]"#), ("1..5", "1..5"), ("5..1", "5..1"),
      ("0..1..0.25", "0..1..0.25"), ("{a: 1, \"b c\": [2]}", #"{"a": 1, "b c": [2]}"#),
      ("x = 5", ""), ("x = 5\nx", "5"), ("5;", ""), ("5\n_", "5"), ("x = 7\n_", "7"),
      ("x = [1, 2, 3]; x[-1]", "3"), ("x = 1..5; x[1]", "2"), ("x = {a: {b: 7}}; x.a.b", "7"),
      ("x = {a: 1}; x[\"a\"]", "1"), ("x = [[1, 2], [3]]; x[0][1]", "2"),
      ("sum 1 2 3", "6"), ("sum [1, 2, 3]", "6"), ("sum 1..4", "10"), ("sum numbers=[1, 2]", "3"),
      ("[1, 2] | sum", "3"), ("sum (sum 1 2) 3", "6"), ("x = 2\nsum x x", "4"),
      ("sum 1 2 | sum 3 | sum 4", "10"), ("echo abc", "abc"), ("echo abc-def", "abc-def"),
      ("echo 1 layers=first(5)", "first(5)"), ("measure mini", "a reading of 52"),
      ("measure mini shots=3 seed=1", "a reading of 31"),
      ("measure seed=1 mini", "a reading of 11"),
      ("measure sensor=mini", "a reading of 52"),
      ("mini | measure", "NameError: no verb or variable 'mini'."),
      ("s = measure mini; s.level", "52"), ("(measure mini).seed", "42"),
      ("measure mini batch=auto", "a reading of 52"), ("measure mini batch=4", "a reading of 52"),
      ("measure mini labels=[a, \" b\"]", "a reading of 52"), ("print 5", ""), ("print(5)", ""),
      ("echo (print 5)", ""),
    ])
  func results(text: String, expected: String) {
    #expect(toySession().result(text) == expected)
  }

  @Test("A cell that names its variable like the thing it loads can be run twice")
  func rerun() {
    let session = toySession()
    for _ in 0..<2 { #expect(session.result("mini = sensor mini\nmini.name") == "\"mini\"") }
  }

  @Test("A verb's name is no name for a variable, anywhere in a cell")
  func verbsName() {
    let session = toySession()
    let refusal = "NameError: 'measure' is a verb and cannot name a variable."
    #expect(session.result("x = 1\ny = measure = 5") == refusal)
    #expect(session.variables.isEmpty)
    #expect(session.result("measures = measure mini\nmeasures.level") == "52")
  }

  @Test("What is shown at once is handed on and not shown again")
  func shown() {
    let recorder = Recorder()
    let session = toySession(output: recorder)
    #expect(session.result("x = 5\nshow x") == "")
    #expect(session.result("_") == "5")
    #expect(session.result("show 1 | sum 2") == "3")
    #expect(session.execute("print \"a b\" c [1]; warn no; clear").failure == nil)
    #expect(
      recorder.log == ["display: 5", "display: 1", "output: a b c [1]\n", "error: no\n", "clear"])
  }

  @Test("A script may show every statement's value")
  func echo() {
    let recorder = Recorder()
    let result = toySession(output: recorder).execute("1\nx = 2\nx\n3;", echo: .every)
    #expect(result.failure == nil && result.display == nil)
    #expect(recorder.log == ["display: 1", "display: 2"])
  }

  @Test("A statement that fails leaves everything as it was; those before it stay done")
  func atomicity() {
    let session = toySession()
    #expect(
      session.result("x = 1\nx = measure mini shots=13") == "BrokenError: the sensor is broken")
    #expect(session.result("x") == "1")
    #expect(session.result("set width=500 theme=blue").hasPrefix("ArgumentError"))
    #expect(session[.width] == 640)
    #expect(session.result("y = 5\n)").hasPrefix("SyntaxError"))
    #expect(session[variable: "y"] == nil)
    #expect(session.result("forget x nothing").hasPrefix("NameError"))
    #expect(session.result("x") == "1")
  }

  @Test("An interrupt stops a cell and leaves the variables as they were before the statement")
  func interrupt() {
    let session = toySession()
    let result = session.execute("x = 1\nx = measure mini shots=15\ny = 2")
    #expect(result.failure?.isInterrupt == true)
    #expect(result.failure?.name == "Interrupted")
    #expect(session.result("x") == "1")
    #expect(session[variable: "y"] == nil)
    #expect(session.execute("x = measure mini shots=[1, 15, 2]").failure?.isInterrupt == true)
    #expect(session.result("x") == "1")
  }

  @Test("Settings have a type, limits and a default")
  func settings() {
    let session = toySession()
    #expect(session[.theme] == .light && session[.width] == 640)
    #expect(session.result("set theme=dark width=800") == "")
    #expect(session[.theme] == .dark && session[.width] == 800)
    #expect(session.result("set width=100") == "ArgumentError: width=100 is outside 200...4000.")
    #expect(
      session.result("set theme=drak")
        == "ArgumentError: theme=drak is not light or dark; did you mean 'dark'?")
    #expect(
      session.result("set widht=5")
        == "ArgumentError: set has no option 'widht'; did you mean 'width'?")
    #expect(session.result("set").contains("width"))
    #expect(throws: LanguageError.self) { try session.set("width", to: "a") }
  }

  @Test("vars lists the variables and forget gives them up")
  func variables() {
    let session = toySession()
    _ = session.execute("x = 5; s = sensor mini; x = 6")
    #expect(
      session.result("vars") == """
        name  kind    value
        ────  ──────  ───────────
        x     number  6
        s     sensor  sensor mini
        """)
    #expect(session.result("forget x\nx") == "NameError: no verb or variable 'x'.")
    #expect(session.result("forget all\ns") == "NameError: no verb or variable 's'.")
  }

  @Test("Lists that hold themselves over and over end in an error, not in a crash")
  func nesting() {
    let session = toySession()
    _ = session.execute("x = []")
    var failures = 0
    for _ in 0..<200 where session.execute("x = [x]").failure != nil { failures += 1 }
    #expect(failures > 100)
  }

  @Test("Commands nest as deep as the grammar allows")
  func nestedCommands() {
    let depth = Parser.maximumDepth
    let text =
      String(repeating: "sum 1 (", count: depth) + "sum 1" + String(repeating: ")", count: depth)
    #expect(toySession().result(text) == "\(depth + 1)")
  }

  @Test("Shared parameters are declared once, and a command can say its arguments")
  func groups() {
    let session = Session(commands: [DrawCommand.self])
    #expect(
      session.result("draw 5 shots=2") == #""[first=5 shots=2 seed=42 batch=auto] draw 5 shots=2""#)
    #expect(session.result("x = draw 5 shots=9").hasPrefix("ArgumentError: shots=9"))
  }

  @Test("Values are valid JSON, in order")
  func json() throws {
    let value: Value = [
      "a": [1, 2.5, "x\"\n\u{1}", true, nil, .symbol("s"), .number(.nan)], "b": [:],
      "c": .range(try NumberRange(from: 1, through: 3)),
    ]
    #expect(
      value.json == #"{"a":[1,2.5,"x\"\n\u0001",true,null,"s",null],"b":{},"c":[1,2,3]}"#)
  }

  @Test("Numbers are shown plainly")
  func numbers() {
    #expect(
      [5.0, -0.0, 0.1, 1e-5, 1e20, 123456.75].map(\.plainText) == [
        "5", "0", "0.1", "1e-5", "1e20", "123456.75",
      ])
    #expect(
      [0.123456, 12.3456, 123456.7, 0.000012345, 99.999, -0.5].map { $0.text(digits: 3) } == [
        "0.123", "12.3", "123457", "1.23e-5", "100", "-0.500",
      ])
    #expect([1, 1000, -1234567].map(\.grouped) == ["1", "1,000", "-1,234,567"])
  }

  @Test("A table lines up wide characters, escapes HTML, and quotes CSV")
  func table() {
    let table = Table(
      columns: ["name", "n"], rows: [["日本", 1.5], ["<b>", 20], ["a,\"b\"", .nothing]])
    #expect(
      table.plain == """
        name       n
        ─────  ─────
        日本   1.500
        <b>       20
        a,"b"
        """)
    #expect(table.html.contains("<td style=\"text-align:left\">&lt;b&gt;</td>"))
    #expect(table.csv == "name,n\n日本,1.5\n<b>,20\n\"a,\"\"b\"\"\",\n")
    #expect(
      table.json
        == "[{\"name\":\"日本\",\"n\":1.5},\n {\"name\":\"<b>\",\"n\":20},\n {\"name\":\"a,\\\"b\\\"\",\"n\":null}]\n"
    )
  }
}
