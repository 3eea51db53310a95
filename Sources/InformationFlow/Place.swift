import InContext
import Transformer

/// Some positions of a prompt: by what their tokens are for, or by number.
public enum Place: Sendable, Equatable {
  case all
  /// All tokens with a role; of a label word of several tokens all of them.
  case role(Role)
  /// The token directly behind each label word of the demonstrations, as a rule a line break: it sees
  /// text and label as the label word does.
  case afterLabel
  /// From 0.
  case position(Int)
}

extension Prompt {
  /// The positions at some places, ascending. Numbers beyond the prompt are no positions.
  public func positions(at places: [Place]) -> [Int] {
    tokens.indices.filter { index in
      places.contains { place in
        switch place {
        case .all: true
        case .role(let role): roles[index] == role
        case .afterLabel: index > 0 && roles[index - 1] == .label && roles[index] != .label
        case .position(let position): position == index
        }
      }
    }
  }

  /// The attention that positions at `to` can pay to earlier ones at `from`. That of a position to
  /// itself is none: without it, nothing would be left of what the token says.
  public func edges(from: [Place], to: [Place]) -> Edges {
    .between(positions(at: from), and: positions(at: to))
  }
}
