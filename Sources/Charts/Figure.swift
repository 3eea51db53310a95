/// Something that can be shown: as a picture (SVG) and as plain text.
///
/// Figures are plain values. The same figure gives the same bytes every time, on every machine of
/// one kind, in every locale.
public protocol Figure: Sendable {
  /// What the figure is called; also its accessible name.
  var title: String { get }

  /// One sentence that names what is shown and the extremes, then a small Unicode chart.
  var summary: String { get }

  /// A complete SVG document without scripts or outside references; it can stand in a file, in an
  /// `<img>`, or inline in a page together with others.
  ///
  /// - Parameter width: Pixels; the height follows. Held inside ``figureWidths``.
  func svg(theme: Theme, width: Double) -> String
}

extension Figure {
  /// The figure in a theme at notebook width (720 pixels).
  public func svg(theme: Theme) -> String { svg(theme: theme, width: defaultFigureWidth) }

  /// The light figure at a width in pixels.
  public func svg(width: Double) -> String { svg(theme: .light, width: width) }

  /// The light figure at notebook width (720 pixels).
  public func svg() -> String { svg(theme: .light, width: defaultFigureWidth) }
}

/// The width in pixels of the output area of a notebook on a laptop.
public let defaultFigureWidth = 720.0

/// The widths in pixels that a figure can be drawn at; others are moved to the nearest.
public let figureWidths = 280.0...4_000.0

/// Why a figure cannot be made from the values given.
public enum ChartError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Two arrays that belong together have different lengths.
  case lengths(of: String, expected: Int, found: Int)
  /// A token names a category that the token map does not have.
  case unknownCategory(String, known: [String])
  /// A range given for an axis or a colour scale is not usable.
  case range(of: String, reason: String)

  public var description: String {
    switch self {
    case .lengths(let subject, let expected, let found):
      "\(subject): \(found) values where \(expected) belong."
    case .unknownCategory(let name, let known):
      "category '\(name)' is not among those given: \(known.joined(separator: ", "))."
    case .range(let subject, let reason):
      "\(subject): \(reason)."
    }
  }
}
