import Charts
import CommandLanguage
import Foundation
import Testing

@testable import Commands

@Suite("Label choices, calibration and confusion")
struct LabelChoiceTests {
  let shell: Shell
  init() throws { shell = try Shell() }

  @Test(
    "Every way to say label words gives the same answers",
    arguments: [
      "(evaluate mini sst2 labels=unrelated samples=4).rows",
      "(evaluate mini sst2 labels=[\" A\", \" B\"] samples=4).rows",
      "(evaluate mini sst2 labels={\"positive\": \"B\", \"negative\": \"A\"} samples=4).rows",
      "(evaluate mini (relabel sst2 labels=unrelated) samples=4).rows",
      "d = dataset sst2 | relabel labels=[A, B]; (d | evaluate model=mini samples=4).rows",
    ])
  func ways(cell: String) {
    #expect(
      shell.text(cell) == shell.text("(evaluate mini sst2 labels=[A, B] samples=4).rows"))
    #expect(shell.text(cell) != shell.text("(evaluate mini sst2 samples=4).rows"))
  }

  @Test("Other label words work in every verb that takes a data set")
  func everywhere() {
    for verb in ["saliency mini", "attention mini", "confuse mini", "evaluate mini", "prompt"] {
      let few = verb == "prompt" ? "" : " samples=3"
      shell.run("\(verb) sst2 labels=[A, B]\(few)")
      shell.run("\(verb) (relabel sst2 labels=unrelated)\(few)")
    }
    #expect(shell.text("(prompt sst2 labels=[A, B]).label_words").contains("\" A\""))
    #expect(shell.text("predict mini (prompt sst2 labels=unrelated)").contains("\" B\""))
    shell.run("g = evaluate mini sst2 labels=[[A, B], [x, y]] samples=2")
    let grid: Grid? = shell.session[variable: "g"]?.object()
    #expect(grid?.cells.count == 2)
  }

  @Test("A result with other label words is made again from its recipe")
  func recipe() throws {
    shell.run("e = evaluate mini (relabel sst2 labels=[A, B]) samples=3; save e \"$/e.fathom\"")
    let command = try #require(try shell.read("e.fathom").split(separator: "\n").last)
    #expect(command.contains("(relabel sst2 labels=[\"A\", \"B\"])"))
    #expect(shell.text("(\(command)).rows") == shell.text("e.rows"))
    #expect(shell.text("e").contains("mini on sst2 (A, B)"))
  }

  @Test("Label words of one's own are in the title, however they were given")
  func titles() {
    for verb in [
      "evaluate mini", "isolate mini", "saliency mini", "confuse mini", "attention mini",
      "compress mini timed=0 method=text_anchor", "reweight mini train=1 epochs=0 baseline=0",
    ] {
      for subject in ["sst2 labels=unrelated", "(relabel sst2 labels=unrelated)"] {
        let text = shell.text("\(verb) \(subject) samples=2")
        #expect(text.contains("mini on sst2 (A, B)"), "\(verb) \(subject): \(text)")
      }
    }
    shell.run("g = evaluate mini sst2 labels=[[A, B], [x, y]] samples=2 | plot")
    let grid = shell.session[variable: "g"]?.object(FigureValue.self)
    #expect(grid?.figure.title == "Accuracy: mini on sst2")
  }

  @Test("Numbers of a grid are called as the fields are")
  func measurements() throws {
    for cell in [
      "evaluate mini sst2 samples=2 calibrate=true seed=1..2",
      "confuse mini trec samples=12 seed=1..2",
      "isolate mini sst2 samples=2 seed=1..2", "predict mini (prompt sst2 query=0..1)",
      "reweight mini sst2 samples=2 train=1 epochs=0 seed=1..2",
    ] {
      let grid = try #require(shell.run(cell).value.object(Grid.self))
      let object = try #require(grid.cells[0].object((any LanguageObject).self))
      let names = grid.observations.columns.filter { grid.axis($0) == nil }
      #expect(!names.isEmpty && names.allSatisfy(object.fieldNames.contains), "\(cell): \(names)")
      for (name, value) in zip(grid.observations.columns, grid.observations.rows[0])
      where grid.axis(name) == nil {
        #expect(object.field(name)?.number == value.number, "\(cell): \(name)")
      }
    }
  }

  @Test("An order goes with demonstrations that are drawn")
  func order() {
    let prompt = shell.error("evaluate mini (prompt sst2) order=shuffled")
    #expect(prompt.contains("order= goes with a data set"), "\(prompt)")
    shell.run("a = (compress mini sst2 samples=1 timed=0 method=hidden_anchor).anchors")
    let after = shell.error("evaluate mini sst2 samples=2 after=a order=shuffled")
    #expect(after.contains("order= does not go with after="), "\(after)")
    let none = shell.text("evaluate mini sst2 samples=2 shots=0 order=shuffled")
    #expect(!none.contains("demonstrations shuffled"), "\(none)")
  }

  @Test("Label words that are split are said to be")
  func split() {
    let words = "labels=[\" unbelievably\", \" extraordinarily\"]"
    for verb in ["evaluate mini sst2 samples=2", "confuse mini sst2 samples=3", "prompt sst2"] {
      let text = shell.text("\(verb) \(words)")
      #expect(text.contains("the first token of"), "\(text)")
    }
  }

  @Test("Wrong label words are errors that say what to do")
  func errors() {
    for (cell, part) in [
      ("relabel sst2 labels=[A]", "at least two classes"),
      ("relabel trec labels=[A, B]", "6"), ("relabel sst2 labels=[A, A]", "two classes have"),
      ("relabel sst2 labels=[1, 2]", "token ids go with prompt"),
      ("relabel sst2", "labels="), ("evaluate mini (prompt sst2) labels=[A, B]", "one prompt"),
      ("evaluate mini (prompt sst2) calibrate=true", "goes with a data set"),
      ("prompt text=\"a\" labels=unrelated", "a list of words or token ids"),
    ] {
      #expect(shell.error(cell).contains(part), "\(shell.error(cell))")
    }
  }

  @Test("Calibrated answers say what they were before, and what is to be cited")
  func calibration() {
    shell.run("e = evaluate mini trec samples=12 calibrate=true order=shuffled shots=2")
    let text = shell.text("e")
    #expect(text.contains("before calibration") && text.contains("texts that say nothing"))
    #expect(text.contains("right by class: Abbreviation"))
    #expect(shell.text("cite e").contains("zhao2021calibrate"))
    #expect(!shell.text("cite (evaluate mini sst2 samples=1)").contains("zhao2021"))
    #expect(shell.text("e.by_class").contains("precision"))
    // The bias adds up to one; a change of attention is a change of it, too.
    let bias = shell.run("e.bias").value.elements?.compactMap(\.number) ?? []
    #expect(abs(bias.reduce(0, +) - 1) < 1e-9)
    let cut = "evaluate mini sst2 samples=4 calibrate=true block=query to=target"
    #expect(
      shell.text("(\(cut)).bias")
        != shell.text("(evaluate mini sst2 samples=4 calibrate=true).bias"))
    // A text that says nothing has no position 20; heads are taken out of it all the same.
    let far = "evaluate mini sst2 samples=2 shots=0 calibrate=true"
    let plain = shell.text("(\(far)).bias")
    #expect(shell.text("(\(far) block=query to=20).bias") == plain)
    #expect(shell.text("(\(far) block=query to=20 ablate=\"1.1\").bias") != plain)
    #expect(shell.error("\(far) block=query to=target layers=99").contains("99"))
    shell.run("g = evaluate mini sst2 samples=4 calibrate=[false, true] | plot | save \"$/g.svg\"")
    #expect((try? shell.read("g.svg"))?.contains("calibrate=true") == true)
  }

  @Test("Confusion is a figure of two maps, a table of pairs, and a grid of correlations")
  func confusion() throws {
    shell.run("c = confuse mini trec samples=24 pool=4")
    #expect(shell.text("c").contains("most confused"))
    shell.run(
      "plot c | save \"$/c.svg\"; save c \"$/c.csv\"; save c \"$/c.json\"; save c \"$/c.fathom\"")
    let svg = try shell.read("c.svg")
    #expect(svg.contains("Predicted from keys: ") && svg.contains("Measured, AUC: "))
    #expect(svg.contains("lowest") && svg.contains("highest"))
    let lines = try shell.read("c.csv").split(separator: "\n")
    #expect(lines.count == 16 && lines[0] == "first,second,predicted,auc")
    #expect(try shell.read("c.fathom").contains("layer=5"))
    shell.run("g = confuse mini trec samples=12 layer=[2, 5] seed=1..2; plot g | save \"$/g.svg\"")
    #expect(try shell.read("g.svg").contains("layer=2"))
    #expect(shell.text("g.table").contains("correlation"))
    shell.run("s = confuse mini trec samples=12 seed=1..2; plot s | save \"$/s.svg\"")
    #expect(try shell.read("s.svg").contains("mean over 2 seeds"))
  }

  @Test("What cannot be said of confusion is said to be undefined")
  func undefined() {
    let text = shell.text("confuse mini sst2 samples=1")
    #expect(
      text.contains("AUC undefined, for want") && text.contains("nothing predicted"), "\(text)")
    #expect(shell.text("confuse mini sst2 samples=8").contains("undefined over one pair"))
    #expect(shell.text("confuse mini trec samples=4 components=50").contains("there are only "))
    shell.run("g = confuse mini sst2 samples=8 layer=[1, 2] | plot")
    let grid = shell.text("(confuse mini sst2 samples=8 layer=[1, 2]).table")
    #expect(grid.contains("layer  correlation"), "\(grid)")
    #expect(grid.contains("\n    1  –\n"), "\(grid)")
    #expect(grid.contains("\n– rank correlation undefined over one pair"), "\(grid)")
    let pairs = shell.text("(confuse mini sst2 samples=1).pairs")
    #expect(pairs.contains("\n– AUC undefined, for want of test rows"), "\(pairs)")
    let figure = shell.session[variable: "g"]?.object(FigureValue.self)?.figure as? BarChart
    #expect(figure?.values.title == "AUC" && figure?.groups == ["layer=1", "layer=2"])
    #expect(figure?.series.first?.values.allSatisfy { $0 != nil } == true)
    let none = shell.error("confuse mini sst2 samples=1 layer=[1, 2] pool=1 | plot")
    #expect(none.contains("undefined"), "\(none)")
    shell.run("both = confuse mini [sst2, trec] samples=8")
    let note = shell.text("both.table")
    #expect(note.contains("\n– sst2: rank correlation undefined over one pair; trec: "), "\(note)")
    let together = shell.session.execute("both | plot").failure?.traceback.joined() ?? ""
    #expect(together.contains("mini on sst2: rank correlation undefined"), "\(together)")
    #expect(together.contains("mini on trec: ") && together.contains("GRID[0] | plot"))
    #expect(shell.run("both[0] | plot").passed)
    let alone = shell.session.execute("confuse mini sst2 samples=1 pool=1 | plot").failure
    #expect(alone?.traceback.joined().contains("more test rows with samples=") == true)
    #expect(shell.error("confuse mini trec layer=8").contains("its layers are 0...7"))
    #expect(shell.error("confuse mini trec samples=0").contains("at least 1"))
    #expect(shell.error("confuse mini (prompt sst2)").hasPrefix("TypeError"))
  }

  @Test("A nearly right word is asked about, and an option has help of its own")
  func nearWords() {
    let failure = shell.session.execute("evaluate mini sst2 block=lable").failure
    #expect(failure?.traceback.joined().contains("did you mean 'label'?") == true)
    #expect(shell.text("help block").contains("evaluate"))
    #expect(shell.error("help lyers").contains("did you mean 'layers'?"))
  }

  @Test("A certificate with a failure is no success")
  func verdict() throws {
    try shell.copyOfMini("m", changing: "config.json") { $0 }
    #expect(shell.run("m = load \"$/m\"; c = describe m check=true").passed)
    let config = shell.url("m").appendingPathComponent("config.json")
    try (Data(contentsOf: config) + Data("\n".utf8)).write(to: config)
    #expect(!shell.run("c = describe m check=true; print \"done\"").passed)
  }
}
