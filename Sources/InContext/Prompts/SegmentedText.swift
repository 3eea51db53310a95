import Tokenizers

/// A text put together from segments, each of one role.
struct SegmentedText {
  private struct Segment {
    let start: Int
    let end: Int
    let role: Role
    let classID: Int?
  }

  private(set) var text = ""
  /// The length in UTF-8 bytes.
  private(set) var count = 0
  private var segments: [Segment] = []

  mutating func append(_ part: String, _ role: Role, class classID: Int? = nil) {
    text += part
    let end = count + part.utf8.count
    segments.append(Segment(start: count, end: end, role: role, classID: classID))
    count = end
  }

  /// The role of each token, and where the label words of each class begin.
  ///
  /// A token that straddles segments takes the role that says most: label before text and query
  /// before format. A token without bytes, such as a begin-of-text mark, is format. The last token
  /// is the target.
  func roles(of tokens: [Token], classes: Int) -> (roles: [Role], labelPositions: [[Int]]) {
    var roles: [Role] = []
    roles.reserveCapacity(tokens.count)
    var positions = [[Int]](repeating: [], count: classes)
    var first = 0
    var lastLabel: Int?
    for (index, token) in tokens.enumerated() {
      while first < segments.count, segments[first].end <= token.bytes.lowerBound { first += 1 }
      var role = Role.format
      var segment = first
      while segment < segments.count, segments[segment].start < token.bytes.upperBound {
        let candidate = segments[segment]
        if candidate.end > candidate.start, Self.weight(candidate.role) > Self.weight(role) {
          role = candidate.role
        }
        if let classID = candidate.classID, !token.bytes.isEmpty, lastLabel != segment {
          positions[classID].append(index)
          lastLabel = segment
        }
        segment += 1
      }
      roles.append(token.bytes.isEmpty ? .format : role)
    }
    if !roles.isEmpty { roles[roles.count - 1] = .target }
    return (roles, positions)
  }

  private static func weight(_ role: Role) -> Int {
    switch role {
    case .label: 2
    case .text, .query: 1
    case .format, .target: 0
    }
  }
}
