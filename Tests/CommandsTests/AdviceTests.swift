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
