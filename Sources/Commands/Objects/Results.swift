import Charts
import Checkpoints
import CommandLanguage

/// A value that knows how it was made.
protocol Recorded: LanguageObject {
  var recipe: Recipe { get }
}

/// A value that has a figure: what `plot` draws and what the value's display shows.
protocol Plottable: Recorded {
  /// - Parameter title: what to call it; as the value would if nil.
  func figure(titled title: String?) throws -> any Figure
}

/// A value that has a table: what `table` shows and `save` writes as `.csv` and `.json`.
protocol Tabular: LanguageObject {
  var table: Table { get }
}

/// A value that has tensors: what `save` writes as `.safetensors`.
protocol TensorSource: LanguageObject {
  var tensors: [SafetensorsWriter.Tensor] { get }
  /// What the file says besides the command that made it.
  var tensorMetadata: [String: String] { get }
}

extension TensorSource {
  var tensorMetadata: [String: String] { [:] }
}

/// A value that is written as JSON in a form of its own, and not as its table.
protocol JSONSource: LanguageObject {
  var jsonText: String { get }
}

extension Plottable {
  /// The figure in the style of the session; the summary alone if it cannot be drawn.
  public func display() -> Display { figureDisplay(style: recipe.style) }

  func figureDisplay(style: FigureStyle) -> Display {
    guard let figure = try? figure(titled: nil) else {
      return Display(plain: summary, metadata: recipe.metadata)
    }
    return Display(figure, style: style, recipe: recipe, lead: summary)
  }
}
