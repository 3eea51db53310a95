import Charts
import Checkpoints
import CommandLanguage
import Foundation
import InformationFlow
import Testing

@testable import Commands

@Suite("Compression from the language")
struct CompressTests {
  let shell: Shell
  init() throws { shell = try Shell() }

  private func numbers(_ cell: String) -> [Double] {
    (shell.run(cell).value.elements ?? []).compactMap(\.number)
  }

  @Test("A row a method, whole prompts first; all but times is the same each time")
  func table() throws {
    shell.run("c = compress mini sst2 samples=6 tries=3 timed=2")
    let result: CompressionResult = try #require(shell.session[variable: "c"]?.object())
    #expect(
      result.table.columns == [
        "method", "label_loyalty", "word_loyalty", "accuracy", "kept_tokens",
      ])
    #expect(
      result.table.rows.map { $0[0].word } == [
        "ICL", "hidden_anchor", "text_anchor", "hidden_random", "hidden_random_top",
      ])
    #expect(result.table.rows[0][1].number == 1 && result.table.rows[0][2].number == 1)
    #expect(numbers("c.kept_tokens").dropFirst().allSatisfy { $0 == 14 })
    let timing: Table = try #require(shell.run("c.timing").value.object())
    #expect(timing.columns == ["method", "milliseconds", "speed_up"])
    #expect(timing.rows.allSatisfy { ($0[1].number ?? 0) > 0 })
    #expect(timing.rows[0][2].number == 1)
    let first = shell.run("c").display
    let again = shell.run("compress mini sst2 samples=6 tries=3 timed=2").display
    #expect(first?.plain == again?.plain)
    #expect(first?["image/svg+xml"] == again?["image/svg+xml"])
  }

  @Test("Methods are chosen one by one, and words by their number")
  func choices() throws {
    #expect(
      shell.text("(compress mini sst2 samples=2 timed=0 method=text_anchor).methods")
        == #"["ICL", "text_anchor"]"#)
    let cell = "compress mini sst2 samples=2 timed=0 method=[hidden_random, hidden_anchor]"
    #expect(shell.text("(\(cell)).methods") == #"["ICL", "hidden_random", "hidden_anchor"]"#)
    let timing: Table = try #require(shell.run("(\(cell)).timing").value.object())
    #expect(timing.caption?.contains("timed=20") == true)
    shell.run("d = compress mini sst2 samples=2 timed=0 method=[text_anchor, text_anchor]")
    #expect(shell.text("d.methods") == #"["ICL", "text_anchor"]"#)
    #expect(shell.error("compress mini sst2 method=[]").contains("one or several of hidden_anchor"))
    #expect(shell.error("compress mini sst2 method=anchor").contains("hidden_anchor"))
    #expect(shell.error("compress mini sst2 words=0").hasPrefix("ArgumentError"))
  }

  @Test("Seeds give one figure and a table of means")
  func grid() throws {
    shell.run("g = compress mini sst2 samples=3 tries=2 timed=0 seed=1..2")
    let grid: Grid = try #require(shell.session[variable: "g"]?.object())
    #expect(grid.table.columns.first == "method" && grid.table.rows.count == 5)
    #expect(grid.table.rows[1][2].plainText.contains("±"))
    #expect(grid.display()["image/svg+xml"]?.contains("hidden_anchor") == true)
    shell.run("save g \"$/g.csv\"; save g \"$/g.fathom\"; g | plot | save \"$/g.svg\"")
    #expect(try shell.read("g.csv").hasPrefix("seed,method,label_loyalty"))
  }

  @Test("One prompt shows what is kept and what is answered")
  func prompt() throws {
    shell.run("p = compress mini (prompt sst2) tries=2 timed=1")
    let result: CompressedPrompt = try #require(shell.session[variable: "p"]?.object())
    #expect(result.table.rows.count == 5)
    #expect(numbers("p.kept").map(Int.init) == result.prompt.anchors)
    let display = try #require(shell.run("p").display)
    #expect(display.plain.contains("14 of them (hidden_anchor)"))
    #expect(display["image/svg+xml"]?.contains("left out") == true)
    shell.run("save p \"$/p.fathom\"; save p \"$/p.csv\"")
    let command = try #require(try shell.read("p.fathom").split(separator: "\n").last)
    #expect(shell.text("(\(command)).answers") == shell.text("p.answers"))
    #expect(
      shell.error("compress mini (prompt text=\"a b\" labels=[\" x\", \" y\"])")
        .contains("no demonstrations"))
    #expect(shell.error("compress mini (prompt sst2 shots=0)").contains("shots=1"))
    #expect(shell.error("compress mini sst2 shots=0 samples=2").contains("no demonstrations"))
  }

  @Test("Cached demonstrations answer as the experiment does, from memory and from a file")
  func reuse() throws {
    shell.run("c = compress mini sst2 samples=8 method=hidden_anchor timed=0; a = c.anchors")
    shell.run("save a \"$/a.safetensors\"; save a \"$/a.csv\"")
    let accuracy = numbers("c.accuracy")[1]
    let cells = [
      "a", "c.anchors", "\"$/a.safetensors\"",
    ].map { "(evaluate mini sst2 samples=8 after=\($0))" }
    for cell in cells { #expect(shell.run("\(cell).accuracy").value.number == accuracy) }
    // Of the prompt's own demonstrations nothing matters.
    for prompt in ["(prompt sst2 query=3)", "(prompt sst2 query=3 shots=0)"] {
      let memory = numbers("(predict mini \(prompt) after=a).logits")
      #expect(memory == numbers("(predict mini \(prompt) after=\"$/a.safetensors\").logits"))
      #expect(memory == numbers("(predict mini (prompt sst2 query=3 shots=2) after=a).logits"))
      #expect(memory != numbers("(predict mini \(prompt)).logits"))
    }
    #expect(try shell.read("a.csv").hasPrefix("position,id,piece\n0,"))
  }

  @Test("A text goes on behind cached demonstrations, from where they ended")
  func generating() throws {
    shell.run("a = (compress mini sst2 samples=1 timed=0 method=hidden_anchor).anchors")
    let continued = shell.text("(generate mini (prompt sst2 query=5) tokens=6 after=a).tokens")
    let asText = shell.text(
      "(generate mini (prompt sst2 query=5 shots=0).text tokens=6 after=a).tokens")
    #expect(continued == asText)
    shell.run("b = (compress mini sst2 samples=1 timed=0 restart=true).anchors")
    #expect(shell.run("b.start").value.number == 0)
    shell.run("generate mini (prompt sst2 query=5) tokens=6 after=b")
    let text = #""Review: dull\nSentiment:""#
    let likeliest = shell.text("(predict mini (prompt text=\(text)) top=1 after=a).ids")
    #expect(likeliest == shell.text("(generate mini \(text) tokens=1 after=a).tokens"))
    let long = Array(repeating: "5", count: 2_040).joined(separator: ",")
    let full = shell.error("generate mini (prompt tokens=[\(long)]) after=a")
    #expect(full.contains("leaves no room in the model's context"), "\(full)")
  }

  @Test("The same model loaded twice shares cached demonstrations; another does not")
  func models() throws {
    try shell.copyOfMini("twin", changing: "tokenizer_config.json") { $0 }
    try shell.copyOfMini("other", changing: "model.safetensors") { bytes in
      var bytes = bytes
      bytes[bytes.count - 300_000] ^= 1
      return bytes
    }
    shell.run(
      "a = (compress mini sst2 samples=1 timed=0).anchors; save a \"$/a.safetensors\"; p = prompt sst2"
    )
    let own = numbers("(predict mini p after=a).logits")
    #expect(numbers("(predict (load \"$/twin\") p after=a).logits") == own)
    for source in ["a", "\"$/a.safetensors\""] {
      let error = shell.error("predict (load \"$/other\") p after=\(source)")
      #expect(error.hasPrefix("ModelError: these demonstrations were cached by mini"), "\(error)")
    }
  }

  @Test("What after= cannot take is said")
  func refused() throws {
    shell.run("c = compress mini sst2 samples=1 timed=0; a = c.anchors; p = prompt sst2")
    let result = shell.session.execute("predict mini p after=c")
    let traceback = result.failure?.traceback.joined() ?? ""
    #expect(traceback.contains("write after=c.anchors"), "\(traceback)")
    #expect(!traceback.contains("after=after"))
    #expect(shell.error("predict mini p after=a block=text").contains("does not go with block="))
    #expect(shell.error("evaluate mini sst2 after=a ablate=\"1.1\"").contains("ablate="))
    #expect(shell.error("predict mini p after=\"$/none.safetensors\"").hasPrefix("FileError"))
    let weights = Shell.mini.appendingPathComponent("model.safetensors").path
    #expect(shell.error("predict mini p after=\"\(weights)\"").contains("fingerprint"))
    // The fingerprint alone does not make a file right.
    shell.run("save a \"$/a.safetensors\"; t = trace mini p; save t \"$/t.safetensors\"")
    let good = try Data(contentsOf: shell.url("a.safetensors"))
    for (name, other) in [("value.7", "value.9"), ("tokens", "takens"), ("length", "lengtt")] {
      let text = String(decoding: good, as: Unicode.ASCII.self)
      #expect(text.contains("\"\(name)\""))
      var bytes = good
      let place = try #require(bytes.range(of: Data("\"\(name)\"".utf8)))
      bytes.replaceSubrange(place, with: Data("\"\(other)\"".utf8))
      try bytes.write(to: shell.url("b.safetensors"))
      let error = shell.error("predict mini p after=\"$/b.safetensors\"")
      #expect(error.contains("'\(name)'"), "\(error)")
    }
    #expect(shell.error("save a \"$/a.svg\"").contains("a cache of demonstrations is not saved"))
  }

  /// Saves cached demonstrations with some of their tensors or words replaced.
  private func forge(
    _ name: String, metadata: [String: String] = [:], _ changed: SafetensorsWriter.Tensor...
  ) throws {
    let object: AnchorsObject = try #require(shell.session[variable: "a"]?.object())
    let names = changed.map(\.name)
    try SafetensorsWriter.write(
      object.tensors.filter { !names.contains($0.name) } + changed,
      metadata: object.tensorMetadata.merging(metadata) { $1 }, to: shell.url(name))
  }

  @Test(
    "A file that holds no cached demonstrations is named, with what is wrong, and after= blamed")
  func forged() throws {
    shell.run(
      "a = (compress mini sst2 samples=1 timed=0 method=hidden_anchor).anchors; p = prompt sst2")
    let object: AnchorsObject = try #require(shell.session[variable: "a"]?.object())
    let count = object.anchors.tokens.count
    try forge(
      "type.safetensors",
      .init("positions", shape: [count], floats: .init(repeating: 1, count: count)))
    try forge("start.safetensors", .init("start", shape: [1], integers: [3]))
    try forge(
      "reach.safetensors", .init("length", shape: [1], integers: [-5]),
      .init("start", shape: [1], integers: [0]))
    try forge("key.safetensors", .init("key.0", shape: [1], floats: [.nan]))
    try forge(
      "words.safetensors",
      metadata: [
        AnchorsObject.fingerprintKey: String(repeating: "f", count: 5_000),
        AnchorsObject.modelKey: String(repeating: "m", count: 5_000),
      ])
    try shell.write("these are notes, not tensors, and go on for a while", to: "text.safetensors")
    for (name, part) in [
      ("$/type.safetensors", "positions has type F32 instead of I64"),
      ("$/start.safetensors", "would begin at position 3, neither 0 nor \(object.anchors.length)"),
      ("$/reach.safetensors", "positions"), ("$/key.safetensors", "for each of \(count) tokens"),
      ("$/words.safetensors", "mmm…"), ("$/text.safetensors", "it is no safetensors file"),
      ("", "names no file"), ("$", "it is a folder"), ("$/none.safetensors", "none.safetensors"),
    ] {
      let cell = "predict mini p after=\"\(name)\"".replacing("$", with: shell.folder.path)
      let failure = try #require(shell.session.execute(cell).failure)
      #expect(failure.message.contains(part), "\(failure.message)")
      #expect(failure.message.count < 600)
      let carets = failure.traceback.joined(separator: "\n").split(separator: "\n")
        .first { $0.contains("^") }
      #expect(
        carets?.count { $0 == "^" } == cell.count - "predict mini p ".count, "\(failure.traceback)")
    }
  }

  @Test(
    "It is said whose cached demonstrations there are, where they are others than the subject's")
  func others() {
    shell.run("a = (compress mini sst2 samples=1 timed=0 method=hidden_anchor).anchors")
    let own = shell.text("evaluate mini sst2 samples=2 after=a")
    #expect(own.contains("on sst2, after cached demonstrations:"), "\(own)")
    for cell in [
      "evaluate mini trec samples=2 after=a", "predict mini (prompt trec) after=a",
      "predict mini (prompt text=\"a b\") after=a",
    ] {
      shell.run("e = \(cell)")
      let summary = shell.session[variable: "e"]?.object((any Recorded).self)?.summary ?? ""
      #expect(summary.contains(", after cached demonstrations of sst2"), "\(summary)")
    }
    let text = shell.run("generate mini \"a b\" tokens=2 after=a").value.object(Generation.self)
    #expect(text?.summary.hasPrefix("2 tokens, after cached demonstrations of sst2: ") == true)
    shell.run("save a \"$/a.safetensors\"")
    #expect(
      shell.text("evaluate mini trec samples=2 after=\"$/a.safetensors\"")
        .contains("after cached demonstrations of sst2 in \(shell.folder.path)/a.safetensors:"))
    let described = shell.text("describe \"$/a.safetensors\"")
    for word in ["demonstrations of", "sst2", "model", "mini"] {
      #expect(described.contains(word), "\(described)")
    }
  }

  @Test(
    "A file that holds no cached demonstrations is not described as a text", .timeLimit(.minutes(1))
  )
  func notDescribed() throws {
    shell.run("p = saliency mini (prompt sst2); save p \"$/p.safetensors\"")
    try shell.write("these are notes, not tensors, and go on for a while", to: "text.safetensors")
    try shell.write("notes", to: "notes.txt")
    #expect(mkfifo(shell.url("pipe").path, 0o600) == 0)
    for (file, reason) in [
      ("none.safetensor", "No such file"), ("none.safetensors", "No such file"),
      ("p.safetensors", "it lacks a model's fingerprint"),
      ("text.safetensors", "it is no safetensors file"), ("notes.txt", "no safetensors file"),
      ("pipe", "it is no regular file"),
    ] {
      let cell = "describe \"\(shell.folder.path)/\(file)\""
      let failure = try #require(shell.session.execute(cell).failure, "\(file)")
      #expect(failure.message.contains(reason), "\(failure.message)")
      let carets = failure.traceback.joined(separator: "\n").count { $0 == "^" }
      #expect(carets == cell.count - "describe ".count, "\(failure.traceback)")
    }
    #expect(shell.text("describe \"a text\"") == "\"a text\"")
  }

  @Test("Many conditions are a map of conditions by methods for each measure, and not many bars")
  func manyConditions() throws {
    let options = "samples=2 timed=0 tries=1"
    shell.run("few = compress mini sst2 \(options) seed=1..2")
    shell.run("many = compress mini sst2 \(options) shots=[1, 2] restart=[false, true]")
    func figure(_ name: String) throws -> (any Figure)? {
      (try shell.session[variable: name]?.object(Grid.self)?.combined() as? FigureValue)?.figure
    }
    #expect(try figure("few") is BarChart)
    let map = try #require(try figure("many") as? HeatMap)
    #expect(map.panels.map(\.title) == ["label loyalty", "word loyalty", "accuracy"])
    #expect(map.panels.allSatisfy { $0.rowCount == 4 && $0.columnCount == 5 })
  }

  @Test("Recipes make results behind cached demonstrations again")
  func recipes() throws {
    shell.run("a = (compress mini sst2 samples=1 timed=0 method=hidden_anchor).anchors")
    shell.run("e = evaluate mini sst2 samples=4 after=a; save e \"$/e.fathom\"")
    let text = try shell.read("e.fathom")
    #expect(text.contains("after=(compress model=mini"))
    let again = Fathom.session().execute(text).value.object(EvaluationResult.self)
    let first = shell.session[variable: "e"]?.object(EvaluationResult.self)
    #expect(first != nil && again?.table.csv == first?.table.csv)
  }

  @Test("Examples run, and Tab offers what fits")
  func help() throws {
    for example in CompressCommand.examples { shell.run(example) }
    func offers(_ text: String) -> [String] {
      shell.session.complete(text, at: text.unicodeScalars.count).items.map(\.text)
    }
    #expect(offers("compress mini sst2 method=hidden_a") == ["hidden_anchor"])
    shell.run("a = c.anchors")
    #expect(offers("predict mini (prompt sst2) after=").contains("a"))
    #expect(!offers("predict mini (prompt sst2) after=").contains("c"))
    #expect(shell.text("help compress").contains("Times differ from run to run"))
    #expect(shell.text("cite c").contains("wang2023label"))
  }

  @Test("A label word of several tokens is said to be one")
  func splitWords() {
    let text = shell.text(
      "compress mini sst2 samples=2 timed=0 method=hidden_anchor labels=[\" Unfavourable\", \" Positive\"]"
    )
    #expect(text.contains("the first token of \" Unfavourable\" stands for it"), "\(text)")
  }
}
