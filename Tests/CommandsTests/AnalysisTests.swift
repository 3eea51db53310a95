import CommandLanguage
import Foundation
import Testing

@testable import Commands

@Suite("Analyses on the embedded model")
struct AnalysisTests {
  let session = Fathom.session()

  @Test("Evaluation, saliency and label attention are figures with their recipe")
  func figures() {
    for verb in ["evaluate", "saliency", "attention"] {
      let result = session.execute("\(verb) mini sst2 samples=8")
      #expect(result.failure == nil, "\(verb)")
      #expect(result.display?.metadata["fathom"] != nil, "\(verb)")
      #expect(!(result.display?.plain.isEmpty ?? true), "\(verb)")
    }
  }

  @Test("A prompt without label words is answered with the likeliest next tokens")
  func nextTokens() throws {
    let session = Fathom.session()
    session.execute(#"n = predict mini (prompt text="The film was very") top=4"#)
    let result: NextTokensResult = try #require(session[variable: "n"]?.object())
    let probabilities = result.next.tokens.map(\.probability)
    #expect(probabilities.count == 4 && probabilities == probabilities.sorted(by: >))
    #expect(probabilities.allSatisfy { $0 > 0 && $0 < 1 } && probabilities.reduce(0, +) <= 1)
    session.execute(#"g = generate mini "The film was very" tokens=1"#)
    let generation: Generation = try #require(session[variable: "g"]?.object())
    #expect(generation.added.first == result.next.tokens.first?.id)
  }

  @Test("The same command gives the same numbers")
  func deterministic() {
    let first = session.execute("(saliency mini sst2 samples=6).wp").display?.plain
    let second = session.execute("(saliency mini sst2 samples=6).wp").display?.plain
    #expect(first != nil)
    #expect(first == second)
  }

  @Test("A grid of profiles is a table of layers, with means over seeds, and a figure when shown")
  func profiles() throws {
    let session = Fathom.session()
    session.execute("g = saliency mini sst2 samples=3 shots=[1, 2] seed=1..2")
    let grid: Grid = try #require(session[variable: "g"]?.object())
    #expect(grid.table.columns.prefix(3) == ["shots", "layer", "wp"])
    #expect(grid.table.rows.count == 2 * 8)
    #expect(grid.table.rows.allSatisfy { $0[2].plainText.contains("±") })
    #expect(grid.display()["image/svg+xml"] != nil)
  }

  @Test("A list of seeds becomes a grid with one combined figure")
  func grid() {
    let result = session.execute("saliency mini sst2 samples=4 seed=42..44 | plot")
    #expect(result.failure == nil)
  }

  @Test("A grid is saved as the command that makes all of it, plotted or not")
  func gridRecipe() throws {
    let shell = try Shell()
    shell.run("g = saliency mini [sst2, trec] seed=1..2 samples=2")
    shell.run("save g \"$/g.fathom\"; g | plot | save \"$/p.fathom\"")
    let script = try String(contentsOf: shell.url("g.fathom"), encoding: .utf8)
    #expect(script.contains("subject=[sst2, trec]") && script.contains("seed=[1, 2]"))
    #expect(script.contains("# data sst2,") && script.contains("# data trec,"))
    #expect(try String(contentsOf: shell.url("p.fathom"), encoding: .utf8) == script)
    let command = try #require(script.split(separator: "\n").last)
    #expect(shell.text("(\(command)).samples") == shell.text("g.samples"))
  }

  @Test("A grid of prompts is run over, prompt by prompt")
  func gridOfPrompts() throws {
    let shell = try Shell()
    shell.run("g = predict mini (prompt sst2 query=0..2)")
    let grid: Grid = try #require(shell.session[variable: "g"]?.object())
    #expect(grid.axes.map(\.name) == ["query"])
    #expect(grid.axes[0].labels == ["0", "1", "2"])
    let alone = shell.text("(predict mini (prompt sst2 query=2)).logits")
    #expect(shell.text("g[2].logits") == alone)
  }

  @Test("Without demonstrations there is an accuracy, but no flow through label words")
  func zeroShots() throws {
    let shell = try Shell()
    #expect(shell.text("(evaluate mini sst2 shots=0 samples=4).samples") == "4")
    #expect(shell.error("saliency mini sst2 shots=0").hasPrefix("AnalysisError"))
  }

  @Test("Weights that are no numbers give an error, not a plausible result")
  func notFinite() throws {
    let shell = try Shell()
    let folder = shell.url("broken")
    try FileManager.default.copyItem(at: Shell.mini, to: folder)
    let file = folder.appendingPathComponent("model.safetensors")
    var bytes = try Data(contentsOf: file)
    // Weights of a block; 0xFFFF is a NaN in either 16-bit format.
    let start = bytes.count / 4
    bytes.replaceSubrange(start..<start + 4_000, with: Data(repeating: 0xFF, count: 4_000))
    try bytes.write(to: file)
    for verb in ["evaluate", "saliency", "attention"] {
      let error = shell.error("\(verb) (load \"\(folder.path)\") sst2 samples=3")
      #expect(error.hasPrefix("ModelError: the model's output is not a number"), "\(error)")
    }
  }

  @Test("Accuracies of a grid have a figure, and its table has their means")
  func accuracies() throws {
    let shell = try Shell()
    shell.run(
      "g = evaluate mini sst2 shots=[0, 1] seed=1..2 samples=4; g | plot | save \"$/g.svg\"")
    let svg = try String(contentsOf: shell.url("g.svg"), encoding: .utf8)
    #expect(svg.contains("shots=0") && svg.contains("chance") && svg.contains("Accuracy"))
    #expect(shell.text("g.table").contains("±"))
  }

  @Test("A curve that is undefined is said to be, and not drawn empty")
  func undefined() throws {
    let shell = try Shell()
    let error = shell.error("attention mini sst2 samples=4 | plot")
    #expect(error.contains("gives one answer only"), "\(error)")
  }

  @Test("A model without a tokenizer does not keep prompts from being written")
  func bareModel() throws {
    let shell = try Shell()
    let folder = Shell.checkpoints.appendingPathComponent("plain").path
    shell.run("bare = load \"\(folder)\"; predict mini (prompt sst2); describe bare")
    #expect(
      shell.error("trace bare (prompt tokens=[1, 2] labels=[3, 900] answer=3)").contains(
        "label token 900"))
  }

  @Test("A trace is read through the lens and attributed to heads")
  func reading() throws {
    let shell = try Shell()
    shell.run("t = trace mini (prompt sst2)")
    let read = shell.run("t.lens.logits[8]").value.elements?.compactMap(\.number) ?? []
    let logits = shell.run("t.labels").value.elements?.compactMap(\.number) ?? []
    #expect(read.count == 2 && zip(read, logits).allSatisfy { abs($0 - $1) < 1e-4 })
    let lens: LensResult = try #require(shell.run("t.lens").value.object())
    #expect(lens.table.rows.count == 9 && lens.table.columns.count == 5)
    let parts: AttributionResult = try #require(shell.run("t.attribution").value.object())
    // The token, and of every layer four heads, the MLP and the biases; the output's biases.
    #expect(parts.table.rows.count == 1 + 8 * 6 + 1)
    for (column, logit) in logits.enumerated() {
      let sum = parts.table.rows.reduce(0) { $0 + ($1[column + 2].number ?? .nan) }
      #expect(abs(sum - logit) < 1e-3)
    }
    shell.run("t.lens | plot | save \"$/lens.svg\"; t.attribution | plot | save \"$/heads.svg\"")
    for field in ["lens", "attribution"] {
      let error = shell.error("(trace mini (prompt text=\"hello\")).\(field) | plot")
      #expect(error.contains("no label words"), "\(error)")
    }
  }

  @Test("A bad value is an error of its kind, and the session's values survive")
  func errors() {
    #expect(session.execute("x = 3").failure == nil)
    for (cell, name) in [
      ("saliancy mini sst2", "NameError"), ("saliency mini sst2 shots=65", "ArgumentError"),
      ("saliency mini sst2 shots=0", "AnalysisError"),
      ("load \"no/such/folder\"", "ModelError"), ("dataset \"missing.csv\"", "DataError"),
    ] {
      let failure = session.execute(cell).failure
      #expect(failure?.name == name, "\(cell): \(failure?.message ?? "no error")")
    }
    #expect(session.execute("x").display?.plain == "3")
  }
}
