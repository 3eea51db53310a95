import Charts
import CommandLanguage
import Foundation
import InformationFlow
import Testing

@testable import Commands
@testable import Transformer

@Suite("Changing attention from the language")
struct InterventionVerbTests {
  let shell: Shell
  init() throws { shell = try Shell() }

  private func trace(_ options: String) throws -> TraceResult {
    let value = shell.run("trace mini (prompt sst2) \(options)").value
    return try #require(value.object(TraceResult.self))
  }

  /// Row `to` of a head's attention.
  private func row(_ trace: TraceResult, layer: Int, head: Int, to: Int) -> ArraySlice<Float> {
    let T = trace.prompt.tokens.count
    return trace.trace.attention[layer][(head * T + to) * T..<(head * T + to + 1) * T]
  }

  @Test("Label words that see nothing see themselves, in the layers and heads that are named")
  func isolation() throws {
    let result = try trace("block=all to=label layers=first(2) heads=[0, 3]")
    let positions = result.prompt.labelPositions.joined()
    #expect(positions.count == 2)
    for position in positions {
      for layer in 0..<8 {
        for head in 0..<4 {
          let line = Array(row(result, layer: layer, head: head, to: position))
          #expect((line[position] == 1) == (layer < 2 && [0, 3].contains(head)))
        }
      }
    }
  }

  @Test("The token behind each label word can be named, and nothing")
  func afterLabel() throws {
    let plain = try trace("")
    let result = try trace("block=after_label to=target")
    let behind = result.prompt.labelPositions.joined().map { $0 + 1 }
    let target = result.prompt.target
    let (before, after) = (
      Array(row(plain, layer: 0, head: 1, to: target)),
      Array(row(result, layer: 0, head: 1, to: target))
    )
    #expect(behind.allSatisfy { before[$0] > 0 && after[$0] == 0 })
    // What they had goes to all others alike.
    let left = 1 - behind.reduce(0) { $0 + before[$1] }
    for position in before.indices where !behind.contains(position) {
      #expect(abs(after[position] - before[position] / left) < 1e-6)
    }
    let nothing = try trace("block=nothing to=target")
    #expect(plain.trace.logits == nothing.trace.logits)
    #expect(shell.error("predict mini (prompt sst2) to=target").contains("block="))
  }

  @Test("An answer says what was changed")
  func headline() {
    let text = shell.text("predict mini (prompt sst2) ablate=\"3.1\" block=label to=target")
    #expect(text.contains("ablate=\"3.1\"") && text.contains("block=label, to=target"), "\(text)")
    #expect(!shell.text("predict mini (prompt sst2)").contains("block="))
  }

  @Test("What is blocked is shared among the other keys, or lost")
  func renormalize() throws {
    for (option, isWhole) in [("", true), (" renormalize=false", false)] {
      let result = try trace("block=all to=target layers=last(1)\(option)")
      let line = row(result, layer: 7, head: 0, to: result.prompt.target)
      #expect(line.dropLast().allSatisfy { $0 == 0 })
      #expect((line.last == 1) == isWhole)
      #expect(line.last.map { $0 > 0 } == true)
    }
  }

