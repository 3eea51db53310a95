import CommandLanguage
import Foundation
import Testing

@testable import Commands

@Suite("What Tab offers")
struct CompletionTests {
  let shell: Shell
  init() throws {
    shell = try Shell()
    shell.run("m = load mini; s = dataset sst2; p = prompt sst2; n = 5; t = template sst2")
    try shell.write("review text;x,stars\na,b\n", to: "reviews.csv")
    try shell.write("{\"utterance\": \"a\", \"intent\": \"b\"}\n", to: "b.jsonl")
    try shell.write("<svg/>", to: "f.svg")
    try FileManager.default.createDirectory(
      at: shell.url("models"), withIntermediateDirectories: true)
  }

  private func offered(_ text: String) -> [String] {
    let text = text.replacing("$", with: shell.folder.path)
    return shell.session.complete(text, at: text.unicodeScalars.count).items.map(\.text)
  }

  @Test(
    "Only what fits the type of a parameter",
    arguments: [
      ("saliency mini sst2 samples=", ["n"]), ("saliency mini sst2 seed=", ["n"]),
      ("prompt sst2 text=", []), ("generate mini p temperature=", ["n"]),
      ("saliency mini sst2 template=", ["sst2", "trec", "agnews", "emoc", "s", "t"]),
      ("prompt sst2 answer=", ["negative", "positive"]),
      ("prompt s answer=n", ["negative"]), ("prompt sst2 model=", ["mini", "m"]),
      ("dataset \"$/reviews.csv\" label=", ["\"review text;x\"", "stars"]),
      ("dataset \"$/b.jsonl\" text=", ["utterance", "intent"]),
      ("dataset \"$/none.csv\" text=", []), ("dataset sst2 label=", ["text", "label"]),
      (
        "predict mini p to=",
        ["text", "format", "label", "query", "target", "after_label", "all", "nothing", "n"]
      ),
      ("predict mini p layers=", ["first(5)", "last(5)", "n"]),
    ])
  func values(text: String, expected: [String]) {
    #expect(offered(text).sorted() == expected.sorted())
  }

  @Test("An input is offered only variables of its type")
  func inputs() {
    #expect(offered("predict ").filter { !$0.hasSuffix("=") } == ["mini", "m"])
    let subjects = offered("saliency m ").filter { !$0.hasSuffix("=") }
    #expect(subjects.suffix(2) == ["s", "p"] && !subjects.contains("n"))
  }

  @Test("A pipe goes on to the verbs that take its value")
  func pipes() {
    let ofPrompt = offered("p | ")
    for verb in ["show", "plot", "table", "save", "cite"] { #expect(ofPrompt.contains(verb)) }
    for verb in ["load", "saliency", "datasets", "set", "version", "forget", "dataset"] {
      #expect(!ofPrompt.contains(verb), "\(verb)")
    }
    #expect(offered("m | ").contains("saliency") && !offered("m | ").contains("plot"))
    #expect(!offered("s | ").contains("plot") && offered("s | ").contains("prompt"))
    #expect(offered("saliency m s | ").contains("plot"))
  }

  @Test("load is offered folders, dataset the files that it reads, and save every file")
  func files() {
    #expect(offered("load \"$/") == ["models/"])
    #expect(offered("saliency \"$/") == ["models/"])
    #expect(offered("dataset \"$/") == ["b.jsonl", "models/", "reviews.csv"])
    #expect(offered("saliency m \"$/") == ["b.jsonl", "models/", "reviews.csv"])
    #expect(offered("save p \"$/") == ["b.jsonl", "f.svg", "models/", "reviews.csv"])
  }

  @Test("template= takes the name of a built-in data set, as Tab offers it")
  func templateByName() {
    #expect(
      shell.text("q = prompt sst2 template=sst2; q.text")
        == shell.text("p.text"))
    #expect(shell.error("prompt sst2 template=sst3").hasPrefix("TypeError"))
  }
}
