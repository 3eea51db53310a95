/// Lines through points in pixels.
enum Polyline {
  /// The points that show: where several lie in one column of pixels, the first, the lowest, the
  /// highest and the last of them. A curve of a million points looks the same and stays small.
  static func thinned(_ points: [(Double, Double)]) -> [(Double, Double)] {
    guard points.count > 2_000 else { return points }
    var kept: [(Double, Double)] = []
    var column: [(Double, Double)] = []
    func flush() {
      guard column.count > 4 else {
        kept += column
        return
      }
      var picked = [0, column.count - 1]
      let order = column.indices
      if let lowest = order.min(by: { column[$0].1 < column[$1].1 }) { picked.append(lowest) }
      if let highest = order.max(by: { column[$0].1 < column[$1].1 }) { picked.append(highest) }
      var last = -1
      for index in picked.sorted() where index != last {
        kept.append(column[index])
        last = index
      }
    }
    for point in points {
      if let first = column.first, first.0.rounded() != point.0.rounded() {
        flush()
        column = []
      }
      column.append(point)
    }
    flush()
    return kept
  }

  /// Path data.
  static func path(_ points: [(Double, Double)]) -> String {
    var data = ""
    for (index, point) in points.enumerated() {
      data += index == 0 ? "M" : "L"
      data += NumberText.coordinate(point.0) + " " + NumberText.coordinate(point.1)
    }
    return data
  }
}
