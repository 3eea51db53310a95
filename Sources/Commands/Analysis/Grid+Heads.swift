import Charts
import CommandLanguage
import LinearAlgebra

extension Grid {
  /// A map of layers by heads, for lists that go through single heads: `ablate=[["0.0"], ["0.1"]]`, or
  /// `layers=` and `heads=` of one each. Means over seeds; a panel for each other choice. What is found
  /// with no head ablated, `none` in the list, is said below the title.
  ///
  /// - Parameters:
  ///   - basis: what the cells are, if it is to be said.
  ///   - reading: what a cell's colour stands for, a share.
  /// - Returns: nil where no list goes through several layers and several heads, each once.
  func headMap(
    titled title: String, basis: String?, valueName: String, reading: (Value) -> Double?
  ) throws -> HeatMap? {
    let groups = groups()
    guard let way = HeadChange(of: self), let panels = way.panels(of: groups, reading: reading)
    else { return nil }
    let places = panels.flatMap { $0.values.keys.compactMap { $0 } }
    let (layers, heads) = (Set(places.map(\.layer)).sorted(), Set(places.map(\.head)).sorted())
    let shares = panels.flatMap { $0.values.filter { $0.key != nil && $0.value.isFinite }.values }
    guard layers.count > 1, heads.count > 1, !shares.isEmpty else { return nil }
    let notes = [way.text(of: self), Self.baseline(of: panels), basis].compactMap { $0 }
    return try HeatMap(
      title: title, subtitle: notes.joined(separator: "; "),
      panels: panels.map { panel in
        try .init(
          panel.title,
          rows: layers.map { layer in
            heads.map { panel.values[Head(layer: layer, head: $0)] ?? .nan }
          }, rowLabels: layers.map(String.init), columnLabels: heads.map(String.init))
      },
      rowTitle: "Layer", columnTitle: "Head", valueName: valueName, range: Self.colours(of: shares))
  }

  /// `with none: 0.600`, and of several panels `with none, panel by panel: 0.600, 0.440`.
  private static func baseline(of panels: [HeadPanel]) -> String? {
    let found = panels.compactMap { $0.values[nil as Head?] }
    guard found.contains(where: \.isFinite) else { return nil }
    let texts = found.map { $0.isFinite ? $0.fixed(decimals: 3) : "no value" }
    return "with none\(found.count > 1 ? ", panel by panel" : ""): " + texts.joined(separator: ", ")
  }

  /// Heads differ by little: the colours are of the shares that there are, but over two hundredths at
  /// least, so that next to nothing does not look like much.
  private static func colours(of shares: [Double]) -> ClosedRange<Double>? {
    let least = 0.02
    guard let low = shares.min(), let high = shares.max() else { return nil }
    let start = min(low, max(0, high - least))
    return start...max(high, start + least)
  }
}

/// One head of one layer.
private struct Head: Hashable {
  let layer: Int
  let head: Int
}

/// What was found for each head, under one choice on the axes that name no heads.
private struct HeadPanel {
  let choice: [Int]
  let title: String
  /// What was found with no head ablated is the value of nil.
  var values: [Head?: Double] = [:]
}

/// How the lists of a grid name a head: each is ablated, or something is blocked in it.
private enum HeadChange: String {
  case ablated = "ablate"
  case blocked = "heads"

  init?(of grid: Grid) {
    guard let way = [Self.ablated, .blocked].first(where: { grid.axis($0.rawValue) != nil }) else {
      return nil
    }
    self = way
  }

  private var axes: [String] { self == .ablated ? ["ablate"] : ["layers", "heads"] }

  /// A panel for each choice on the other axes; nil where a label does not name one head, or a head
  /// comes twice.
  func panels(of groups: [Grid.Group], reading: (Value) -> Double?) -> [HeadPanel]? {
    var panels: [HeadPanel] = []
    for group in groups {
      guard case let .some(head) = head(of: group) else { return nil }
      let choice = zip(group.labels, group.coordinates).filter { !axes.contains($0.0.axis) }
        .map(\.1)
      let value = Statistics.mean(group.cells.compactMap(reading)) ?? .nan
      let index = panels.firstIndex { $0.choice == choice } ?? panels.count
      if index == panels.count {
        panels.append(HeadPanel(choice: choice, title: group.title(leavingOut: axes)))
      }
      guard panels[index].values.updateValue(value, forKey: head) == nil else { return nil }
    }
    return panels
  }

  /// The head that the labels of a group name, nil for none of them; no value where they name anything
  /// else.
  private func head(of group: Grid.Group) -> Head?? {
    func label(_ axis: String) -> String? {
      group.labels.first { $0.axis == axis }?.label.trimming { "[]\" ".contains($0) }
    }
    guard self == .blocked else {
      guard let name = label("ablate") else { return nil }
      if name == "none" { return .some(nil) }
      guard let (layer, head) = HeadList.head(name), let head else { return nil }
      return Head(layer: layer, head: head)
    }
    guard let layer = label("layers").flatMap({ Int($0) }),
      let head = label("heads").flatMap({ Int($0) })
    else { return nil }
    return Head(layer: layer, head: head)
  }

  /// What was done in all cells of a grid: `one head ablated`, `block=label in one head`.
  func text(of grid: Grid) -> String {
    let arguments = grid.cells.first?.object((any Recorded).self)?.recipe.arguments ?? []
    let changes = ["block", "to", "layers", "heads", "ablate", "renormalize"].compactMap {
      name -> String? in
      guard grid.axis(name) == nil, let given = arguments.first(where: { $0.name == name }),
        name == "block" || !["all", "true"].contains(given.text)
      else { return nil }
      return "\(name)=\(given.text)"
    }
    switch self {
    case .ablated: return (["one head ablated"] + changes).joined(separator: ", ")
    case .blocked:
      return (changes.isEmpty ? "blocked" : changes.joined(separator: " ")) + " in one head"
    }
  }
}

extension String {
  fileprivate func trimming(_ isLeftOut: (Character) -> Bool) -> String {
    String(drop(while: isLeftOut).reversed().drop(while: isLeftOut).reversed())
  }
}
