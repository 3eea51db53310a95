/// What a decoder was found to do when it was checked against itself; see ``SelfCheck``.
public struct Certificate: Sendable {
  /// One thing that was checked.
  public struct Line: Sendable, Equatable {
    public let name: String
    /// The largest deviation that was found, or another number that `detail` explains; nil if it could
    /// not be measured.
    public let measured: Double?
    /// What `measured` may be at most; nil where any number will do.
    public let tolerance: Double?
    /// What `measured` is of.
    public let detail: String
    /// What to do if it fails.
    public let advice: String

    public init(
      _ name: String, measured: Double?, tolerance: Double?, detail: String, advice: String
    ) {
      self.name = name
      self.measured = measured
      self.tolerance = tolerance
      self.detail = detail
      self.advice = advice
    }

    /// Whether it was left out, because what failed before it would make it fail.
    public var isSkipped = false

    /// A number that is no number passes nothing.
    public var passed: Bool {
      guard let measured, measured.isFinite else { return false }
      return tolerance.map { measured <= $0 } ?? true
    }
  }

  public var lines: [Line]
  /// Length of the residual stream at the last position: of the embedding, then after each block;
  /// empty if it could not be computed.
  public let residualNorms: [Double]

  public var passed: Bool { lines.allSatisfy(\.passed) }
}
