import CommandLanguage
import Foundation
import Testing

@testable import Commands

@Suite("What errors advise")
struct AdviceTests {
  let shell: Shell
  init() throws { shell = try Shell() }

  /// Everything that a person sees of a failing cell.
  private func traceback(_ cell: String) -> String {
    let cell = cell.replacing("$", with: shell.folder.path)
    return shell.session.execute(cell).failure?.traceback.joined(separator: "\n") ?? "no error"
  }

  @Test(
    "A name that a verb would give a value to is answered with how",
    arguments: [
      ("mini", "write mini = load mini first"),
      ("mini.layers", "write mini = load mini first"),
      ("sst2", "write sst2 = dataset sst2 first"),
      ("saliency gpt2 sst2", "write gpt2 = load \"FOLDER\" first"),
      ("saliency mini imdb", "write imdb = dataset \"FILE\" first"),
      ("predict mini sst2", "write (prompt sst2)"),
      ("trace mini sst2", "write (prompt sst2)"),
      ("trace mini \"so good\"", "write (prompt text=\"so good\")"),
      ("saliency sst2 mini", "write saliency mini sst2"),
      ("saliency sst2", "model: The model to look into."),
      ("generate sst2 \"x\"", "sst2 is a data set"),
      ("predict mini p", "write p = prompt sst2 first"),
      ("save \"x.svg\" (prompt sst2)", "write save (prompt sst2) \"x.svg\""),
      ("saliency mini prompt sst2 query=3", "write saliency mini (prompt sst2 query=3)"),
      ("predict mini prompt sst2", "write predict mini (prompt sst2)"),
      ("compress mini prompt sst2 timed=0", "write compress mini (prompt sst2) timed=0"),
      ("saliency mini prompt", "write saliency mini (prompt)"),
      ("saliency mini sst2 plot", "write saliency mini sst2 | plot"),
      (
        "saliency mini sst2 samples=5 save \"x.svg\"",
        "write saliency mini sst2 samples=5 | save \"x.svg\""
      ),
      (
        "saliency mini sst2 plot width=500 samples=5",
        "write saliency mini sst2 samples=5 | plot width=500"
      ),
      ("saliency mini sst2 prompt", "usage: saliency MODEL SUBJECT"),
      ("saliency mini prompt sst2 plot", "usage: saliency MODEL SUBJECT"),
      ("prompt sst2 | save prompt \"x.json\"", "usage: save VALUE FILE"),
      ("help saliency foo", "usage: help [SUBJECT]"), ("help help help", "usage: help [SUBJECT]"),
      ("forget tokens plot x=1", "it has none"),
      ("saliency mini sst2 seed=1-5", "a range is written 1..5"),
      ("saliency mini (prompt sst2) layers=-1", "they count from 0; last(1) is the last one"),
      ("confuse mini (prompt sst2)", "it draws demonstrations and test rows itself: write sst2"),
      ("reweight mini (prompt text=\"a b\")", "it draws demonstrations and test rows itself"),
      ("cite \"banana\"", "cite alone gives the paper"),
      ("cite banana", "cite alone gives the paper"),
      ("compress mini (prompt text=\"a b\" labels=[\" c\", \" d\"])", "a raw prompt has none"),
    ])
  func names(cell: String, advice: String) {
    let text = traceback(cell)
    #expect(text.contains("\n  " + advice), "\(text)")
  }

