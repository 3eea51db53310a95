extension LineChart {
  public var summary: String {
    let nameCells = min(24, series.map { TextMetrics.cells($0.name) }.max() ?? 0)
    var lines = [sentence]
    for one in series.prefix(16) {
      // One scale for each axis, so that rows of one axis can be compared.
      let side = series.filter { isOnRight($0) == isOnRight(one) }
      let extent = Extent(side.flatMap { $0.runs.joined().map(\.y) })
      let row = one.y.map { $0 ?? .nan }
      let own = Extent(row)
      var line = Blocks.padded(one.name, cells: nameCells)
      line += " " + Blocks.spark(row, in: extent)
      line += own.isEmpty ? "  no values" : "  \(text(own.low)) … \(text(own.high))"
      lines.append(line)
    }
    if series.count > 16 { lines.append("and \(series.count - 16) more series") }
    return lines.joined(separator: "\n")
  }

  /// What is shown, and where each curve has its ends.
  var sentence: String {
    let subject = Blocks.onOneLine(title)
    let place = x.title.isEmpty ? "x" : x.title.lowercased()
    let parts = series.prefix(4).map { one -> String in
      let points = one.runs.joined()
      let name = Blocks.onOneLine(one.name)
      guard let least = points.min(by: { $0.y < $1.y }),
        let most = points.max(by: { $0.y < $1.y })
      else { return "\(name) has no values" }
      if least.y == most.y { return "\(name) is \(text(most.y))" }
      return "\(name) peaks at \(text(most.y)) (\(place) \(NumberText.compact(most.x)))"
        + " and is lowest at \(text(least.y)) (\(place) \(NumberText.compact(least.x)))"
    }
    guard !parts.isEmpty else { return "\(subject): a line chart without series." }
    let more = series.count > 4 ? "; \(series.count - 4) more" : ""
    return "\(subject): \(parts.joined(separator: "; "))\(more)."
  }

  private func text(_ value: Double) -> String { NumberText.compact(value) }
}
