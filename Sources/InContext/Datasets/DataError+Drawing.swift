extension DataError {
  /// What cannot be drawn from the rows.
  public enum Drawing: Error, Sendable, Equatable {
    case fractionOutOfRange(Double)
    case emptyTest(name: String)
    case seedOutOfRange(Int)
    case shotsOutOfRange(Int)
    case samplesOutOfRange(Int)
    case rowOutOfRange(row: Int, count: Int, name: String)
    case tooFewDemonstrations(name: String, wanted: Int, short: [DataError.ClassCount])
  }

  /// A class and how many rows it has.
  public struct ClassCount: Sendable, Equatable {
    public let className: String
    public let count: Int
  }
}

extension DataError.Drawing: CustomStringConvertible {
  public var description: String {
    switch self {
    case .fractionOutOfRange(let fraction):
      return "test=\(fraction) is no fraction between 0 and 1; test=0.2 holds out a fifth."
    case .emptyTest(let name):
      return "\(name) has no test rows; give test= a file, or a larger fraction."
    case .seedOutOfRange(let seed):
      return "seed=\(seed) is outside 0...\(UInt32.max), the seeds of the legacy generator."
    case .shotsOutOfRange(let shots):
      return "shots=\(shots) is negative; 0 gives no demonstrations."
    case .samplesOutOfRange(let samples): return "samples=\(samples) must be at least 1."
    case .rowOutOfRange(let row, let count, let name):
      return "query=\(row) is outside 0...\(count - 1), the test rows of \(name)."
    case .tooFewDemonstrations(let name, let wanted, let short):
      let classes = short.map { "'\($0.className)' has \($0.count)" }.joined(separator: ", ")
      return "\(name) has too few training rows for \(wanted) a class: \(classes)."
    }
  }
}
