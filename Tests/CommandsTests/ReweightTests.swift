import Checkpoints
import CommandLanguage
import Files
import Foundation
import InformationFlow
import Testing

@testable import Commands

@Suite("Re-weighted attention to label words")
struct ReweightTests {
  let shell: Shell
  init() throws { shell = try Shell() }

  private static let goldens = Shell.repository.appendingPathComponent("Tests/Goldens/reweight")

  private func numbers(_ json: JSONValue?) -> [Double] {
    json?.double.map { [$0] } ?? (json?.array ?? []).flatMap(numbers)
  }

  @Test("The experiment of the paper, row by row, agrees with PyTorch in float64")
  func golden() throws {
    let json = try MappedFile(Self.goldens.appendingPathComponent("cases.json")).json()
    let cases = try #require(json["cases"]?.array)
    #expect(cases.count >= 3)
    for golden in cases {
      let folder = Self.goldens.appendingPathComponent(golden["folder"]!.string!).path
      let options = ["shots", "train", "samples", "epochs", "seed"]
        .map { "\($0)=\(golden[$0]!.int!)" }.joined(separator: " ")
      shell.run(
        "r = reweight (load \"\(folder)\") \(golden["task"]!.string!) \(options) "
          + "rate=\(golden["rate"]!.double!) shared=\(golden["shared"] == .boolean(true)) baseline=0"
      )
      let result: ReweightResult = try #require(shell.session[variable: "r"]?.object())
      let beta = numbers(golden["beta"])
      #expect(result.learned.weights.beta.count == beta.count)
      let apart = zip(result.learned.weights.beta, beta).map { abs($0 - $1) }.max() ?? 1
      #expect(apart < 1e-3, "β is \(apart) off")
      #expect((beta.map(abs).max() ?? 0) > 0.05)
      let losses = numbers(golden["losses"])
      #expect(zip(result.learned.losses.joined(), losses).allSatisfy { abs($0 - $1) < 1e-4 })
      #expect(result.learned.losses.joined().count == losses.count)
      for (evaluation, name) in [(result.plain, "vanilla"), (result.reweighted, "reweighted")] {
        let answers = golden[name]!.array!.compactMap(\.int)
        #expect(evaluation.rows.map(\.prediction.predicted) == answers)
      }
    }
  }

  @Test("Without an epoch β is 0 and every answer stays the same to the last bit")
  func identity() throws {
    shell.run("r = reweight mini trec samples=9 epochs=0 shots=2 baseline=0")
    let result: ReweightResult = try #require(shell.session[variable: "r"]?.object())
    #expect(result.learned.weights.beta.allSatisfy { $0 == 0 })
    for (plain, reweighted) in zip(result.plain.rows, result.reweighted.rows) {
      #expect(plain.prediction.logits == reweighted.prediction.logits)
    }
    #expect(shell.text("r.training").contains("no epoch"))
    shell.run("r.training | plot; r.beta | plot")
  }

  @Test("The result has its figures, its tables, and tensors to save")
  func result() throws {
    shell.run(
      "r = reweight mini sst2 samples=5 train=1 epochs=2; r | plot; r.beta | plot; r.training | plot"
    )
    #expect(shell.text("r.training.loss").split(separator: ",").count == 2)
    shell.run("save r \"$/r.csv\"; save r.beta \"$/b.csv\"; save r.rows \"$/rows.csv\"")
    let lines = try shell.read("r.csv").split(separator: "\n")
    #expect(lines[0] == "method,shots,accuracy,lower,upper,correct,samples" && lines.count == 4)
    #expect(try shell.read("b.csv").split(separator: "\n").count == 1 + 8 * 4 * 2)
    #expect(try shell.read("rows.csv").split(separator: "\n").count == 1 + 5)
    shell.run("save r \"$/r.safetensors\"; save r \"$/r.fathom\"")
    let file = try SafetensorsFile(shell.url("r.safetensors"))
    #expect(file.tensors["beta"]?.shape == [8, 4, 2])
    #expect(try shell.read("r.fathom").contains("reweight model=mini dataset=sst2"))
    #expect(shell.text("cite r").contains("wang2023label"))
  }

  @Test("Over seeds there is one figure with the mean accuracies")
  func grid() throws {
    shell.run("g = reweight mini sst2 samples=4 train=1 epochs=1 seed=1..2")
    #expect(shell.text("g.table").contains("reweighted"))
    shell.run("g | plot | save \"$/g.svg\"")
    let svg = try shell.read("g.svg")
    #expect(svg.contains("vanilla") && svg.contains("2 demonstrations per class"))
  }

  @Test("A comparison that the context cannot hold is made shorter or left out, and that is said")
  func comparison() throws {
    let folder = Self.goldens.appendingPathComponent("gpt2").path
    shell.run("tiny = load \"\(folder)\"")
    let none = shell.text("reweight tiny sst2 samples=3 train=1 epochs=1")
    #expect(none.contains("is too long for gpt2 (320 tokens), so that it is left out"), "\(none)")
    let shorter = shell.text("reweight mini sst2 samples=2 train=64 epochs=0")
    #expect(shorter.contains("65 demonstrations per class is too long for mini"), "\(shorter)")
    let baseline = shell.run("_.baseline_shots").value.number ?? 0
    #expect(baseline > 20 && baseline < 65)
    let few = shell.text("reweight mini trec samples=3 train=1 epochs=1 baseline=128")
    #expect(few.contains("no comparison with more demonstrations"), "\(few)")
  }

  @Test("Label words that the tokenizer splits are named")
  func split() throws {
    let folder = Self.goldens.appendingPathComponent("llama").path
    let text = shell.text(
      "reweight (load \"\(folder)\") trec samples=3 train=1 epochs=1 baseline=0")
    #expect(text.contains("\" Abbreviation\""), "\(text)")
    #expect(text.contains("the first token of"), "\(text)")
  }

  @Test("What cannot be learned from is an error that says so")
  func errors() throws {
    for (cell, start) in [
      ("reweight mini sst2 shots=0", "AnalysisError"),
      ("reweight mini sst2 train=0", "ArgumentError"),
      ("reweight mini sst2 samples=0", "ArgumentError"), ("reweight mini", "ArgumentError"),
      ("reweight mini (prompt sst2)", "TypeError"), ("reweight mini sst2 rate=-1", "ArgumentError"),
      ("reweight mini trec shots=64 train=64", "DataError"),
      ("reweight mini agnews shots=60 samples=2", "DataError"),
    ] {
      let error = shell.error(cell)
      #expect(error.hasPrefix(start), "\(cell): \(error)")
    }
  }
}
