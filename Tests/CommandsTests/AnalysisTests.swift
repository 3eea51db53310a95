import CommandLanguage
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

  @Test("A bad value is an error of its kind, and the session's values survive")
  func errors() {
    #expect(session.execute("x = 3").failure == nil)
    for (cell, name) in [
      ("saliancy mini sst2", "NameError"), ("saliency mini sst2 shots=0", "ArgumentError"),
      ("load \"no/such/folder\"", "ModelError"), ("dataset \"missing.csv\"", "DataError"),
    ] {
      let failure = session.execute(cell).failure
      #expect(failure?.name == name, "\(cell): \(failure?.message ?? "no error")")
    }
    #expect(session.execute("x").display?.plain == "3")
  }
}
