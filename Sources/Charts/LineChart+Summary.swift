extension LineChart {
  public var summary: String {
    let nameCells = min(32, series.map { TextMetrics.cells($0.name) }.max() ?? 0)
    let most = 24
    var lines = [sentence]
    var room = most
    for panel in panels where room > 0 {
      if !panel.title.isEmpty { lines.append(Blocks.onOneLine(panel.title)) }
      for one in panel.series.prefix(room) { lines.append(line(one, nameCells: nameCells)) }
      room -= panel.series.count
    }
    if series.count > most { lines.append("and \(series.count - most) more series") }
    return lines.joined(separator: "\n")
  }

  /// A curve as a spark line; one scale for each axis, so that rows of one axis can be compared.
  private func line(_ one: Series, nameCells: Int) -> String {
    let side = series.filter { isOnRight($0) == isOnRight(one) }
    let extent = Extent(side.flatMap { $0.runs.joined().map(\.y) })
    let row = one.y.map { $0 ?? .nan }
    let own = Extent(row)
    return Blocks.padded(one.name, cells: nameCells) + " " + Blocks.spark(row, in: extent)
      + (own.isEmpty ? "  no values" : "  \(text(own.low)) … \(text(own.high))")
  }

  /// What is shown, and where each curve has its ends.
  var sentence: String {
    let subject = Blocks.onOneLine(title)
    let place = x.title.isEmpty ? "x" : x.title.lowercased()
    let curves = panels.flatMap { panel in panel.series.map { (panel.title, $0) } }
    let parts = curves.prefix(4).map { panel, one -> String in
      let points = one.runs.joined()
      let name = Blocks.onOneLine(panel.isEmpty ? one.name : "\(panel), \(one.name)")
      guard let least = points.min(by: { $0.y < $1.y }),
        let most = points.max(by: { $0.y < $1.y })
      else { return "\(name) has no values" }
      if least.y == most.y { return "\(name) is \(text(most.y))" }
      return "\(name) peaks at \(text(most.y)) (\(place) \(NumberText.compact(most.x)))"
        + " and is lowest at \(text(least.y)) (\(place) \(NumberText.compact(least.x)))"
    }
    guard !parts.isEmpty else { return "\(subject): a line chart without series." }
    let more = curves.count > 4 ? "; \(curves.count - 4) more" : ""
    return "\(subject): \(parts.joined(separator: "; "))\(more)."
  }

  private func text(_ value: Double) -> String { NumberText.compact(value) }
}
