/// What is done to a text before it is cut into words.
struct Normalizer: Sendable, Equatable {
  enum Step: Sendable, Equatable {
    /// Unicode normalisation form C: "e" and a combining acute accent become "é".
    case canonicalComposition
    /// Bytes in front of every text that is not empty.
    case prepend([UInt8])
    /// Each occurrence of some bytes, which are not none, becomes others.
    case replace([UInt8], with: [UInt8])
  }

  /// Applied one after the other.
  var steps: [Step]

  static let none = Normalizer(steps: [])
  static let canonicalComposition = Normalizer(steps: [.canonicalComposition])
}

/// A text after normalisation, and where its bytes came from.
struct NormalizedText {
  private(set) var bytes: [UInt8] = []
  /// For each offset in `bytes`, its end included, the offset in the original text. One within a
  /// character that was changed leads to the character's end.
  private(set) var origins: [Int] = []

  /// Normalises a text; nil if that changes nothing.
  init?(_ text: UnsafeBufferPointer<UInt8>, _ normalizer: Normalizer) {
    var result: NormalizedText?
    for step in normalizer.steps {
      guard let before = result else {
        result = NormalizedText(text, step)
        continue
      }
      guard var after = before.bytes.withUnsafeBufferPointer({ NormalizedText($0, step) }) else {
        continue
      }
      for index in after.origins.indices {
        after.origins[index] = before.origins[after.origins[index]]
      }
      result = after
    }
    guard let result else { return nil }
    self = result
  }

  private init?(_ text: UnsafeBufferPointer<UInt8>, _ step: Normalizer.Step) {
    switch step {
    case .canonicalComposition:
      if CanonicalComposition.isSurelyComposed(text) { return nil }
      compose(text)
      if bytes.elementsEqual(text) { return nil }
    case .prepend(let added):
      if text.isEmpty || added.isEmpty { return nil }
      bytes.reserveCapacity(text.count + added.count)
      bytes += added
      bytes += text
      origins.reserveCapacity(bytes.count + 1)
      origins.append(contentsOf: repeatElement(0, count: added.count))
      origins.append(contentsOf: 0...text.count)
    case .replace(let old, let new):
      guard !replace(old, with: new, in: text) else { return }
      return nil
    }
  }

  /// A text in which each space is a mark, with perhaps one more mark in front.
  init(marking text: UnsafeBufferPointer<UInt8>, with mark: [UInt8], prepends: Bool) {
    if !replace([UInt8(ascii: " ")], with: mark, in: text) {
      bytes = Array(text)
      origins = Array(0...text.count)
    }
    if prepends, !bytes.isEmpty, !bytes.starts(with: mark) {
      bytes.insert(contentsOf: mark, at: 0)
      origins.insert(contentsOf: repeatElement(0, count: mark.count), at: 0)
    }
  }

  /// Most scalars of most texts stay what they are and are copied; only stretches with others, and the
  /// scalar before each, which a mark may join, go through composition.
  private mutating func compose(_ text: UnsafeBufferPointer<UInt8>) {
    bytes.reserveCapacity(text.count)
    origins.reserveCapacity(text.count + 1)
    let reader = ScalarReader(bytes: text)
    var (copied, previous, offset) = (0, 0, 0)
    while offset < text.count {
      let (value, end) = reader.scalar(at: offset)
      if CanonicalComposition.isUnchanged(value) {
        previous = offset
        offset = end
        continue
      }
      copy(copied..<previous, of: text)
      var composition = CanonicalComposition()
      offset = previous
      repeat {
        let (value, end) = reader.scalar(at: offset)
        let isUnchanged = CanonicalComposition.isUnchanged(value)
        if isUnchanged, offset > previous { break }
        if let scalar = Unicode.Scalar(value) { composition.append(scalar, offset..<end) }
        offset = end
      } while offset < text.count
      append(composition.finish())
      (copied, previous) = (offset, offset)
    }
    copy(copied..<text.count, of: text)
    origins.append(text.count)
  }

  private mutating func copy(_ range: Range<Int>, of text: UnsafeBufferPointer<UInt8>) {
    bytes += text[range]
    origins += range
  }

  private mutating func append(_ segments: [CanonicalComposition.Segment]) {
    for segment in segments {
      let start = bytes.count
      for scalar in segment.scalars { bytes.append(contentsOf: String(scalar).utf8) }
      for index in start..<bytes.count {
        origins.append(index == start ? segment.range.lowerBound : segment.range.upperBound)
      }
    }
  }

  /// - Returns: false, with nothing done, if there is nothing to replace.
  private mutating func replace(
    _ old: [UInt8], with new: [UInt8], in text: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    guard let first = old.first, text.contains(first) else { return false }
    bytes.reserveCapacity(text.count + text.count / 2 + 8)
    origins.reserveCapacity(text.count + text.count / 2 + 9)
    var position = 0
    // What was deleted belongs to what follows it.
    var deletedFrom: Int?
    while position < text.count {
      let start = deletedFrom ?? position
      guard text[position] == first, text.holds(old, at: position) else {
        bytes.append(text[position])
        origins.append(start)
        deletedFrom = nil
        position += 1
        continue
      }
      position += old.count
      bytes += new
      deletedFrom = new.isEmpty ? start : nil
      for index in new.indices { origins.append(index == 0 ? start : position) }
    }
    origins.append(text.count)
    return true
  }

  func origin(_ offset: Int) -> Int { origins[offset] }
}

extension UnsafeBufferPointer<UInt8> {
  /// Whether some bytes stand at an offset.
  @inline(__always)
  func holds(_ other: [UInt8], at offset: Int) -> Bool {
    if other.count > count - offset { return false }
    for index in other.indices where self[offset + index] != other[index] { return false }
    return true
  }
}
