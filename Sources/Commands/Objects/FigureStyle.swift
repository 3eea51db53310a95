import Charts
import CommandLanguage

extension Theme: ChoiceConvertible {}

/// How a figure looks: the session's settings, or what `plot` was told.
struct FigureStyle: Sendable {
  var theme: Theme
  /// Pixels.
  var width: Double

  init(theme: Theme = .light, width: Double = defaultFigureWidth) {
    self.theme = theme
    self.width = width
  }

  init(_ session: Session) {
    self.init(theme: session[.theme], width: Double(session[.width]))
  }
}

extension Display {
  /// A figure: a picture, a sentence with a small chart, and the recipe.
  ///
  /// - Parameter lead: what the text says first.
  init(_ figure: any Figure, style: FigureStyle, recipe: Recipe?, lead: String? = nil) {
    self.init(
      plain: (lead.map { $0 + "\n" } ?? "") + figure.summary,
      svg: figure.svg(theme: style.theme, width: style.width),
      metadata: recipe?.metadata ?? ValueMap())
  }
}
