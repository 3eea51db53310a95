/// What each pair of neighbouring tokens merges to, and how early.
struct MergeTable: Sendable {
  /// What ``subscript(_:_:)`` says of a pair that does not merge.
  static let none = UInt64.max

  private let keys: [UInt64]
  private let values: [UInt64]
  private let hash = ByteHash()

  struct Merge {
    let left: UInt32
    let right: UInt32
    let result: UInt32
    /// The smaller, the earlier; merges with the same result may share one.
    let rank: UInt32
  }

  /// Makes the table; of equal pairs the last one counts.
  init(_ merges: [Merge]) {
    var capacity = 64
    while capacity < merges.count * 2 { capacity *= 2 }
    // No pair of ids is all ones, as ids stay below `Vocabulary.idLimit`.
    var keys = [UInt64](repeating: .max, count: capacity)
    var values = [UInt64](repeating: Self.none, count: capacity)
    for merge in merges {
      let key = Self.key(merge.left, merge.right)
      var slot = hash(key) & (capacity - 1)
      while keys[slot] != .max, keys[slot] != key { slot = (slot + 1) & (capacity - 1) }
      keys[slot] = key
      values[slot] = UInt64(merge.rank) << 32 | UInt64(merge.result)
    }
    self.keys = keys
    self.values = values
  }

  @inline(__always)
  private static func key(_ left: UInt32, _ right: UInt32) -> UInt64 {
    UInt64(left) << 32 | UInt64(right)
  }

  /// The merge of a pair: its rank in the upper 32 bits, the token it gives in the lower ones,
  /// so that the smaller value is the earlier merge.
  @inline(__always)
  subscript(left: UInt32, right: UInt32) -> UInt64 {
    let key = Self.key(left, right)
    var slot = hash(key) & (keys.count - 1)
    while true {
      if keys[slot] == key { return values[slot] }
      if keys[slot] == .max { return Self.none }
      slot = (slot + 1) & (keys.count - 1)
    }
  }
}
