import Charts
import CommandLanguage
import LinearAlgebra

extension Grid {
  /// A map of layers by heads, for lists that go through single heads: `ablate=[["0.0"], ["0.1"]]`, or
  /// `layers=` and `heads=` of one each. Means over seeds; a panel for each other choice.
  ///
  /// - Parameter reading: what a cell's colour stands for, a share.
  /// - Returns: nil where no list goes through several layers and several heads.
  func headMap(
    titled title: String, subtitle: String?, valueName: String, reading: (Value) -> Double?
  ) throws -> HeatMap? {
    var panels: [(title: String, values: [Place: Double])] = []
    for group in groups() {
      guard let (place, axes) = Place.of(group) else { return nil }
      let rest = group.title(leavingOut: axes)
      if !panels.contains(where: { $0.title == rest }) { panels.append((rest, [:])) }
      guard let index = panels.firstIndex(where: { $0.title == rest }) else { continue }
      panels[index].values[place] = Statistics.mean(group.cells.compactMap(reading))
    }
    let places = panels.flatMap(\.values.keys)
    let (layers, heads) = (Set(places.map(\.layer)).sorted(), Set(places.map(\.head)).sorted())
    guard layers.count > 1, heads.count > 1 else { return nil }
    return try HeatMap(
      title: title, subtitle: subtitle,
      panels: panels.map { panel in
        try .init(
          panel.title,
          rows: layers.map { layer in
            heads.map { panel.values[Place(layer: layer, head: $0)] ?? .nan }
          }, rowLabels: layers.map(String.init), columnLabels: heads.map(String.init))
      },
      rowTitle: "Layer", columnTitle: "Head", valueName: valueName,
      range: Self.colours(of: panels.flatMap(\.values.values).filter(\.isFinite)))
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
private struct Place: Hashable {
  let layer: Int
  let head: Int

  /// The one head that the labels of a group name, and the axes that name it.
  static func of(_ group: Grid.Group) -> (Place, axes: [String])? {
    func label(_ axis: String) -> String? {
      group.labels.first { $0.axis == axis }?.label.trimming { "[]\" ".contains($0) }
    }
    if let name = label("ablate") {
      guard let (layer, head) = HeadList.head(name), let head else { return nil }
      return (Place(layer: layer, head: head), ["ablate"])
    }
    guard let layer = label("layers").flatMap({ Int($0) }),
      let head = label("heads").flatMap({ Int($0) })
    else { return nil }
    return (Place(layer: layer, head: head), ["layers", "heads"])
  }
}

extension String {
  fileprivate func trimming(_ isLeftOut: (Character) -> Bool) -> String {
    String(drop(while: isLeftOut).reversed().drop(while: isLeftOut).reversed())
  }
}
