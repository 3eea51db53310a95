/// What is done to a text before it is cut into words.
enum Normalizer: Sendable, Equatable {
  case none
  /// Unicode normalisation form C: "e" and a combining acute accent become "é".
  case canonicalComposition
}

/// A text after normalisation, and where its bytes came from.
struct NormalizedText {
  let bytes: [UInt8]
  /// For each offset in `bytes`, its end included, the offset in the original text.
  private let origins: [Int]

  /// Normalises a text; nil if that changes nothing, which is the common case.
  init?(_ text: UnsafeBufferPointer<UInt8>, _ normalizer: Normalizer) {
    guard normalizer == .canonicalComposition, !CanonicalComposition.isSurelyComposed(text)
    else { return nil }
    var composition = CanonicalComposition()
    let reader = ScalarReader(bytes: text)
    var offset = 0
    while offset < text.count {
      let (value, end) = reader.scalar(at: offset)
      if let scalar = Unicode.Scalar(value) { composition.append(scalar, offset..<end) }
      offset = end
    }
    var bytes: [UInt8] = []
    var origins: [Int] = []
    for segment in composition.finish() {
      let start = bytes.count
      for scalar in segment.scalars { bytes.append(contentsOf: String(scalar).utf8) }
      for index in start..<bytes.count {
        origins.append(index == start ? segment.range.lowerBound : segment.range.upperBound)
      }
    }
    if bytes.elementsEqual(text) { return nil }
    origins.append(text.count)
    self.bytes = bytes
    self.origins = origins
  }

  /// The offset in the original text of an offset in the normalised one. One within a character
  /// that was changed leads to the character's end.
  func origin(_ offset: Int) -> Int { origins[offset] }
}
