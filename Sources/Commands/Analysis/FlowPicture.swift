import Charts
import CommandLanguage
import InContext
import InformationFlow

/// The flow of information from token to token of one prompt, group of layers by group.
struct FlowPicture: Sendable {
  /// Some layers, and what they are called.
  struct Group: Sendable {
    let name: String
    let layers: [Int]

    init(_ name: String, _ layers: [Int]) {
      self.name = name
      self.layers = layers
    }

    /// The lower and the upper half of the layers; of one layer, that one.
    static func halves(of count: Int) -> [Group] {
      guard count > 1 else { return [Group("the only layer", [0])] }
      func name(_ word: String, _ range: Range<Int>) -> String {
        range.count == 1
          ? "\(word): layer \(range.lowerBound)"
          : "\(word): layers \(range.lowerBound) to \(range.upperBound - 1)"
      }
      return [("shallow", 0..<count / 2), ("deep", count / 2..<count)].map {
        Group(name($0, $1), Array($1))
      }
    }
  }

  let flow: TokenFlow
  let prompt: Prompt
  let groups: [Group]

  /// More would not be told apart.
  static let mostPanels = 12

  /// One panel a group.
  ///
  /// - Parameter label: what tells the prompt from others in the figure.
  func panels(of label: String = "") -> [FlowMap.Panel] {
    let tokens = prompt.pieces.enumerated().map { position, piece in
      TokenMap.Token(
        piece, category: prompt.roles[position].rawValue,
        details: "position \(position) · id \(prompt.tokens[position])")
    }
    return groups.indices.map { index in
      FlowMap.Panel(
        [label, groups[index].name].filter { !$0.isEmpty }.joined(separator: " · "), tokens: tokens,
        arcs: flow.edges(of: index, above: FlowMap.leastShare).map {
          .init(from: $0.from, to: $0.to, value: $0.saliency, kind: $0.kind.rawValue)
        })
    }
  }

  static func figure(title: String, panels: [FlowMap.Panel]) throws -> FlowMap {
    try FlowMap(
      title: title,
      subtitle: "arcs lead down to the token that reads an earlier one; opaque is a panel's "
        + "strongest in colour",
      kinds: [
        .init("to label words"), .init("label words to target"),
        .init("others", isBackground: true),
      ],
      categories: Role.allCases.map { role in
        .init(role.rawValue, isEmphasized: role == .label || role == .target)
      },
      panels: panels, valueName: "saliency")
  }
}
