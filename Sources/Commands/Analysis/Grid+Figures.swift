import Charts
import CommandLanguage
import Foundation

extension Grid {
  /// The title of a figure of all cells: what it shows, and of what if that is one thing; what only some
  /// of `mini on sst2 (A, B), calibrated` say behind their subject is left out.
  func title(_ what: String, of subjects: [String]) -> String {
    func one(_ names: [String]) -> String? {
      names.first.flatMap { first in names.allSatisfy { $0 == first } ? first : nil }
    }
    let bare = subjects.map { subject in
      String(subject.prefix { $0 != "," && $0 != "(" }).trimmingCharacters(in: .whitespaces)
    }
    return (one(subjects) ?? one(bare)).map { "\(what): \($0)" } ?? what
  }

  /// Whether means are taken over several seeds.
  var hasSeeds: Bool { (axis(Self.seedAxis)?.count ?? 0) > 1 }

  /// What the figure's curves are.
  var basis: String {
    hasSeeds ? "mean over \(axis(Self.seedAxis)?.count ?? 1) seeds" : "one seed"
  }
}

/// A curve's mean and 95 % interval over runs that differ in their seed.
struct CurveOverSeeds {
  let mean: [Double?]
  let lower: [Double?]
  let upper: [Double?]
  /// Whether there is more than one run.
  let isMean: Bool

  init(_ curves: [[Double?]]) {
    let count = curves.map(\.count).min() ?? 0
    let intervals = (0..<count).map { index -> ConfidenceInterval? in
      let values = curves.compactMap { $0[index] }
      return values.isEmpty ? nil : ConfidenceInterval(of: values)
    }
    isMean = curves.count > 1
    mean = intervals.map { $0?.mean }
    lower = intervals.map { $0?.lower }
    upper = intervals.map { $0?.upper }
  }
}

extension LineChart.Series {
  /// A curve of means, with their interval where there are several seeds.
  init(_ name: String, over curve: CurveOverSeeds) {
    self.init(
      name, y: curve.mean, lower: curve.isMean ? curve.lower : nil,
      upper: curve.isMean ? curve.upper : nil)
  }
}

extension BarChart.Series {
  /// Bars of means, one a group: with an interval where there are several values, none where there is no
  /// value.
  init(_ name: String, means: [ConfidenceInterval]) {
    func interval(_ end: (ConfidenceInterval) -> Double) -> [Double?]? {
      guard means.contains(where: { $0.halfWidth != nil }) else { return nil }
      return means.map { $0.halfWidth == nil ? nil : end($0) }
    }
    self.init(
      name, values: means.map { $0.count > 0 ? $0.mean : nil }, lower: interval(\.lower),
      upper: interval(\.upper))
  }
}

extension Double {
  /// A share as text: `84.3` of 0.8428.
  var percent: String { (100 * self).fixed(decimals: 1) }
}
