/// The values a parameter may have: `1...32`, `0...`, `...1`, `0..<1`.
public struct Limits<Bound: Comparable> {
  /// As help lists them: `1...32`, `at least 1`.
  let text: String
  let contains: (Bound) -> Bool
}

/// A Swift range that can limit a parameter.
public protocol LimitRange<Bound> {
  associatedtype Bound: Comparable
  var limits: Limits<Bound> { get }
}

extension ClosedRange: LimitRange {
  public var limits: Limits<Bound> {
    Limits(text: "\(plain(lowerBound))...\(plain(upperBound))", contains: contains)
  }
}

extension Range: LimitRange {
  public var limits: Limits<Bound> {
    Limits(text: "\(plain(lowerBound))..<\(plain(upperBound))", contains: contains)
  }
}

extension PartialRangeFrom: LimitRange {
  public var limits: Limits<Bound> {
    Limits(text: "at least \(plain(lowerBound))", contains: contains)
  }
}

extension PartialRangeThrough: LimitRange {
  public var limits: Limits<Bound> {
    Limits(text: "at most \(plain(upperBound))", contains: contains)
  }
}

extension PartialRangeUpTo: LimitRange {
  public var limits: Limits<Bound> {
    Limits(text: "less than \(plain(upperBound))", contains: contains)
  }
}

private func plain(_ bound: some Comparable) -> String {
  (bound as? any ArgumentConvertible)?.argumentText ?? String(describing: bound)
}
