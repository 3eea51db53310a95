import Charts
import CommandLanguage

/// A figure as a value of the language: what `plot` makes.
struct FigureValue: LanguageObject {
  static var typeName: String { "figure" }

  let figure: any Figure
  var style: FigureStyle
  let recipe: Recipe?

  var summary: String { "figure '\(figure.title)'" }

  var svg: String { figure.svg(theme: style.theme, width: style.width) }

  func display() -> Display { Display(figure, style: style, recipe: recipe) }

  var fieldNames: [String] { ["title", "svg", "text"] }

  func field(_ name: String) -> Value? {
    switch name {
    case "title": figure.title.value
    case "svg": svg.value
    case "text": figure.summary.value
    default: nil
    }
  }
}
