import CommandLanguage
import Foundation
import InContext
import Testing

@testable import Commands

@Suite("Verbs on data and prompts")
struct PromptVerbTests {
  let shell: Shell
  init() throws { shell = try Shell() }

  private func prompt(_ cell: String) throws -> PromptObject {
    try #require(shell.run(cell).value.object(PromptObject.self))
  }

  @Test("A built-in data set goes by its name, even when a variable has that name")
  func builtIn() {
    shell.run("sst2 = dataset sst2")
    shell.run("sst2 = dataset sst2")
    #expect(shell.text("sst2").hasPrefix("sst2: 2 classes, 67,349 training and 872 test rows"))
    #expect(shell.text("(datasets).name") == #"["sst2", "trec", "agnews", "emoc"]"#)
    #expect(shell.text("(datasets).train") == "[67349, 5452, 5615, 30160]")
  }

  @Test("Columns, classes and template of a file are options")
  func file() throws {
    try shell.write("said,is\nhello,0\nhi,0\nbye,1\nciao,1\n", to: "talk.csv")
    let options = #"text=said label=is labels={"0": "greeting", "1": "parting"}"#
    shell.run("t = dataset \"$/talk.csv\" \(options) template=\"Say: {text}\\nIt:{label}\"")
    #expect(shell.text("t.classes") == #"["greeting", "parting"]"#)
    #expect(shell.text("t.words") == #"[" greeting", " parting"]"#)
    #expect(shell.text("(prompt t).text").hasPrefix("\"Say: "))
    #expect(
      shell.text("(dataset \"$/talk.csv\" text=said label=is labels=[1, 0]).classes")
        == #"["1", "0"]"#)
  }

  @Test("A template can be of one's own, a data set's, and with other words")
  func template() {
    #expect(shell.text("(template sst2).text") == #""Review: {text}\nSentiment:{label}""#)
    shell.run(#"t = template "{text} ->{label}" labels=["no", " yes"]"#)
    #expect(shell.text("t.labels") == #"[" no", " yes"]"#)
    #expect(shell.text("(prompt sst2 template=t).text").contains(" -> no"))
    #expect(
      shell.text(#"(prompt sst2 labels={"positive": " good", "negative": " bad"}).label_words"#)
        == #"[" bad", " good"]"#)
  }

  @Test("A prompt draws one demonstration a class and asks about a test row")
  func drawn() throws {
    let object = try prompt("prompt sst2")
    #expect(object.prompt.demonstrations.count == 2)
    #expect(object.prompt.labelPositions.map(\.count) == [1, 1])
    #expect(object.prompt.roles.last == .target)
    #expect(try prompt("prompt sst2 query=1").prompt.query != object.prompt.query)
    #expect(try prompt("prompt sst2 shots=0").prompt.demonstrations.isEmpty)
  }

  @Test("A text of one's own is asked about with the answer that is given")
  func own() throws {
    let object = try prompt(#"prompt sst2 text="what a waste " answer=negative"#)
    #expect(object.prompt.text.hasSuffix("Review: what a waste \nSentiment:"))
    #expect(object.prompt.answer == 0)
    #expect(object.prompt.query == nil)
    #expect(try prompt(#"prompt sst2 text="so so " answer=Positive"#).prompt.answer == 1)
  }

  @Test("Labels of a raw prompt are found before its last position")
  func raw() throws {
    let text = try prompt(
      #"prompt text="a: Positive\nb: Negative\nc:" labels=[" Negative", " Positive"] answer=" Positive""#
    ).prompt
    #expect(text.labelPositions.map(\.count) == [1, 1])
    #expect(text.answer == 1)
    let tokens = try prompt("prompt tokens=[5, 7, 6, 7, 9] labels=[6, 7] answer=7").prompt
    #expect(tokens.labelPositions == [[2], [1, 3]])
    #expect(tokens.answer == 1)
  }

  @Test("Text prompts are written anew for another model; token ids of one model stay its own")
  func models() throws {
    let plain = Shell.checkpoints.appendingPathComponent("plain").path
    let model = try #require(
      shell.run("bare = load \"\(plain)\"").value.object(Model.self))
    let text = try prompt("prompt sst2 model=mini")
    #expect(throws: TokenizerMissing.self) { try text.prompt(for: model) }
    #expect(try text.prompt(for: Model.named("mini")).tokens == text.prompt.tokens)
    let free = try prompt("prompt tokens=[5, 6]")
    #expect(try free.prompt(for: Model.named("mini")).tokens == [5, 6])
    let owned = try prompt("prompt tokens=[5, 6] model=mini")
    #expect(throws: PromptModelMismatch.self) { try owned.prompt(for: model) }
  }

  @Test("A recipe makes the same prompt in a new session")
  func recipe() throws {
    try shell.write("text,label\na b,x\nc d,x\ne f,y\ng h,y\n", to: "d.csv")
    for cell in [
      "prompt sst2 seed=3 query=4 shots=2", #"prompt text="hello there""#,
      #"prompt (dataset "$/d.csv" template="In: {text}\nOut:{label}") labels=[" no", " yes"]"#,
    ] {
      let object = try prompt(cell)
      let again = Fathom.session().execute(object.recipe.script).value.object(PromptObject.self)
      #expect(again?.prompt.tokens == object.prompt.tokens, "\(object.recipe.script)")
    }
  }

  @Test("Names of models and data sets, options and files are completed")
  func completion() throws {
    func offers(_ text: String) -> [String] {
      shell.session.complete(text, at: text.unicodeScalars.count).items.map(\.text)
    }
    #expect(offers("load mi") == ["mini"])
    #expect(offers("dataset tr") == ["trec"])
    #expect(offers("prompt ag") == ["agnews"])
    #expect(offers("prompt sst2 se") == ["seed="])
    #expect(offers("set theme=d") == ["dark"])
    try shell.write("", to: "rows.csv")
    #expect(offers("dataset \"\(shell.folder.path)/ro") == ["rows.csv"])
  }

  @Test(
    "Every example of every verb runs", arguments: ["prompt", "template", "tokens", "describe"])
  func examples(verb: String) throws {
    let command = try #require(shell.session.commands.first { $0.name == verb })
    for example in command.examples { shell.run(example) }
  }
}
