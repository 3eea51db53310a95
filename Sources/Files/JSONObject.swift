/// The members of a JSON object, in the order they were written.
public struct JSONObject: Sendable {
  /// Names and values, in order.
  public let members: [(key: String, value: JSONValue)]

  /// The position of the first member whose name had been used before, if any.
  let duplicate: Int?

  /// Open addressing over `members`: each slot holds a position in `members`, or −1. Empty for
  /// small objects, where looking at every name is quicker.
  private let slots: [Int32]

  /// Up to this many members are searched one by one.
  private static let smallCount = 8

  /// Makes an object. Of members with equal names the first is the one found by name.
  public init(_ members: [(key: String, value: JSONValue)]) {
    self.members = members
    guard members.count > Self.smallCount else {
      slots = []
      duplicate = members.indices.first { position in
        let key = members[position].key
        return members[..<position].contains { Self.same($0.key, key) }
      }
      return
    }
    var slots = [Int32](repeating: -1, count: Self.slotCount(for: members.count))
    var duplicate: Int?
    for position in members.indices {
      let key = members[position].key
      var slot = Self.hash(key) & (slots.count - 1)
      while slots[slot] >= 0, !Self.same(members[Int(slots[slot])].key, key) {
        slot = (slot + 1) & (slots.count - 1)
      }
      if slots[slot] < 0 {
        slots[slot] = Int32(truncatingIfNeeded: position)
      } else if duplicate == nil {
        duplicate = position
      }
    }
    self.slots = slots
    self.duplicate = duplicate
  }

  /// The value of the member of that name; names are compared byte by byte.
  public subscript(key: String) -> JSONValue? {
    if slots.isEmpty {
      return members.first { Self.same($0.key, key) }?.value
    }
    var slot = Self.hash(key) & (slots.count - 1)
    while slots[slot] >= 0 {
      let member = members[Int(slots[slot])]
      if Self.same(member.key, key) { return member.value }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  /// The names, in order.
  public var keys: [String] { members.map(\.key) }

  /// How many members there are.
  public var count: Int { members.count }

  private static func slotCount(for members: Int) -> Int {
    var count = 32
    while count < members * 2 { count *= 2 }
    return count
  }

  private static func same(_ left: String, _ right: String) -> Bool {
    left.utf8.elementsEqual(right.utf8)
  }

  /// A hash of the name's bytes; `Hasher` is seeded, so a hostile file cannot make names collide.
  private static func hash(_ key: String) -> Int {
    var hasher = Hasher()
    let known: Void? = key.utf8.withContiguousStorageIfAvailable {
      hasher.combine(bytes: UnsafeRawBufferPointer($0))
    }
    if known == nil { for byte in key.utf8 { hasher.combine(byte) } }
    return hasher.finalize()
  }
}

extension JSONObject: Equatable {
  public static func == (left: JSONObject, right: JSONObject) -> Bool {
    left.members.count == right.members.count
      && zip(left.members, right.members).allSatisfy {
        same($0.key, $1.key) && $0.value == $1.value
      }
  }
}
