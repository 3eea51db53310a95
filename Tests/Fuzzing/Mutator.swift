import Files

/// Makes wrong files of right ones. The same seed makes the same file.
public struct Mutator {
  /// For choices of the caller's own.
  public var random: SplitMix

  public init(seed: Int) { random = SplitMix(state: UInt64(truncatingIfNeeded: seed)) }

  private static let bytes: [UInt8] =
    [0, 1, 0x20, 0x22, 0x2C, 0x2D, 0x30, 0x39, 0x5B, 0x7B, 0x7D] + [
      0x7F, 0x80, 0xC3, 0xED, 0xF4, 0xFE, 0xFF,
    ]
  private static let numbers: [UInt64] = [
    0, 1, 2, 7, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF,
    0x1_0000_0000, 1 << 40, 1 << 62, UInt64(Int64.max), 1 << 63, .max - 1, .max,
  ]
  private static let digits = [
    "0", "1", "-1", "2", "3", "7", "64", "65536", "16777217", "2147483648", "4294967296",
    "4611686018427387904", "9223372036854775807", "9223372036854775808",
    "-9223372036854775808", "1e300", "1e-300", "0.5", "1e999",
  ]

  /// Changes a few places of a file.
  ///
  /// - Parameters:
  ///   - donor: another file, pieces of which may get into this one.
  ///   - focus: where most changes are to be made: where a file's rules are.
  public mutating func mutate(
    _ original: [UInt8], donor: [UInt8], focus: Range<Int>? = nil
  ) -> [UInt8] {
    var bytes = original
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      guard !bytes.isEmpty else { break }
      let whole = bytes.indices
      let wished = focus.map { $0.clamped(to: whole) } ?? whole
      let isFocused = !wished.isEmpty && Int.random(in: 0..<4, using: &random) > 0
      change(&bytes, at: Int.random(in: isFocused ? wished : whole, using: &random), donor)
    }
    return bytes
  }

  private mutating func change(_ bytes: inout [UInt8], at place: Int, _ donor: [UInt8]) {
    switch Int.random(in: 0..<10, using: &random) {
    case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1: bytes[place] = .random(in: .min ... .max, using: &random)
    case 2: bytes[place] = Self.bytes.randomElement(using: &random) ?? 0
    case 3: bytes.removeSubrange(piece(of: bytes, at: place))
    case 4: bytes.insert(contentsOf: Array(bytes[piece(of: bytes, at: place)]), at: place)
    case 5: bytes.removeSubrange(place...)
    case 6 where !donor.isEmpty:
      let start = Int.random(in: donor.indices, using: &random)
      bytes.insert(contentsOf: donor[piece(of: donor, at: start)], at: place)
    case 7: overwriteNumber(&bytes, at: place)
    case 8: overwriteDigits(&bytes, near: place)
    default:
      let other = Int.random(in: bytes.indices, using: &random)
      bytes.swapAt(place, other)
    }
  }

  /// Mostly short, sometimes as far as the file goes.
  private mutating func piece(of bytes: [UInt8], at start: Int) -> Range<Int> {
    let limit =
      Bool.random(using: &random) ? 8 : Int.random(in: 0..<8, using: &random) == 0 ? .max : 200
    let longest = min(limit, bytes.count - start)
    return start..<start + Int.random(in: 1...max(1, longest), using: &random)
  }

  /// A binary number of one to eight bytes, little-endian.
  private mutating func overwriteNumber(_ bytes: inout [UInt8], at place: Int) {
    let width = min(1 << Int.random(in: 0..<4, using: &random), bytes.count - place)
    var value = Self.numbers.randomElement(using: &random) ?? 0
    if Bool.random(using: &random) {
      value = UInt64.random(in: 0...UInt64(2 * bytes.count), using: &random)
    }
    for index in 0..<width {
      bytes[place + index] = UInt8(truncatingIfNeeded: value >> (8 * index))
    }
  }

  /// The next number that is written in digits.
  private mutating func overwriteDigits(_ bytes: inout [UInt8], near place: Int) {
    func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    guard let start = bytes[place...].firstIndex(where: isDigit) else { return }
    let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
    bytes.replaceSubrange(start..<end, with: (Self.digits.randomElement(using: &random) ?? "").utf8)
  }
}

// MARK: - JSON

extension Mutator {
  private static let values: [JSONValue] = [
    .null, true, false, 0, 1, -1, 2, 64, 1_000_000, .integer(.max), .integer(.min), 0.5, 1e300,
    -1e300,
    "", "a", "\u{0}", "BPE", "\u{1F388}", [], [0], [[0, 1]], ["a", "b"], [:], ["type": "Sequence"],
  ]

  /// Changes one to three values of a JSON text: another value in place of one, a member removed,
  /// doubled, renamed or moved elsewhere, a list shortened or repeated.
  public mutating func mutate(_ json: JSONValue) -> JSONValue {
    var result = json
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      result = changed(result, in: json, depth: 0)
    }
    return result
  }

  private mutating func changed(_ value: JSONValue, in whole: JSONValue, depth: Int) -> JSONValue {
    switch value {
    case .object(let object) where object.count > 0 && Int.random(in: 0..<6, using: &random) > 0:
      var members = object.members
      // Long dictionaries are alike inside: stay above them more often.
      let index = Int.random(in: 0..<members.count, using: &random)
      switch Int.random(in: 0..<10, using: &random) {
      case 0: members.remove(at: index)
      case 1: members.append((members[index].key + "x", members[index].value))
      case 2: members[index].key = members[Int.random(in: 0..<members.count, using: &random)].key
      default: members[index].value = changed(members[index].value, in: whole, depth: depth + 1)
      }
      return .object(JSONObject(members))
    case .array(var elements) where !elements.isEmpty && Int.random(in: 0..<6, using: &random) > 0:
      let index = Int.random(in: 0..<elements.count, using: &random)
      switch Int.random(in: 0..<8, using: &random) {
      case 0: elements.remove(at: index)
      case 1: elements.insert(elements[index], at: index)
      case 2: elements.append(whole)
      default: elements[index] = changed(elements[index], in: whole, depth: depth + 1)
      }
      return .array(elements)
    default: return replacement(of: value)
    }
  }

  private mutating func replacement(of value: JSONValue) -> JSONValue {
    switch (value, Int.random(in: 0..<4, using: &random)) {
    case (.string(let text), 0): .string(text + text)
    case (.string(let text), 1): .string(String(text.dropLast()))
    case (.integer(let number), 0): .integer(number &+ Int.random(in: -2...2, using: &random))
    case (.integer(let number), 1): .integer(0 &- number)
    default: Self.values.randomElement(using: &random) ?? .null
    }
  }
}

/// A small seeded generator, so that a failure can be had again.
public struct SplitMix: RandomNumberGenerator {
  public var state: UInt64

  public init(state: UInt64) { self.state = state }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
