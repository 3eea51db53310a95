/// The tokens of single Unicode scalars, and what becomes of scalars that have none.
struct ScalarAlphabet: Sendable {
  /// By scalar; −1 where there is no token. What lies beyond the table is looked up.
  private let scalars: [Int32]
  /// The tokens `<0x00>` to `<0xFF>`; nil if there is no fall-back to bytes, −1 for missing ones.
  private let bytes: [Int32]?
  /// The token of what is unknown; nil if nothing can be.
  private let unknown: UInt32?
  /// Whether unknown neighbours make one token.
  private let fusesUnknown: Bool
  /// Pairs of scalars' tokens that stand side by side in some token, as bits by hash; there may
  /// be more bits than pairs. Between all other scalars a word can be cut, as no merge crosses.
  private let joints: [UInt64]
  private let hash = ByteHash()

  private static let tableCount = 0x10000

  /// - Parameter bytes: what lies before and behind the middle of each merge's result.
  init(
    vocabulary: Vocabulary, bytes: [Int32]?, unknown: UInt32?, fusesUnknown: Bool,
    joints pairs: Set<UInt64>
  ) {
    var scalars = [Int32](repeating: -1, count: Self.tableCount)
    for id in 0..<vocabulary.count {
      guard let bytes = vocabulary.bytes(of: id), !bytes.isEmpty, bytes.count <= 3 else { continue }
      bytes.withUnsafeBufferPointer {
        let (value, end) = ScalarReader(bytes: $0).scalar(at: 0)
        if end == $0.count { scalars[Int(value)] = Int32(truncatingIfNeeded: id) }
      }
    }
    self.scalars = scalars
    self.bytes = bytes
    self.unknown = unknown
    self.fusesUnknown = fusesUnknown
    var count = 64
    while count < pairs.count { count *= 2 }
    var joints = [UInt64](repeating: 0, count: count)
    for pair in pairs {
      let bit = hash(pair)
      joints[bit >> 6 & (count - 1)] |= 1 << UInt64(bit & 63)
    }
    self.joints = joints
  }

  static func pair(_ left: UInt32, _ right: UInt32) -> UInt64 {
    UInt64(left) << 32 | UInt64(right)
  }

  @inline(__always)
  fileprivate func mayMerge(_ left: UInt32, _ right: UInt32) -> Bool {
    let bit = hash(Self.pair(left, right))
    return joints[bit >> 6 & (joints.count - 1)] >> UInt64(bit & 63) & 1 != 0
  }

  @inline(__always)
  fileprivate func token(
    of value: UInt32, _ bytes: UnsafeBufferPointer<UInt8>, _ vocabulary: Vocabulary
  ) -> UInt32? {
    if value < scalars.count {
      let id = scalars[Int(value)]
      return id < 0 ? nil : UInt32(truncatingIfNeeded: id)
    }
    return vocabulary.id(of: UnsafeRawBufferPointer(bytes)).map(UInt32.init(truncatingIfNeeded:))
  }

  /// What stands for scalars without a token of their own, until a scalar comes that has one.
  fileprivate struct Unknown {
    var pending: (id: UInt32, length: Int)?

    mutating func flush(_ scratch: inout BytePairModel.Scratch) {
      guard let (id, length) = pending else { return }
      scratch.ids.append(id)
      scratch.lengths.append(length)
      pending = nil
    }
  }

  /// Adds the tokens of a scalar that has none of its own.
  fileprivate func fallBack(
    _ scalar: UnsafeBufferPointer<UInt8>, _ state: inout Unknown,
    _ scratch: inout BytePairModel.Scratch
  ) {
    if let bytes, scalar.allSatisfy({ bytes[Int($0)] >= 0 }) {
      // A pending unknown token stays so: `tokenizers` puts it behind the bytes.
      for byte in scalar {
        scratch.ids.append(UInt32(truncatingIfNeeded: bytes[Int(byte)]))
        scratch.lengths.append(1)
      }
      return
    }
    guard let unknown else { return }
    if fusesUnknown, let (id, length) = state.pending {
      state.pending = (id, length + scalar.count)
    } else {
      state.flush(&scratch)
      state.pending = (unknown, scalar.count)
    }
  }
}

extension BytePairModel {
  /// Leaves the tokens of a word and their lengths in `scratch`.
  ///
  /// A word is often a whole text here; it is cut wherever no merge can cross.
  func encode(scalars text: ScalarReader, _ alphabet: ScalarAlphabet, _ scratch: inout Scratch) {
    scratch.parts.removeAll(keepingCapacity: true)
    var unknown = ScalarAlphabet.Unknown()
    var position = 0
    while position < text.bytes.count {
      let (value, end) = text.scalar(at: position)
      let bytes = UnsafeBufferPointer(rebasing: text.bytes[position..<end])
      position = end
      guard let id = alphabet.token(of: value, bytes, vocabulary) else {
        finishParts(&scratch)
        alphabet.fallBack(bytes, &unknown, &scratch)
        continue
      }
      if let last = scratch.parts.last {
        if !alphabet.mayMerge(last, id) { finishParts(&scratch) }
      } else {
        unknown.flush(&scratch)
      }
      scratch.parts.append(id)
    }
    finishParts(&scratch)
    unknown.flush(&scratch)
  }

  private func finishParts(_ scratch: inout Scratch) {
    guard !scratch.parts.isEmpty else { return }
    merge(&scratch)
    for id in scratch.parts {
      scratch.ids.append(id)
      scratch.lengths.append(vocabulary.length(of: id))
    }
    scratch.parts.removeAll(keepingCapacity: true)
  }
}