  @Test("Two inputs that have changed places are told apart")
  func swapped() {
    #expect(
      traceback("saliency sst2 mini samples=5") == """
        TypeError: saliency wants a model first, then a data set or a prompt; here they have \
        changed places.
            saliency sst2 mini samples=5
                     ^^^^^^^^^
          write saliency mini sst2 samples=5
        """)
    shell.run("d = dataset sst2")
    #expect(traceback("d | saliency mini").contains("  name the other one: model=mini"))
    #expect(shell.error("saliency sst2") == "ArgumentError: saliency wants a model before sst2.")
    #expect(shell.error("saliency [sst2, trec] mini").contains("have changed places"))
  }

  @Test(
    "Carets stand under what is to blame",
    arguments: [
      ("help sampels", "sampels"), ("set theme=blue", "theme=blue"), ("set them=dark", "them"),
      ("prompt sst2 query=9999", "query=9999"), ("dataset nothing", "nothing"),
      ("relabel sst2 labels=[]", "labels=[]"), ("relabel sst2 labels=[a]", "labels=[a]"),
      ("relabel sst2 labels=[\"a\", \"a\"]", "labels=[\"a\", \"a\"]"),
      ("relabel sst2 labels={\"x\": \"a\"}", "labels={\"x\": \"a\"}"),
      ("relabel sst2 labels=[a, b, c]", "labels=[a, b, c]"),
      ("relabel sst2 labels=[1, 2]", "labels=[1, 2]"),
      ("evaluate mini sst2 labels=[a]", "labels=[a]"),
      ("evaluate mini sst2 labels=[\" greet\", \" greek\"]", "labels=[\" greet\", \" greek\"]"),
      ("reweight mini sst2 rate=100 epochs=30 samples=2", "rate=100"),
    ])
  func carets(cell: String, blamed: String) {
    let lines = traceback(cell).split(separator: "\n", omittingEmptySubsequences: false)
    let start = lines[2].prefix { $0 == " " }.count
    let width = lines[2].count { $0 == "^" }
    #expect(String(lines[1].dropFirst(start).prefix(width)) == blamed)
  }

  @Test("A data set without demonstrations is answered with shots=")
  func shots() {
    for verb in ["isolate", "reweight", "attention"] {
      let text = traceback("\(verb) mini sst2 shots=0 samples=2")
      #expect(text.contains("\n  of a data set: shots=1 or more\n"), "\(text)")
    }
    let text = traceback("isolate mini sst2 shots=0 samples=2 what=text")
    #expect(text.contains("ask for shots=1 or more"), "\(text)")
  }

  @Test("A grid without a figure is answered with what has one")
  func gridWithoutFigure() {
    shell.run("p = prompt sst2")
    let one = traceback("predict mini p ablate=[[\"0.0\"], [\"0.1\"]] | plot")
    #expect(one.contains("write GRID[0] | plot") && one.contains("of several layers"), "\(one)")
    let advised = one.split(separator: ": ").last ?? ""
    shell.run("predict mini p \(advised) | plot")
  }

  @Test("What is advised to someone whose prompt has no answer works")
  func answer() throws {
    let text = traceback("saliency mini (prompt text=\"hello\")")
    let advised = text.split(separator: "\n").suffix(2)
      .compactMap { $0.split(separator: ": ", maxSplits: 1).last }
    #expect(advised.count == 2)
    for prompt in advised { shell.run("saliency mini (\(prompt))") }
  }

  @Test("A variable cannot take a verb's name, and nothing of such a cell is run")
  func verbs() {
    #expect(
      traceback("x = 1\nload = 5") == """
        NameError: 'load' is a verb and cannot name a variable.
          line 2, column 1:
            load = 5
            ^^^^
          choose another name, such as my_load
        """)
    #expect(shell.error("x").hasPrefix("NameError"))
  }

  @Test("Limits to one side are words, and the model that is too small is named")
  func limits() {
    #expect(
      shell.error("evaluate mini sst2 samples=0")
        == "ArgumentError: samples=0 should be at least 1.")
    #expect(shell.text("help evaluate").contains("a whole number, at least 1, default 1000"))
    #expect(shell.error("prompt agnews shots=64").contains("tokens; mini takes 2048."))
    #expect(shell.error("evaluate mini agnews shots=64").contains("tokens; mini takes 2048."))
    #expect(shell.error("dataset imdb").contains("'imdb'; built in are 'sst2'"))
  }

  @Test("models says of a broken folder what is broken")
  func brokenModels() throws {
    try shell.copyOfMini("layers", changing: "config.json") { data in
      Data(
        String(decoding: data, as: UTF8.self)
          .replacing(
            try! Regex("\"num_hidden_layers\": *[0-9]+"), with: "\"num_hidden_layers\": 99"
          ).utf8)
    }
    try shell.copyOfMini("page", changing: "model.safetensors") { _ in Data("<html>".utf8) }
    try shell.copyOfMini("words", changing: "tokenizer.json") { _ in Data("{".utf8) }
    try shell.copyOfMini("good", changing: "config.json") { $0 }
    let table = try #require(shell.run("models \"$\"").value.object(Table.self))
    let notes = Dictionary(
      uniqueKeysWithValues: table.rows.map {
        (($0[0].word ?? "").split(separator: "/").last.map(String.init) ?? "", $0.last?.word ?? "")
      })
    #expect(notes["layers"]?.hasPrefix("broken: the checkpoint") == true)
    #expect(notes["page"]?.hasPrefix("broken: model.safetensors is") == true)
    #expect(notes["page"]?.contains("web page") == true)
    #expect(notes["words"]?.hasPrefix("broken tokenizer, token ids only: tokenizer.json") == true)
    #expect(notes["good"] == "")
    #expect(notes["mini"] == "")
  }

  @Test("save says what it wrote, hands the value on, and says the same again")
  func save() throws {
    let recorder = Recorder()
    let cell =
      "prompt sst2 | save \"$/p.json\" | save \"$/p.svg\"; save 5 \"$/n.json\"; print \"x\""
    let text = cell.replacing("$", with: shell.folder.path)
    #expect(shell.session.execute(text, output: recorder).failure == nil)
    let first = recorder.text
    _ = shell.session.execute(text, output: recorder)
    #expect(recorder.text == first + first)
    let lines = first.split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines[0].hasPrefix("saved \(shell.folder.path)/p.json (") && lines[0].hasSuffix("B)"))
    #expect(lines[2].hasSuffix("/n.json (2 B)"))
  }

  @Test("Only what rests on something is cited")
  func cite() {
    for cell in ["cite \"banana\"", "cite 5", "cite [1, 2]", "cite {a: 1}"] {
      #expect(shell.error(cell).hasPrefix("ArgumentError: there is nothing to cite"), "\(cell)")
    }
    #expect(shell.error("cite banana").hasPrefix("NameError"))
    #expect(shell.text("cite \"sst2\"") == shell.text("cite sst2"))
    #expect(shell.text("cite sst2").contains("socher2013"))
    for cell in ["cite", "cite mini", "cite (prompt sst2)", "cite [sst2, trec]"] {
      #expect(shell.text(cell).contains("wang2023label"), "\(cell)")
    }
  }

  @Test("A result on fewer samples than were asked for says so loudly and in its recipe")
  func shortfall() throws {
    try shell.copyOfMini("short", changing: "config.json") { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      return Data(
        text.replacing(
          #/"max_position_embeddings": \d+/#, with: "\"max_position_embeddings\": 90"
        ).utf8)
    }
    let recorder = Recorder()
    let cell = "m = load \"$/short\"; s = saliency m sst2 samples=40"
      .replacing("$", with: shell.folder.path)
    let result = shell.session.execute(cell, output: recorder)
    #expect(result.failure == nil, "\(result.failure?.message ?? "")")
    let saliency = try #require(shell.session[variable: "s"]?.object(SaliencyResult.self))
    #expect(saliency.dropped > 0 && saliency.profile.samples + saliency.dropped == 40)
    let said = "only \(saliency.profile.samples) of 40 samples"
    #expect(recorder.text.contains("WARNING: short on sst2, seed=42: \(said); the prompts of"))
    #expect(saliency.summary.contains(said))
    #expect(try saliency.figure(titled: nil).svg(theme: .light, width: 720).contains(said))
    #expect(saliency.recipe.script.contains("# short on sst2, seed=42: \(said)"))
    #expect(saliency.recipe.map["notes"]?.elements?.count == 1)
    shell.run("g = saliency m sst2 samples=40 seed=[42]; g | plot | save \"$/g.svg\"")
    #expect(try shell.read("g.svg").contains(said))
    // Of several, each says whose it is; these two lack as many and stay two.
    let several = Recorder()
    let cells = "g = saliency m sst2 samples=40 seed=[1, 4]"
    #expect(shell.session.execute(cells, output: several).failure == nil)
    for seed in [1, 4] {
      let note = "WARNING: short on sst2, seed=\(seed): only 33 of 40 samples"
      #expect(several.text.contains(note), "\(several.text)")
    }
    let grid = try #require(shell.session[variable: "g"]?.object(Grid.self))
    #expect(Recipe(of: grid)?.notes.count == 2)
  }

  @Test("A tokenizer with tokens that the model has no embedding for is warned of")
  func foreignTokenizer() throws {
    let folder = shell.url("foreign")
    try FileManager.default.copyItem(
      at: Shell.checkpoints.appendingPathComponent("plain"), to: folder)
    try FileManager.default.copyItem(
      at: Shell.mini.appendingPathComponent("tokenizer.json"),
      to: folder.appendingPathComponent("tokenizer.json"))
    let recorder = Recorder()
    let cell = "f = load \"\(folder.path)\""
    #expect(shell.session.execute(cell, output: recorder).failure == nil)
    #expect(
      recorder.text.hasPrefix("WARNING: the tokenizer of foreign has ids up to"), "\(recorder.text)"
    )
    #expect(shell.text("describe f").contains("those below 97"))
    let silent = Recorder()
    _ = shell.session.execute("load mini;", output: silent)
    #expect(silent.text == "")
  }

  @Test("Where a blank before a label has gone is said where the template is seen")
  func templateBlank() {
    let shown = shell.text(#"template "Film: {text}\nMood: {label}" labels=[bad, good]"#)
    #expect(shown.contains("Mood:{label}") && shown.contains("belongs to its word"), "\(shown)")
    #expect(shell.text("describe sst2").contains("belongs to its word"))
    #expect(shell.text("help template").contains("\"Mood: {label}\" is \"Mood:{label}\""))
  }

  @Test("A token of blanks can be seen in a table")
  func blanks() {
    let text = shell.text("tokens mini \"so  good\"")
    #expect(text.contains(" ·good ") || text.contains(" · "))
  }
}

/// Keeps what is written.
private final class Recorder: SessionOutput, @unchecked Sendable {
  // Unchecked: the tests run a session on one thread.
  private(set) var text = ""
  func write(_ text: String, to stream: TextStream) { self.text += text }
  func display(_ display: Display, id: String?) { text += display.plain + "\n" }
  func updateDisplay(_ display: Display, id: String) {}
  func clear() {}
}
