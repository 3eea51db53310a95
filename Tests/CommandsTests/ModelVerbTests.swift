import CommandLanguage
import Files
import Foundation
import Testing

@testable import Commands
@testable import Transformer

@Suite("Verbs on models")
struct ModelVerbTests {
  let shell: Shell
  init() throws { shell = try Shell() }

  @Test("The embedded model goes by its name, and all uses of it share one")
  func embedded() throws {
    #expect(shell.text("load mini").contains("2,635,008"))
    shell.run("a = load mini; b = load mini")
    let a = try #require(shell.session[variable: "a"]?.object(Model.self))
    let b = try #require(shell.session[variable: "b"]?.object(Model.self))
    #expect(a.isSame(as: b))
    #expect(a.fingerprint.utf8.count == 12)
    #expect(shell.text("a.layers") == "8")
  }

  @Test("A model can be loaded again under the name of a variable that holds it")
  func twice() {
    shell.run("mini = load mini")
    shell.run("mini = load mini")
    #expect(shell.text("mini.name") == "\"mini\"")
  }

  @Test("describe tells the sizes, the special tokens and the memory")
  func describe() {
    let text = shell.text("describe mini tokens=200")
    for part in ["inner width", "512", "<|endoftext|> (0)", "tied", "66.6 kB", "at 200 tokens"] {
      #expect(text.contains(part), "\(part)")
    }
    #expect(shell.text("describe sst2").contains("67,349"))
    #expect(shell.error("describe mini tokens=2049").hasPrefix("ArgumentError: tokens=2049"))
  }

  @Test("A certificate is a table that can be kept, and a broken file fails it")
  func certificate() throws {
    shell.run("c = describe mini check=true; save c \"$/c.csv\"; save c \"$/c.fathom\"")
    #expect(shell.text("c.passed") == "true")
    #expect(shell.text("c").hasPrefix("mini: all 11 checks pass"))
    #expect(shell.text("c.residual_norms").split(separator: ",").count == 9)
    #expect(try shell.read("c.csv").hasPrefix("check,measured,tolerance,result,of,advice\n"))
    let command = try #require(try shell.read("c.fathom").split(separator: "\n").last)
    #expect(command == "describe value=mini check=true")
    // The last number of the file, in the last tensor.
    try shell.copyOfMini("broken", changing: "model.safetensors") { data in
      var data = data
      data.replaceSubrange(data.count - 4..<data.count, with: [0, 0, 0xC0, 0x7F])
      return data
    }
    let text = shell.text("describe (load \"$/broken\") check=true")
    #expect(text.contains("checks fail") && text.contains("fetch it again"))
  }

