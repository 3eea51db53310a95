import Charts
import CommandLanguage
import Foundation
import Testing

@testable import Commands

@Suite("Isolation, flow and label attention from the language")
struct IsolateTests {
  let shell: Shell
  init() throws { shell = try Shell() }

  private func isolation(_ options: String) throws -> IsolationResult {
    try #require(shell.run("isolate mini sst2 samples=6 \(options)").value.object())
  }

  private func figure<F: Figure>(_ cell: String, _ type: F.Type = F.self) throws -> F {
    let value = try #require(shell.run("\(cell) | plot").value.object(FigureValue.self))
    return try #require(value.figure as? F)
  }

  @Test("Isolation is blocking of all that label words see")
  func block() throws {
    let result = try isolation("layers=[0, 3]")
    let blocked = try #require(
      shell.run("evaluate mini sst2 samples=6 block=all to=label layers=[0, 3]").value.object(
        EvaluationResult.self))
    #expect(result.isolation.accuracyIsolated == blocked.evaluation.accuracy)
    for (answer, row) in zip(result.isolation.isolated, blocked.evaluation.rows) {
      let pairs = zip(answer.prediction.logits, row.prediction.logits)
      #expect(pairs.allSatisfy { abs($0 - $1) < 1e-4 })
    }
  }

  @Test("Numbers, table and recipe")
  func values() throws {
    let result = try isolation("what=random words=3")
    #expect(result.table.rows.count == 6)
    #expect(
      result.table.columns == [
        "index", "gold", "predicted", "isolated", "stays", "overlap", "words", "words_isolated",
      ])
    let overlaps = result.table.rows.compactMap { $0[5].number }
    #expect(abs(overlaps.reduce(0, +) / 6 - result.isolation.loyalty.word) < 1e-12)
    #expect(result.summary.contains("random tokens isolated in layers first(5)"))
    shell.run("i = isolate mini sst2 samples=6 what=random words=3; save i \"$/i.fathom\"")
    let command = try #require(try shell.read("i.fathom").split(separator: "\n").last)
    for field in ["label_loyalty", "word_loyalty", "accuracy", "accuracy_isolated", "samples"] {
      #expect(shell.text("(\(command)).\(field)") == shell.text("i.\(field)"))
    }
    shell.run("save i \"$/i.csv\"; save i \"$/i.json\"; save i \"$/i.svg\"")
    #expect(try shell.read("i.csv").hasPrefix("index,gold,predicted,isolated,stays"))
  }

  @Test("The paper's comparison is a bar a condition, with intervals over seeds")
  func comparison() throws {
    let chart: BarChart = try figure(
      "isolate mini sst2 what=[label, random] layers=[first(5), last(5)] seed=1..2 samples=3")
    #expect(chart.groups == ["Label loyalty", "Word loyalty", "Accuracy"])
    #expect(
      chart.series.map(\.name) == [
        "no isolation", "label · first(5)", "label · last(5)", "random · first(5)",
        "random · last(5)",
      ])
    #expect(chart.series.dropFirst().allSatisfy { $0.lower != nil })
  }

  @Test("The sweep is a curve a condition over the number of layers")
  func sweep() throws {
    let chart: LineChart = try figure(
      "isolate mini sst2 what=[label, random] layers=[first(1), first(3), first(5), last(3)] samples=2"
    )
    #expect(chart.panels.map(\.title) == ["Label loyalty", "Word loyalty", "Accuracy"])
    let series = chart.panels[0].series
    #expect(
      series.map(\.name) == [
        "label · first", "label · last", "random · first", "random · last",
      ])
    #expect(series.map(\.x) == [[1, 3, 5], [3], [1, 3, 5], [3]])
  }

  @Test("A grid over several data sets, and one over more conditions than colours")
  func grids() throws {
    let sets: BarChart = try figure("isolate mini [sst2, trec] samples=2")
    #expect(sets.series.map(\.name).suffix(2) == ["sst2", "trec"])
    let many: BarChart = try figure(
      "isolate mini sst2 what=[label, random, text, format] layers=[0, first(2)] samples=2")
    #expect(many.groups.count == 8 && many.groups.first == "label · layers=0")
    #expect(many.series.map(\.name) == ["Label loyalty", "Word loyalty", "Accuracy"])
  }

  @Test(
    "There is one bar without isolation where there is one accuracy, with its interval over seeds")
  func whole() throws {
    let shots: BarChart = try figure("isolate mini trec samples=20 shots=[1, 4]")
    let grid = try #require(
      shell.run("isolate mini trec samples=20 shots=[1, 4]").value.object(Grid.self)
    )
    let accuracies = Set(grid.objects(IsolationResult.self).compactMap(\.isolation.accuracy))
    #expect(accuracies.count == 2, "choose rows on which demonstrations matter")
    #expect(shots.series.map(\.name) == ["shots=1", "shots=4"])
    let seeds: BarChart = try figure(
      "isolate mini trec samples=8 what=[label, random] labels=unrelated seed=1..3")
    #expect(seeds.series.map(\.name) == ["no isolation", "label", "random"])
    let (lower, upper) = (seeds.series[0].lower?[2] ?? 0, seeds.series[0].upper?[2] ?? 0)
    #expect(lower < upper)
  }

  @Test("One prompt has its label words' probabilities, with and without")
  func onePrompt() throws {
    let chart: BarChart = try figure("isolate mini (prompt sst2)")
    #expect(chart.groups == ["negative", "positive"] && chart.series.count == 2)
    #expect(shell.text("isolate mini (prompt sst2)").contains("the answer "))
  }

  @Test("Five layers by default, of a model with fewer all, and that is said")
  func fewLayers() throws {
    let folder = Shell.checkpoints.appendingPathComponent("plain").path
    shell.run("bare = load \"\(folder)\"")
    let prompt = "(prompt tokens=[1, 3, 2, 4, 5, 6] labels=[3, 4] answer=3)"
    let text = shell.text("isolate bare \(prompt)")
    #expect(text.contains("layers first(2)") && text.contains("all layers"), "\(text)")
    #expect(shell.error("isolate bare \(prompt) layers=first(5)").contains("0...1"))
    shell.run("i = isolate bare \(prompt); save i \"$/i.fathom\"")
    let command = try #require(try shell.read("i.fathom").split(separator: "\n").last)
    #expect(command.contains("layers=auto"))
  }

  @Test(
    "What cannot be isolated is said",
    arguments: [
      ("sst2 shots=0", "AnalysisError", "no label word"),
      ("sst2 shots=0 what=random", "AnalysisError", "no label word"),
      ("sst2 shots=0 what=text", "AnalysisError", "text"),
      ("sst2 samples=0", "ArgumentError", "samples"), ("sst2 words=0", "ArgumentError", "words"),
      ("sst2 layers=8", "ArgumentError", "0...7"), ("sst2 what=labels", "ArgumentError", "'label'"),
      ("(prompt text=\"hello\")", "AnalysisError", "label words"),
      ("trec shots=64", "DataError", "Reduce shots"),
    ])
  func refused(arguments: String, name: String, part: String) {
    let error = shell.error("isolate mini \(arguments)")
    #expect(error.hasPrefix(name + ":") && error.contains(part), "\(arguments): \(error)")
  }

  @Test("A label word of several tokens is said to be one")
  func splitLabelWords() throws {
    for verb in ["isolate", "attention", "saliency"] {
      let text = shell.text("\(verb) mini sst2 samples=2 labels=[\" Unpalatable\", \" Positive\"]")
      #expect(text.contains("the first token of"), "\(verb): \(text)")
    }
  }

  @Test("The flow of one prompt: halves side by side, layers of one's own, and the curves")
  func flow() throws {
    let halves: FlowMap = try figure("saliency mini (prompt sst2)")
    #expect(halves.panels.map(\.title) == ["shallow: layers 0 to 3", "deep: layers 4 to 7"])
    let chosen: FlowMap = try figure("saliency mini (prompt sst2) layers=[first(1), 5, last(2)]")
    #expect(
      chosen.panels.map(\.title) == ["layers first(1)", "layers 5", "layers last(2)"])
    let prompts: FlowMap = try figure("saliency mini (prompt sst2 query=0..1)")
    #expect(prompts.panels.count == 4)
    let _: LineChart = try figure("(saliency mini (prompt sst2)).profile")
    #expect(shell.error("saliency mini sst2 samples=2 layers=2").contains("one prompt"))
    #expect(shell.error("saliency mini (prompt sst2) layers=9").contains("0...7"))
  }

  @Test("Label attention by class, and of one prompt")
  func attention() throws {
    let classes: LineChart = try figure("(attention mini trec samples=40).by_class")
    #expect(classes.panels[0].series.count == 6)
    let one: LineChart = try figure("attention mini (prompt sst2)")
    #expect(one.panels[0].series.map(\.name) == ["negative", "positive"])
    #expect(shell.text("table (attention mini (prompt sst2))").contains("negative"))
    let grid: LineChart = try figure("attention mini (prompt sst2 query=0..1)")
    #expect(grid.panels.count == 2 && grid.panels.allSatisfy { $0.title.contains("(") })
    let none = shell.error("attention mini sst2 samples=3 labels=[A, B] seed=42..43 | plot")
    #expect(none.contains("one answer only"), "\(none)")
    let undefined = shell.error("(attention mini sst2 samples=4).by_class | plot")
    #expect(undefined.contains("one answer only"), "\(undefined)")
  }

  @Test("Of one prompt a seed, attention is a mean over seeds")
  func attentionOverSeeds() throws {
    let chart: LineChart = try figure("attention mini sst2 samples=1 seed=42..44")
    #expect(chart.panels.count == 1 && chart.panels[0].title.isEmpty)
    #expect(chart.subtitle == "mean over 3 seeds")
    let cells = try #require(
      shell.run("attention mini sst2 samples=1 seed=42..44").value.object(Grid.self)
    ).objects(AttentionResult.self).map { $0.attention.scores[0][7][0] }
    let first = try #require(chart.panels[0].series.first)
    #expect(first.name == "negative")
    #expect(abs((first.y[7] ?? 0) - cells.reduce(0, +) / 3) < 1e-12)
    #expect((first.lower?[7] ?? 0) < (first.upper?[7] ?? 0))
  }

  @Test("A field of a grid is a grid where it has a figure of many")
  func fieldsOfGrids() throws {
    let chart: LineChart = try figure("(attention mini [sst2, trec] samples=40).by_class")
    #expect(chart.panels.map(\.title) == ["sst2", "trec"])
    #expect(chart.panels.map(\.series.count) == [2, 6])
    shell.run("g = (attention mini [sst2, trec] samples=4).by_class; save g \"$/g.csv\"")
    let lines = try shell.read("g.csv").split(separator: "\n")
    #expect(lines[0].hasPrefix("subject,layer,negative,positive,Abbreviation") && lines.count == 17)
    let seeds: LineChart = try figure("(attention mini trec samples=40 seed=1..2).by_class")
    #expect(seeds.panels.count == 1 && seeds.panels[0].series[1].lower != nil)
    let beta = "(reweight mini sst2 samples=1 train=1 epochs=0 baseline=0 seed=1..2).beta"
    let failure = try #require(shell.session.execute("\(beta) | plot").failure)
    #expect(failure.message.contains("each of its 2 values has"), "\(failure.message)")
    shell.run("\(beta)[0] | plot")
  }
}
