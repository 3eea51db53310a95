import CommandLanguage
import Testing

@testable import Commands

/// A script of a grid runs the same cells again.
@Suite("Recipes of lists")
struct RecipeOfListsTests {
  @Test(
    "A list of lists comes back as one, with a plain run among them or without",
    arguments: [
      #"predict mini p ablate=[["6.1"], ["6.2"]]"#,
      #"predict mini p ablate=[none, ["6.1"]]"#,
      #"predict mini p ablate=[["6.1", "6.2"], ["7.2"]]"#,
      "predict mini p block=[[label], [query]]",
      "predict mini p block=[nothing, label, after_label]",
      "predict mini p block=label to=[[target], [query]]",
      "predict mini p block=label layers=[[0], [1]] heads=[[0], [1]]",
      "predict mini (prompt sst2 seed=[1, 2])",
    ])
  func roundTrip(command: String) throws {
    let session = Fathom.session()
    _ = session.execute("p = prompt sst2")
    let grid = try #require(session.execute(command).value.object(Grid.self), "\(command)")
    let recipe = try #require(Recipe(of: grid))
    let outcome = Fathom.session().execute(recipe.script)
    let again = try #require(outcome.value.object(Grid.self), "\(recipe.command)")
    #expect(again.cells.count == grid.cells.count, "\(recipe.command)")
    for (a, b) in zip(grid.cells, again.cells) {
      #expect(a.text == b.text, "\(recipe.command)")
    }
  }
}
