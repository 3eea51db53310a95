/// A pattern for whole texts: `*` any text, `?` any scalar, `[abc]`, `[a-z]` and `[^a-z]` sets.
///
/// - Complexity: matching takes O(pattern × text) steps at most, however many stars there are.
struct Glob: Sendable {
  private enum Piece: Sendable {
    case any
    case one
    case set([ClosedRange<UInt32>], negated: Bool)
    case literal(Unicode.Scalar)

    func matches(_ scalar: Unicode.Scalar) -> Bool {
      switch self {
      case .any, .one: true
      case .set(let ranges, let negated):
        ranges.contains { $0.contains(scalar.value) } != negated
      case .literal(let expected): scalar == expected
      }
    }

    var isAny: Bool {
      if case .any = self { true } else { false }
    }
  }

  private let pieces: [Piece]

  init(_ pattern: String) {
    let scalars = Array(pattern.unicodeScalars)
    var pieces: [Piece] = []
    var index = 0
    while index < scalars.count {
      switch scalars[index] {
      case "*":
        if pieces.last?.isAny != true { pieces.append(.any) }
      case "?": pieces.append(.one)
      case "[":
        if let (set, end) = Self.set(in: scalars, at: index) {
          pieces.append(set)
          index = end
        } else {
          pieces.append(.literal("["))
        }
      case let scalar: pieces.append(.literal(scalar))
      }
      index += 1
    }
    self.pieces = pieces
  }

  /// The set that opens at an index, and the index of its closing bracket; nil if none closes it.
  private static func set(in scalars: [Unicode.Scalar], at open: Int) -> (Piece, Int)? {
    var index = open + 1
    let negated = index < scalars.count && (scalars[index] == "^" || scalars[index] == "!")
    if negated { index += 1 }
    // A bracket right at the beginning is a member, not the end.
    guard index < scalars.count,
      let close = scalars[(index + 1)...].firstIndex(of: "]")
    else { return nil }
    var ranges: [ClosedRange<UInt32>] = []
    while index < close {
      let first = scalars[index].value
      if index + 2 < close, scalars[index + 1] == "-" {
        let last = scalars[index + 2].value
        if first <= last { ranges.append(first...last) }
        index += 3
      } else {
        ranges.append(first...first)
        index += 1
      }
    }
    return (.set(ranges, negated: negated), close)
  }

  func matches(_ text: String) -> Bool {
    let scalars = Array(text.unicodeScalars)
    var position = 0
    var piece = 0
    // Where to go on if what follows the last star turns out not to fit.
    var retry: (piece: Int, position: Int)?
    while position < scalars.count {
      if piece < pieces.count, pieces[piece].isAny {
        retry = (piece, position)
        piece += 1
      } else if piece < pieces.count, pieces[piece].matches(scalars[position]) {
        piece += 1
        position += 1
      } else if let last = retry {
        retry = (last.piece, last.position + 1)
        piece = last.piece + 1
        position = last.position + 1
      } else {
        return false
      }
    }
    return pieces[piece...].allSatisfy(\.isAny)
  }
}
