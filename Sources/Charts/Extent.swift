/// The smallest and largest finite value seen. Values beyond ±1e300 count as not finite, so that
/// differences never overflow.
struct Extent: Sendable, Equatable {
  private(set) var low = Double.infinity
  private(set) var high = -Double.infinity

  init() {}

  init(_ values: some Sequence<Double>) {
    for value in values { include(value) }
  }

  init(low: Double, high: Double) {
    include(low)
    include(high)
  }

  var isEmpty: Bool { low > high }
  var span: Double { isEmpty ? 0 : high - low }

  mutating func include(_ value: Double) {
    guard value.isDrawable else { return }
    low = min(low, value)
    high = max(high, value)
  }

  func contains(_ other: Extent) -> Bool {
    other.isEmpty || (low <= other.low && other.high <= high)
  }

  /// Reaches to zero where the values come near it (or are all equal), since a length that starts
  /// elsewhere misleads. An empty extent becomes 0...1.
  func includingNearbyZero() -> Extent {
    guard !isEmpty else { return Extent(low: 0, high: 1) }
    if low == 0, high == 0 { return Extent(low: 0, high: 1) }
    let flat = span <= max(abs(low), abs(high)) * 1e-9
    if low > 0, flat || low < high / 2 { return Extent(low: 0, high: high) }
    if high < 0, flat || high > low / 2 { return Extent(low: low, high: 0) }
    return self
  }
}

extension Double {
  /// Finite, and small enough that the difference of two such values is finite.
  var isDrawable: Bool { magnitude <= 1e300 }
}
