import Testing

@testable import CommandLanguage

@Suite("The grammar")
struct GrammarTests {
  @Test(
    "A text has one structure",
    arguments: [
      ("", ""),
      ("# only a comment", ""),
      ("load \"models/gpt2\"", #"(load "models/gpt2")"#),
      ("gpt2 = load \"m\" # a comment", #"gpt2 = (load "m")"#),
      ("a = b = 5", "a = b = 5"),
      ("prompt sst2 shots=1 seed=42", "(prompt sst2 shots=1 seed=42)"),
      ("prompt shots=1 sst2", "(prompt shots=1 sst2)"),
      ("prompt sst2 shots = 1", "(prompt sst2 shots=1)"),
      ("saliency gpt2 sst2 | plot", "(saliency gpt2 sst2) | (plot)"),
      ("a | b | c", "(a) | (b) | (c)"),
      ("s.pq", "s.pq"),
      ("s.pq.x[0]", "s.pq.x[0]"),
      ("list[-1]", "list[-1]"),
      ("m[\"key\"]", #"m["key"]"#),
      ("show [0]", "(show [0])"),
      ("show (prompt sst2 seed=3)", "(show ((prompt sst2 seed=3)))"),
      ("(prompt sst2).text", "((prompt sst2)).text"),
      ("print(\"x\")", #"(print ("x"))"#),
      ("1_000", "1000"),
      ("-0.01", "-0.01"),
      ("1e-3", "0.001"),
      ("1E5", "100000"),
      ("[1, 2.5, -3,]", "[1, 2.5, -3]"),
      ("[]", "[]"),
      ("1..5", "1..5"),
      ("0..100..10", "0..100..10"),
      ("a..b", "a..b"),
      ("x seed=1..5", "(x seed=1..5)"),
      ("{\"0\": \"negative\", key: 1, 2: x}", #"{"0": "negative", "key": 1, "2": x}"#),
      ("{}", "{}"),
      ("x layers=first(5)", "(x layers=first(5))"),
      ("x layers=pick(1, [2], a)", "(x layers=pick(1, [2], a))"),
      ("true", "true"),
      ("x false", "(x false)"),
      ("5;", "5 ;"),
      ("a = 1; b", "a = 1 ;\n(b)"),
      ("gpt2-xl", "(gpt2-xl)"),
      ("größe = 5", "größe = 5"),
      ("変数 = 5", "変数 = 5"),
      (#""a\n\t\"\\\u{1F41F}""#, #""a\n\t\"\\🐟""#),
      ("\"two\nlines\"", #""two\nlines""#),
      ("\u{FEFF}x\u{A0}y", "(x y)"),
      // Lines
      ("a\nb", "(a)\n(b)"),
      ("a\r\nb\rc", "(a)\n(b)\n(c)"),
      ("a x\n  y=1\n  z\nb", "(a x y=1 z)\n(b)"),
      ("a [1,\n2,\n\n# comment\n3]", "(a [1, 2, 3])"),
      ("a |\nb", "(a) | (b)"),
      ("a\n| b", "(a) | (b)"),
      ("a |  # comment\n\nb", "(a) | (b)"),
      ("  a\n  b\n    c", "(a)\n(b c)"),
      ("a x\n\n# comment\n  y", "(a x y)"),
      ("\n\n a\n\n", "(a)"),
    ])
  func structure(text: String, expected: String) throws {
    #expect(try outline(text) == expected)
  }

  @Test(
    "What does not follow the grammar is refused, and the message says what would work",
    arguments: [
      ("load models/gpt2", "'models/gpt2' needs quotes.", #"write "models/gpt2""#),
      ("load ../x", "'../x' needs quotes.", #"write "../x""#),
      ("load ~/x.csv", "'~/x.csv' needs quotes.", #"write "~/x.csv""#),
      (
        "load 7b", "'7b' is neither a number nor a name.", "if it is a name or a path, write \"7b\""
      ),
      (
        "x 5/3", "'5/3' is neither a number nor a name.", "if it is a name or a path, write \"5/3\""
      ),
      ("x .5", "a number starts with a digit.", "write 0.5"),
      (
        "x 1...5", "'...' means nothing here.", "a range is written 1..5, or 0..100..10 with a step"
      ),
      (
        "x \(String(repeating: "9", count: 80))-5",
        "'\(String(repeating: "9", count: 39))…' is neither a number nor a name.",
        "a range is written \(String(repeating: "9", count: 23))…..5"
      ),
      ("x --shots 5", "unexpected '--shots'.", "options are written key=value"),
      ("x 'a'", "unexpected '.", "text is written in straight double quotes: \"…\""),
      ("x \"a", "the string is never closed.", "close it with \""),
      ("x \"\\q\"", "'\\q' is no escape.", #"the escapes are \n \t \r \" \\ and \u{1F41F}"#),
      ("\"\\u{D800}\"", "'\\u{D800}' is no character.", nil),
      ("x [1 2]", "expected ']', found '2'.", "items are set apart by commas"),
      ("x [1, 2", "this bracket is never closed.", nil),
      ("x (y", "this bracket is never closed.", nil),
      ("x )", "unexpected ')'.", nil),
      ("x a, b", "unexpected ','.", nil),
      ("x =", "something is missing after '='.", nil),
      ("x a=", "something is missing after '='.", nil),
      ("x |", "something is missing after '|'.", nil),
      ("| x", "a pipe needs a value before it.", nil),
      ("x | 5", "after '|' comes a verb.", nil),
      ("5 6", "unexpected '6' after a value.", nil),
      ("s.", "a field's name is missing after '.'.", nil),
      ("true = 5", "'true' cannot be given a value; it has one already.", nil),
      ("_ = 5", "'_' cannot be given a value; it has one already.", nil),
      ("a-b = 5", "a variable's name has no '-'.", "write a_b = …"),
      ("x (a = 5)", "an assignment stands at the start of a statement.", nil),
      ("{a: 1, a: 2}", "the key \"a\" is given twice.", nil),
      ("{a 1}", "a ':' is missing after the key.", nil),
      ("{[]: 1}", "a key is a word or a string.", nil),
      ("1e999", "the number is too large.", nil),
      (";", "there is nothing before the ';'.", nil),
      ("x \u{0}", "unexpected character U+0000.", nil),
    ] as [(String, String, String?)])
  func refusals(text: String, message: String, hint: String?) {
    do {
      _ = try Parser.statements(of: Source(text))
      Issue.record("\(text) was taken")
    } catch {
      #expect(error.name == "SyntaxError")
      #expect(error.message == message)
      if let hint { #expect(error.hint == hint) }
    }
  }

  @Test("Nesting has a limit, and beyond it there is an error and no crash")
  func depth() throws {
    for (open, close) in [("(", ")"), ("[", "]"), ("{a: ", "}"), ("f(", ")"), ("a[", "]")] {
      let fine = String(repeating: open, count: 60) + "1" + String(repeating: close, count: 60)
      #expect(throws: Never.self) { try Parser.statements(of: Source("x " + fine)) }
      let deep = String(repeating: open, count: 50_000) + String(repeating: close, count: 50_000)
      #expect(throws: LanguageError.self) { try Parser.statements(of: Source("x " + deep)) }
    }
    let fields = "x" + String(repeating: ".a", count: 50_000)
    #expect(throws: LanguageError.self) { try Parser.statements(of: Source(fields)) }
  }

  @Test("A string literal reads back as the string")
  func roundTrip() throws {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<300 {
      var view = String.UnicodeScalarView()
      for _ in 0..<Int.random(in: 0..<20, using: &random) {
        let range: ClosedRange<UInt32> = Bool.random() ? 0...0x7F : 0...0x10FFFF
        if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &random)) {
          view.append(scalar)
        }
      }
      let text = String(view)
      let kind = Lexer.tokens(of: Source(Value.quoted(text)))[0].kind
      guard case .string(let read) = kind else {
        Issue.record("no string: \(text.debugDescription)")
        continue
      }
      #expect(Array(read.unicodeScalars) == Array(text.unicodeScalars))
    }
  }

  @Test("A long text is read in time that grows with its length")
  func large() throws {
    let list = "x = [" + (0..<50_000).map(String.init).joined(separator: ", ") + "]"
    #expect(try Parser.statements(of: Source(list)).count == 1)
    let lines = String(repeating: "print 5 # a line\n", count: 5_000)
    #expect(try Parser.statements(of: Source(lines)).count == 5_000)
    // Blank lines after a statement must not be read again for each of them.
    let blank = "x" + String(repeating: "\n", count: 50_000)
    #expect(try Parser.statements(of: Source(blank + "y")).count == 2)
    #expect(try Parser.statements(of: Source(blank + "  y")).count == 1)
  }

  // MARK: Outlines

  private func outline(_ text: String) throws -> String {
    try Parser.statements(of: Source(text)).map { statement in
      statement.targets.map { "\($0.name) = " }.joined() + outline(statement.pipeline)
        + (statement.isSilent ? " ;" : "")
    }.joined(separator: "\n")
  }

  private func outline(_ pipeline: Pipeline) -> String {
    pipeline.stages.map { stage in
      switch stage {
      case .call(let call):
        let arguments = call.arguments.map {
          " " + ($0.key.map { "\($0)=" } ?? "") + outline($0.value)
        }
        return "(\(call.verb)\(arguments.joined()))"
      case .value(let expression): return outline(expression)
      }
    }.joined(separator: " | ")
  }

  private func outline(_ expression: Expression) -> String {
    func list(_ items: [Expression]) -> String { items.map(outline).joined(separator: ", ") }
    return switch expression.kind {
    case .number(let number): number.plainText
    case .string(let text): Value.quoted(text)
    case .boolean(let flag): "\(flag)"
    case .word(let word): word
    case .list(let items): "[\(list(items))]"
    case .range(let start, let end, let step):
      "\(outline(start))..\(outline(end))" + (step.map { "..\(outline($0))" } ?? "")
    case .map(let entries):
      "{" + entries.map { "\"\($0.key)\": \(outline($0.value))" }.joined(separator: ", ") + "}"
    case .form(let name, let items): "\(name)(\(list(items)))"
    case .field(let base, let name, _): "\(outline(base)).\(name)"
    case .index(let base, let index): "\(outline(base))[\(outline(index))]"
    case .nested(let pipeline): "(\(outline(pipeline)))"
    }
  }
}