  @Test("A head that is ablated writes nothing")
  func ablation() throws {
    let result = try trace(#"ablate=["3.1", "0.2"]"#)
    let K = result.prompt.labelTokens.count
    for layer in 0..<8 {
      for head in 0..<4 {
        let written = result.trace.headAttribution[layer][head * K..<(head + 1) * K]
        #expect(written.allSatisfy { $0 == 0 } == [[3, 1], [0, 2]].contains([layer, head]))
      }
    }
    let plain = shell.text("(predict mini (prompt sst2)).logits")
    let changed = shell.text(#"(predict mini (prompt sst2) ablate=["3.1", "0.2"]).logits"#)
    #expect(plain != changed)
    let layer = shell.text(#"(predict mini (prompt sst2) ablate="3.*").logits"#)
    let each = #"ablate=["3.0", "3.1", "3.2", "3.3"]"#
    #expect(layer == shell.text("(predict mini (prompt sst2) \(each)).logits"))
    #expect(layer != plain)
    #expect(try trace(#"ablate=["3.*", "0.2"]"#).recipe.command.contains(#"["3.*", "0.2"]"#))
  }

  @Test("A list of layers is one choice; a list of lists, or of first(k), is run over")
  func lists() throws {
    let options = "evaluate mini sst2 samples=2 block=all to=label"
    let one = shell.run("\(options) layers=[0, 3]").value.object(EvaluationResult.self)
    #expect(one?.recipe.command.contains("layers=[0, 3]") == true)
    let grid = try #require(
      shell.run("\(options) layers=[first(1), last(2), [0, 3]]").value.object(Grid.self))
    #expect(grid.axes.map(\.name) == ["layers"])
    #expect(grid.axes[0].labels == ["first(1)", "last(2)", "[0, 3]"])
    let heads = shell.run(#"predict mini (prompt sst2) ablate=[["3.1", "0.2"], ["1.1"]]"#).value
    #expect(heads.object(Grid.self)?.cells.count == 2)
  }

  @Test(
    "Lists that go through single heads of several layers are a map of layers by heads",
    arguments: [
      ("evaluate mini sst2 samples=2 seed=1..2", #"ablate=[["0.0"], ["0.1"], ["1.0"], ["1.1"]]"#),
      ("evaluate mini [sst2, trec] samples=2", "block=label layers=[[0], [1]] heads=[[0], [1]]"),
      ("predict mini (prompt sst2)", #"ablate=[["0.0"], ["0.1"], ["1.0"], ["1.1"]]"#),
    ])
  func headMaps(cell: String, lists: String) throws {
    shell.run("g = \(cell) \(lists); g | plot | save \"$/g.svg\"")
    let figure = try #require(shell.session[variable: "g"]?.object(Grid.self)).combined()
    let map = try #require((figure as? FigureValue)?.figure as? HeatMap)
    #expect(map.rowTitle == "Layer" && map.columnTitle == "Head")
    #expect(map.panels.count == (cell.contains("trec") ? 2 : 1))
    for panel in map.panels {
      #expect(panel.rowCount == 2 && panel.columnCount == 2)
      #expect(panel.values.allSatisfy { $0.isFinite })
    }
    if cell.hasPrefix("predict") {
      let one = shell.run("(\(cell) ablate=\"1.0\").answer_probability").value.number
      #expect(map.panels[0].values[2] == one)
    }
  }

  private func headMap(_ cell: String) throws -> HeatMap {
    let grid = try #require(shell.run(cell).value.object(Grid.self))
    let figure = try grid.combined() as? FigureValue
    return try #require(figure?.figure as? HeatMap)
  }

  private let fourHeads = #"["0.0"], ["0.1"], ["1.0"], ["1.1"]"#

  @Test("Prompts of one name have a panel each, and no more is said of them than is so")
  func headMapOfPrompts() throws {
    let prompts = ["(prompt sst2 seed=3)", "(prompt sst2 seed=16)", "(prompt sst2 seed=27)"]
    let map = try headMap(
      "predict mini [\(prompts.joined(separator: ", "))] ablate=[\(fourHeads)]")
    #expect(map.panels.map { $0.title.prefix(2) } == ["1.", "2.", "3."])
    for (prompt, panel) in zip(prompts, map.panels) {
      let one = shell.run("(predict mini \(prompt) ablate=\"0.1\").answer_probability").value.number
      #expect(panel.values[1] == one)
    }
    let answers = prompts.map { shell.text("(show \($0)).answer") }
    #expect(map.title.contains(",") == (Set(answers).count == 1), "\(map.title) \(answers)")
    #expect(map.subtitle == "one head ablated")
    let one = try headMap("predict mini (prompt sst2 seed=3) ablate=[\(fourHeads)]")
    #expect(one.title.hasPrefix("Probability of the answer, \""))
    let means = try headMap("predict mini (prompt sst2 seed=[3, 16]) ablate=[\(fourHeads)]")
    #expect(means.subtitle == "one head ablated; mean over 2 seeds" && means.panels.count == 1)
  }

  @Test("A map of heads says what was done to them, and what there is without")
  func headMapNotes() throws {
    let some = "evaluate mini sst2 samples=4"
    let ablated = try headMap("\(some) ablate=[none, \(fourHeads)]")
    let accuracy = try #require(shell.run("(\(some)).accuracy").value.number)
    #expect(
      ablated.subtitle == "one head ablated; with none: \(accuracy.fixed(decimals: 3)); one seed")
    #expect(ablated.panels.count == 1 && ablated.panels[0].values.count == 4)
    let heads = "layers=[[0], [1]] heads=[[0], [1]]"
    let blocked = try headMap("\(some) block=label to=target \(heads)")
    #expect(blocked.subtitle == "block=label to=target in one head; one seed")
    let both = try headMap("\(some) block=[[label], [query]] \(heads)")
    #expect(both.subtitle == "blocked in one head; one seed")
    #expect(both.panels.map(\.title) == ["[label]", "[query]"])
    let sets = try headMap("evaluate mini [sst2, trec] samples=2 ablate=[none, \(fourHeads)]")
    #expect(sets.subtitle?.contains("with none, panel by panel: ") == true)
  }

  @Test("Heads of one layer, several at once, or one twice, are no map")
  func noHeadMap() throws {
    shell.run(#"a = evaluate mini sst2 samples=2 ablate=[["0.0"], ["0.1"]]"#)
    shell.run(#"b = predict mini (prompt sst2) ablate=[["0.0", "1.1"], ["1.0"]]"#)
    shell.run("c = predict mini (prompt sst2) ablate=[[\"0.0\"], \(fourHeads)]")
    let bars = try shell.session[variable: "a"]?.object(Grid.self)?.combined() as? FigureValue
    #expect(bars?.figure is BarChart)
    #expect(try shell.session[variable: "b"]?.object(Grid.self)?.combined() == nil)
    #expect(try shell.session[variable: "c"]?.object(Grid.self)?.combined() == nil)
    #expect(shell.error("save b \"$/b.svg\"").contains("can be saved as .csv"))
    let advice = shell.session.execute("b | plot").failure?.traceback.joined() ?? ""
    #expect(advice.contains("each of the 2 has"), "\(advice)")
    #expect(advice.contains("GRID[0] | plot") && advice.contains("drawn as a map"), "\(advice)")
    #expect(shell.run("b[0] | plot").passed)
  }

  @Test("A recipe has the changes that were made, and no others")
  func recipes() throws {
    shell.run("a = predict mini (prompt sst2); save a \"$/a.fathom\"")
    for word in ["ablate", "block", "to=", "layers", "heads", "renormalize"] {
      #expect(!(try shell.read("a.fathom").contains(word)))
    }
  }

  @Test("A script makes a changed result again")
  func script() throws {
    shell.run(
      "b = predict mini (prompt sst2) block=[label, 3] layers=1..3 ablate=\"2.0\"; save b \"$/b.fathom\""
    )
    let command = try #require(try shell.read("b.fathom").split(separator: "\n").last)
    #expect(command.contains("block=[label, 3] to=all layers=[1, 2, 3]"))
    #expect(shell.text("(\(command)).logits") == shell.text("b.logits"))
  }

  @Test(
    "What cannot be changed is said, with what would work",
    arguments: [
      ("ablate=3.1", "TypeError", "\"LAYER.HEAD\""), ("ablate=\"8.0\"", "ArgumentError", "0...7"),
      ("ablate=\"0.4\"", "ArgumentError", "0...3"),
      ("ablate=\"8.*\"", "ArgumentError", "no head 8.*"), ("ablate=\"*.1\"", "TypeError", "3.*"),
      ("ablate=\"0.-1\"", "TypeError", "\"3.1\""),
      ("ablate=[]", "TypeError", "LAYER.HEAD"), ("layers=2", "ArgumentError", "block="),
      ("renormalize=false", "ArgumentError", "block="),
      ("block=target", "ArgumentError", "blocks nothing"),
      ("block=900", "ArgumentError", "positions"), ("block=labels", "TypeError", "label"),
      ("block=label layers=first(9)", "ArgumentError", "0...7"),
      ("block=label layers=last(9)", "ArgumentError", "0...7"),
      ("block=label layers=8", "ArgumentError", "0...7"),
      ("block=label heads=4", "ArgumentError", "0...3"),
      ("block=label layers=first(0)", "TypeError", "first(5)"),
      ("block=label layers=first(1e300)", "TypeError", "first(5)"),
      ("block=label layers=first(9007199254740991)", "ArgumentError", "0...7"),
      ("block=label heads=third(2)", "TypeError", "first(5)"),
      ("block=label to=-1", "TypeError", "position"),
    ])
  func refused(options: String, name: String, part: String) {
    let error = shell.error("predict mini (prompt sst2) \(options)")
    #expect(error.hasPrefix(name + ":") && error.contains(part), "\(options): \(error)")
  }

  @Test("A role that no token has is named with those there are")
  func roles() {
    let error = shell.error("predict mini (prompt sst2 shots=0) block=label")
    #expect(error.contains("format, query, target"))
  }

  @Test("Demonstrations that are computed once for all rows change no answer")
  func sharedDemonstrations() throws {
    for options in ["", "block=text to=label", #"ablate="2.3" block=all to=target layers=5"#] {
      let value = shell.run("evaluate mini sst2 shots=2 samples=6 \(options)").value
      let together = try #require(value.object(EvaluationResult.self)).evaluation
      for (index, row) in together.rows.enumerated() {
        let alone = shell.run("predict mini (prompt sst2 shots=2 query=\(index)) \(options)").value
        let prediction = try #require(alone.object(PredictionResult.self)).prediction
        for (a, b) in zip(row.prediction.probabilities, prediction.probabilities) {
          #expect(abs(a - b) < 1e-5)
        }
      }
    }
  }
}
