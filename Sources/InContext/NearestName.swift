extension String {
  /// The name most like this one, for an error message: nil if none is near.
  ///
  /// Nearness is the number of letters to insert, delete, change or swap, at most a third of the
  /// letters of the longer name.
  func nearest(among names: [String]) -> String? {
    let wanted = lowercased()
    let measured = names.map { (name: $0, distance: wanted.distance(to: $0.lowercased())) }
    guard let best = measured.min(by: { $0.distance < $1.distance }) else { return nil }
    return best.distance * 3 <= Swift.max(count, best.name.count) ? best.name : nil
  }

  /// The optimal string alignment distance.
  private func distance(to other: String) -> Int {
    let left = Array(unicodeScalars)
    let right = Array(other.unicodeScalars)
    guard !left.isEmpty, !right.isEmpty else { return Swift.max(left.count, right.count) }
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for row in 1...left.count {
      var current = [row]
      for column in 1...right.count {
        let same = left[row - 1] == right[column - 1]
        var best = Swift.min(
          last[column] + 1, current[column - 1] + 1, last[column - 1] + (same ? 0 : 1))
        if row > 1, column > 1, left[row - 1] == right[column - 2],
          left[row - 2] == right[column - 1]
        {
          best = Swift.min(best, beforeLast[column - 2] + 1)
        }
        current.append(best)
      }
      (beforeLast, last) = (last, current)
    }
    return last[right.count]
  }
}
