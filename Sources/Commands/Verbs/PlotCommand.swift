import Charts
import CommandLanguage

/// Draws a result.
struct PlotCommand: Command {
  static let group = "looking and keeping"
  static let summary = "Draws a result, a prompt, or a grid of results."
  static let discussion = """
    The figure is shown at once and handed on, so that it can be saved. Of a grid, one curve is drawn \
    for each combination of the lists, with the 95 % interval over seeds as a band.
    """
  static let examples = [
    "prompt sst2 | plot theme=dark", #"tokens mini "A fine film." | plot width=500"#,
  ]

  @Input("What to draw.") var value: DrawnValue
  @Option("Colours; by default those of set theme=.") var theme: Theme?
  @Option("Pixels; by default those of set width=.", in: 280...4_000) var width: Int?
  @Option("A title of your own.") var title: String?

  func run(in session: Session) throws -> Shown {
    var style = FigureStyle(session)
    if let theme { style.theme = theme }
    if let width { style.width = Double(width) }
    let figure = try FigureValue(of: value.shown.value, titled: title, style: style)
    session.show(figure.display())
    return Shown(figure)
  }
}

/// Any value, so that the error may say what can be drawn; Tab offers what has a figure.
struct DrawnValue: ArgumentConvertible, Sendable {
  let shown: ShownValue

  static var typeDescription: String { ShownValue.typeDescription }
  static var acceptsList: Bool { true }
  var argumentText: String { shown.argumentText }

  static func convert(_ value: Value, in session: Session) throws -> DrawnValue? {
    try ShownValue.convert(value, in: session).map(DrawnValue.init)
  }

  static func fits(_ value: Value, in session: Session) -> Bool {
    guard case .object(let object) = value else { return false }
    return object is FigureValue || object is any Plottable || object is Grid
  }
}

extension FigureValue {
  /// The figure of a value that has one.
  ///
  /// - Parameter style: nil leaves it to the value.
  /// - Throws: a ``LanguageError`` if there is none.
  init(of value: Value, titled title: String? = nil, style: FigureStyle? = nil) throws {
    guard case .object(let object) = value else { throw Self.nothing(value) }
    switch object {
    case let figure as FigureValue:
      guard title == nil else {
        throw LanguageError.argument(
          "a figure has its title; give title= where it is first plotted.")
      }
      self = figure
      if let style { self.style = style }
    case let result as any Plottable:
      self.init(
        figure: try result.figure(titled: title), style: style ?? result.recipe.style,
        recipe: result.recipe)
    case let grid as Grid:
      guard let combined = try grid.combined() else { throw Self.nothing(of: grid) }
      try self.init(of: .object(combined), titled: title, style: style)
    default: throw Self.nothing(value)
    }
  }

  private static func nothing(of grid: Grid) -> LanguageError {
    guard let first = grid.objects((any Plottable).self).first else {
      return nothing(.object(grid))
    }
    let lists = (first as? any Liftable).flatMap { type(of: $0).combinable }
    return .type(
      "these results of \(grid.verb) have no figure together; each of the "
        + "\(grid.cells.count.grouped) has.",
      hint: "write GRID[0] | plot for that of the first" + (lists.map { "; \($0)" } ?? ""))
  }

  private static func nothing(_ value: Value) -> LanguageError {
    if let elements = value.elements,
      elements.contains(where: { $0.object((any Plottable).self) != nil })
    {
      return .type(
        "\(value.typeName) has no figure; each of its \(elements.count.grouped) values has.",
        hint: "write LIST[0] | plot for that of the first")
    }
    return .type(
      "\(value.typeName) has no figure.",
      hint: "results of analyses, prompts and tokens can be plotted; table or show shows the rest")
  }
}