  @Test("Memory of a prompt is reckoned before anything is computed")
  func memory() throws {
    let table = try #require(
      shell.run("describe mini prompt=(prompt sst2 shots=8)").value.object(Table.self))
    #expect(table.columns == ["part", "predict", "saliency", "trace"])
    func total(_ column: String) throws -> Double {
      let row = try #require(table.rows.first { $0[0].word == "total" })
      let place = try #require(table.columns.firstIndex(of: column))
      return try #require(row[place].number)
    }
    #expect(try total("predict") < total("saliency"))
    #expect(try total("saliency") < total("trace"))
  }

  @Test("describe answers one question at a time, and those about models of models only")
  func questions() {
    #expect(shell.error("describe mini check=true tokens=9").contains("ask one"))
    #expect(shell.error("describe sst2 check=true").contains("about a model"))
    #expect(shell.error("describe 5 prompt=(prompt sst2)").contains("about a model"))
  }

  @Test("models lists the embedded model and the folders that hold a config.json")
  func models() throws {
    try FileManager.default.copyItem(
      at: Shell.checkpoints.appendingPathComponent("plain"), to: shell.url("plain"))
    try shell.write("no model", to: "notes.txt")
    let text = shell.text("(models \"$\").name")
    #expect(text.contains("mini") && text.contains("plain") && !text.contains("notes"))
  }

  @Test("Byte offsets of tokens tile the text, whatever it is written in")
  func tokens() throws {
    let text = "Un été à 東京 🎈."
    let result = shell.run("tokens mini \"\(text)\"").value
    let table = try #require(result.object(Tokenization.self)).table
    var end = 0.0
    for row in table.rows {
      #expect(row[3].number == end)
      end = row[4].number ?? -1
    }
    #expect(end == Double(text.utf8.count))
    #expect(shell.text("tokens mini \"A film\"").contains("piece"))
  }

  @Test("Tokens of SentencePiece's kind: marks, bytes of a character, added tokens, controls")
  func sentencePieces() throws {
    let tests = Shell.repository.appendingPathComponent("Tests/Goldens")
    try FileManager.default.copyItem(
      at: tests.appendingPathComponent("families/checkpoints/llama"), to: shell.url("little"))
    try FileManager.default.copyItem(
      at: tests.appendingPathComponent("tokenizer/pieces/llama2/tokenizer.json"),
      to: shell.url("little/tokenizer.json"))
    shell.run("little = load \"$/little\"")
    let text = "The  caf\u{E9}\n\n\t\u{9F98}\u{1F600}<s> x\u{301}\u{202E}\u{0}"
    let result = shell.run("tokens little \(Value.quoted(text))").value
    let tokenization = try #require(result.object(Tokenization.self))
    let bytes = Array(text.utf8)
    var end = 0
    for (row, token) in zip(tokenization.table.rows, tokenization.tokens) {
      let (start, stop) = (Int(row[3].number ?? -1), Int(row[4].number ?? -1))
      #expect(Int(row[1].number ?? -1) == token.id && start == end && stop >= start)
      // A byte of a character stands for itself.
      if case .string(let piece) = row[2], piece.hasPrefix("\\x") {
        let digits = bytes[start..<stop].map { String($0, radix: 16, uppercase: true) }
        #expect(piece == digits.map { "\\x" + $0 }.joined())
      }
      end = stop
    }
    #expect(end == bytes.count)
    let display = try #require(shell.run("tokens little \(Value.quoted(text))").display)
    let cells = [" \\xE9 ", " ⏎⏎ ", " ⇥ ", " <s> ", " 😀 ", " \\xCC ", " ␀ ", " ·The "]
    for cell in cells {
      #expect(display.plain.contains(cell), "\(cell)")
      let inHTML = cell.dropFirst().dropLast().replacing("<", with: "&lt;")
        .replacing(">", with: "&gt;")
      #expect(display["text/html"]?.contains(">\(inHTML)<") == true, "\(inHTML)")
    }
    #expect(!display.plain.contains("\u{202E}") && !display.plain.contains("\u{0}"))
    #expect(shell.text("tokens little \"\"").hasPrefix("1 token, 0 bytes"))
  }

  @Test("Greedy text of the embedded model is what transformers writes")
  func greedy() throws {
    let golden = try MappedFile(
      Shell.repository.appendingPathComponent("Tests/Goldens/generate/continuations.json")
    ).json()
    for item in try #require(golden["cases"]?.array) {
      let prompt = try #require(item["prompt"]?.string)
      let value = shell.run("generate mini \(Value.quoted(prompt)) tokens=20").value
      let generation = try #require(value.object(Generation.self))
      #expect(generation.prompt == item["ids"]?.array?.compactMap(\.int))
      #expect(generation.added == item["added"]?.array?.compactMap(\.int))
      #expect(generation.continuation == item["continuation"]?.string)
    }
  }

  @Test("Sampled text depends on the seed and on nothing else")
  func sampled() {
    func text(_ seed: Int) -> String {
      shell.text("(generate mini \"The\" temperature=1 seed=\(seed) tokens=8).continuation")
    }
    #expect(text(1) == text(1))
    #expect(Set((1...4).map(text)).count > 1)
  }

  @Test("A text ends where the context does, and says so; a prompt that fills it is refused")
  func context() throws {
    func prompt(_ count: Int) -> String {
      "(prompt tokens=[\(Array(repeating: "5", count: count).joined(separator: ","))])"
    }
    let value = shell.run("generate mini \(prompt(2_045)) temperature=1 tokens=9").value
    let generation = try #require(value.object(Generation.self))
    #expect(generation.added.count == 3 && generation.isCutOff)
    #expect(generation.summary.hasSuffix(", where the model's context ends"))
    #expect(!shell.text("show (generate mini \"The\" tokens=2)").contains("context"))
    #expect(
      shell.error("generate mini \(prompt(2_048)) tokens=1")
        == "ModelError: a prompt of 2048 tokens leaves no room in the model's context of 2048: "
        + "take a shorter one")
  }

  @Test("A model without a tokenizer goes on with token ids, and says why it takes no text")
  func bare() {
    let folder = Shell.checkpoints.appendingPathComponent("plain").path
    shell.run("bare = load \"\(folder)\"")
    let value = shell.run("generate bare (prompt tokens=[5, 6]) tokens=3").value
    #expect(value.object(Generation.self)?.added.count == 3)
    let error = shell.error("generate bare \"hello\"")
    #expect(error.hasPrefix("ModelError: plain cannot read a text, for it has no tokenizer"))
    #expect(error.contains("tokenizer.json"))
  }
}
