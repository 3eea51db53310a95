/// Nearest names, for errors that help.
enum Suggestion {
  /// The candidate a person most likely meant, or nil if none is near.
  static func nearest(to name: String, in candidates: some Sequence<String>) -> String? {
    let wanted = Array(name.lowercased().unicodeScalars)
    guard !wanted.isEmpty, wanted.count <= 64 else { return nil }
    var best: (name: String, distance: Int)?
    for candidate in candidates where candidate != name {
      let letters = Array(candidate.lowercased().unicodeScalars)
      // A third of the letters may be wrong, but never all of them.
      let limit = min(max(1, max(wanted.count, letters.count) / 3), letters.count - 1)
      guard abs(letters.count - wanted.count) <= limit || letters.starts(with: wanted) else {
        continue
      }
      var distance = editDistance(wanted, letters)
      if wanted.count >= 3, letters.starts(with: wanted) { distance = min(distance, limit) }
      if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.name
  }

  /// `; did you mean 'saliency'?`, or nothing.
  static func question(_ name: String, _ candidates: some Sequence<String>) -> String {
    nearest(to: name, in: candidates).map { "; did you mean '\($0)'?" } ?? "."
  }

  /// Insertions, deletions, substitutions and swaps of neighbours that turn one into the other.
  ///
  /// - Complexity: O(n · m).
  static func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    var twoBack: [Int] = []
    var oneBack = Array(0...b.count)
    for i in 0..<a.count {
      var row = [i + 1]
      for j in 0..<b.count {
        var distance = min(row[j], oneBack[j + 1]) + 1
        distance = min(distance, oneBack[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          distance = min(distance, twoBack[j - 1] + 1)
        }
        row.append(distance)
      }
      (twoBack, oneBack) = (oneBack, row)
    }
    return oneBack[b.count]
  }
}

/// `a, b and c`, as a person lists things.
func listed(_ names: [String], _ conjunction: String = "and") -> String {
  guard let last = names.last, names.count > 1 else { return names.first ?? "" }
  return names.dropLast().joined(separator: ", ") + " \(conjunction) " + last
}
