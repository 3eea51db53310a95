/// What flows between the tokens of a text: tokens in a column, and an arc down from each token to a
/// later one that takes something from it, the more opaque the more it takes. Panels side by side show
/// the same or other texts, each on a scale of its own.
///
/// ```swift
/// let map = try FlowMap(
///   title: "Where information flows", kinds: [.init("to label words"), .init("to the target")],
///   panels: [.init("layers 0–3", tokens: tokens, arcs: [.init(from: 2, to: 7, value: 0.3, kind: 0)])],
///   valueName: "saliency")
/// ```
public struct FlowMap: Figure {
  /// A kind of arc, told by its colour.
  public struct Kind: Sendable, Equatable {
    /// The name in the legend.
    public var name: String
    /// Grey, beneath the others, and not what the scale is made for.
    public var isBackground: Bool

    public init(_ name: String, isBackground: Bool = false) {
      self.name = name
      self.isBackground = isBackground
    }
  }

  /// What flows from one token to another.
  public struct Arc: Sendable, Equatable {
    public var from: Int
    public var to: Int
    /// Nothing is drawn for what is not positive or not finite.
    public var value: Double
    /// An index in the figure's kinds.
    public var kind: Int

    public init(from: Int, to: Int, value: Double, kind: Int) {
      self.from = from
      self.to = to
      self.value = value
      self.kind = kind
    }
  }

  /// One column of tokens with its arcs.
  public struct Panel: Sendable, Equatable {
    public var title: String
    public var tokens: [TokenMap.Token]
    public var arcs: [Arc]

    public init(_ title: String = "", tokens: [TokenMap.Token], arcs: [Arc]) {
      self.title = title
      self.tokens = tokens
      self.arcs = arcs
    }
  }

  public let title: String
  public let subtitle: String?
  public let kinds: [Kind]
  public let categories: [TokenMap.Category]
  public let panels: [Panel]
  /// What the arcs' values are.
  public let valueName: String

  /// - Parameter categories: of the tokens, as in a ``TokenMap``.
  /// - Throws: ``ChartError/unknownCategory(_:known:)``, and ``ChartError/range(of:reason:)`` for an arc
  ///   between tokens or of a kind that there are not.
  public init(
    title: String, subtitle: String? = nil, kinds: [Kind], categories: [TokenMap.Category] = [],
    panels: [Panel], valueName: String
  ) throws(ChartError) {
    let known = Set(categories.map(\.name))
    for panel in panels {
      for case let name? in panel.tokens.map(\.category) where !known.contains(name) {
        throw .unknownCategory(name, known: categories.map(\.name))
      }
      for arc in panel.arcs {
        guard panel.tokens.indices.contains(arc.from), panel.tokens.indices.contains(arc.to),
          kinds.indices.contains(arc.kind)
        else {
          throw .range(
            of: "arc from \(arc.from) to \(arc.to) of kind \(arc.kind)",
            reason: "there are \(panel.tokens.count) tokens and \(kinds.count) kinds")
        }
      }
    }
    self.title = title
    self.subtitle = subtitle
    self.kinds = kinds
    self.categories = categories
    self.panels = panels
    self.valueName = valueName
  }
}

extension FlowMap {
  /// The most arcs that a panel draws: the strongest, those in colour first.
  static let mostArcs = 400
  /// The least share of a panel's strongest arc in colour that is drawn: fainter ones cannot be seen.
  public static let leastShare = 0.03

  /// The value of an arc that is drawn in full: that of the strongest in colour, however strong the
  /// background; of a panel without colours, that of its strongest.
  func fullValue(_ panel: Panel) -> Double {
    let drawable = panel.arcs.filter { $0.value > 0 && $0.value.isDrawable }
    let foreground = drawable.lazy.filter { !kinds[$0.kind].isBackground }.map(\.value).max()
    return foreground ?? drawable.lazy.map(\.value).max() ?? 0
  }

  /// The arcs that are drawn, the weakest first and the background beneath, each with its share.
  func drawn(_ panel: Panel) -> [(arc: Arc, share: Double)] {
    let full = fullValue(panel)
    guard full > 0 else { return [] }
    let visible =
      panel.arcs
      .filter { $0.value.isDrawable && $0.value >= Self.leastShare * full && $0.from != $0.to }
      .sorted { ($0.value, $1.from, $1.to) > ($1.value, $0.from, $0.to) }
    // Most arcs of a text are background, and often the stronger ones: it has the room that is left.
    let front = visible.filter { !kinds[$0.kind].isBackground }.prefix(Self.mostArcs)
    let back = visible.filter { kinds[$0.kind].isBackground }.prefix(Self.mostArcs - front.count)
    // A background stronger than all in colour is measured by itself, or it would be one grey.
    let backgroundFull = max(full, back.first?.value ?? 0)
    return back.reversed().map { ($0, $0.value / backgroundFull) }
      + front.reversed().map { ($0, $0.value / full) }
  }

  /// What to say of a panel where nothing flows in colour.
  func absence(_ panel: Panel) -> String? {
    let drawn = drawn(panel)
    guard drawn.allSatisfy({ kinds[$0.arc.kind].isBackground }) else { return nil }
    let shown = Set(drawn.map(\.arc.kind)).sorted().map { kinds[$0].name }
    return shown.isEmpty ? "nothing flows" : "nothing but \(shown.joined(separator: ", "))"
  }

  public var summary: String {
    var lines = [sentence]
    for panel in panels.prefix(8) {
      let strongest = drawn(panel).filter { !kinds[$0.arc.kind].isBackground }.suffix(5).reversed()
      if !panel.title.isEmpty { lines.append(Blocks.onOneLine(panel.title)) }
      for (arc, share) in strongest {
        lines.append(
          "  " + Blocks.bar(share) + " " + NumberText.compact(arc.value) + "  "
            + Self.ends(arc, of: panel))
      }
      if let absence = absence(panel) { lines.append("  " + Blocks.onOneLine(absence)) }
    }
    return lines.joined(separator: "\n")
  }

  /// What is shown, and the strongest arc.
  var sentence: String {
    let subject = Blocks.onOneLine(title)
    let counts = Set(panels.map(\.tokens.count)).sorted().map(String.init)
    let size = "flow between \(counts.joined(separator: " or ")) tokens"
    let strongest = panels.compactMap { panel in
      drawn(panel).last.map { (arc: $0.arc, panel: panel) }
    }.max { $0.arc.value < $1.arc.value }
    guard let strongest else { return "\(subject): \(counts.isEmpty ? "no tokens" : size), none." }
    return "\(subject): \(size), strongest \(Self.ends(strongest.arc, of: strongest.panel)),"
      + " \(Blocks.onOneLine(valueName)) \(NumberText.compact(strongest.arc.value))."
  }

  /// `'film' (3) → 'Positive' (9)`
  static func ends(_ arc: Arc, of panel: Panel) -> String {
    func token(_ index: Int) -> String {
      "'\(TokenText.plain(panel.tokens[index].text))' (\(index))"
    }
    return "\(token(arc.from)) → \(token(arc.to))"
  }
}
