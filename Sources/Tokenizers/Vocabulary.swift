/// The tokens of a model, by id and by bytes.
///
/// Everything is keyed by bytes: Swift's `String` holds "é" in one scalar and in two to be the
/// same key, and a vocabulary has both.
struct Vocabulary: Sendable {
  /// Ids from here on are refused.
  static let idLimit = 1 << 24

  /// Ids from here on are refused in a vocabulary of so many tokens. Tables are as long as the largest
  /// id, and one wrong id shall not make them thousands of times longer than the file.
  static func idLimit(tokens: Int) -> Int { min(idLimit, max(1 << 18, 8 * tokens)) }

  /// Largest id + 1.
  let count: Int
  private let storage: [UInt8]
  /// Where the bytes of each id lie in `storage`; empty and `isKnown` false for unused ids.
  private let starts: [Int32]
  private let lengths: [Int32]
  /// Open addressing: id + 1, or 0 for a free slot.
  private let slots: [Int32]
  private let hash: ByteHash

  /// Makes the tables.
  ///
  /// - Parameters:
  ///   - storage: the bytes of all tokens.
  ///   - entries: id and bytes of each token; those that are not `findable` have bytes, but are
  ///     not found by them. Ids are within `0..<idLimit(tokens:)`. Of equal ones the first counts.
  init(storage: [UInt8], entries: [(id: Int, bytes: Range<Int>, findable: Bool)]) {
    let hash = ByteHash()
    self.hash = hash
    count = (entries.lazy.map(\.id).max() ?? -1) + 1
    var starts = [Int32](repeating: 0, count: count)
    var lengths = [Int32](repeating: -1, count: count)
    var capacity = 64
    while capacity < entries.count * 2 { capacity *= 2 }
    var slots = [Int32](repeating: 0, count: capacity)
    storage.withUnsafeBytes { storage in
      for entry in entries where lengths[entry.id] < 0 {
        starts[entry.id] = Int32(truncatingIfNeeded: entry.bytes.lowerBound)
        lengths[entry.id] = Int32(truncatingIfNeeded: entry.bytes.count)
        guard entry.findable else { continue }
        let bytes = UnsafeRawBufferPointer(rebasing: storage[entry.bytes])
        var slot = hash(bytes) & (capacity - 1)
        while slots[slot] != 0 {
          let other = Int(slots[slot]) - 1
          if lengths[other] == Int32(bytes.count),
            storage[Int(starts[other])..<Int(starts[other]) + bytes.count].elementsEqual(bytes)
          {
            break
          }
          slot = (slot + 1) & (capacity - 1)
        }
        if slots[slot] == 0 { slots[slot] = Int32(truncatingIfNeeded: entry.id) + 1 }
      }
    }
    self.storage = storage
    self.starts = starts
    self.lengths = lengths
    self.slots = slots
  }

  /// The bytes of a token; nil if there is none of that id.
  func bytes(of id: Int) -> ArraySlice<UInt8>? {
    guard id >= 0, id < count, lengths[id] >= 0 else { return nil }
    let start = Int(starts[id])
    return storage[start..<start + Int(lengths[id])]
  }

  /// How many bytes a token has; the id must be known.
  @inline(__always)
  func length(of id: UInt32) -> Int { Int(lengths[Int(id)]) }

  /// The token with these bytes.
  func id(of bytes: UnsafeRawBufferPointer) -> Int? {
    var slot = hash(bytes) & (slots.count - 1)
    while slots[slot] != 0 {
      let id = Int(slots[slot]) - 1
      if Int(lengths[id]) == bytes.count {
        let start = Int(starts[id])
        if storage[start..<start + bytes.count].elementsEqual(bytes) { return id }
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  func id(of bytes: some Collection<UInt8>) -> Int? {
    Array(bytes).withUnsafeBytes { id(of: $0) }
  }
}
