import CommandLanguage
import InContext
import InformationFlow
import Transformer

/// The options with which an analysis changes attention while the model reads.
struct InterventionOptions: ParameterGroup {
  @Option(
    "Heads whose output is zero, as \"LAYER.HEAD\"; \"LAYER.*\" is all of a layer.",
    defaultText: "none")
  var ablate: HeadList?
  @Option("Tokens that others cannot see: roles, all, nothing, or positions.", defaultText: "none")
  var block: Places?
  @Option("Who cannot see what block= says; a position always sees itself.", defaultText: "all")
  var to: Places?
  @Option("The layers in which it is blocked.", defaultText: "all") var layers: Selection?
  @Option("The query heads in which it is blocked.", defaultText: "all") var heads: Selection?
  @Option("Whether a row shares blocked attention among its other keys, or loses it.")
  var renormalize = true

  /// What there is to say of them in a verb's help.
  static let discussion = """
    ablate= takes heads out: ablate=["3.1", "5.0"], or "3.*" for all of layer 3. block= is what is not \
    to be seen, to= who does not see it, each a role (text, format, label, query, target), after_label \
    (the token behind each label word, as a rule a line break), all, nothing, a position, or a list of \
    these; layers= and heads= say where, as first(5), last(5), 3 or [1, 3]. block=all to=label \
    layers=first(5) cuts label words off in the first five layers. A list of lists, or of first(5), is \
    run over; evaluate and predict show single heads, several of several layers, as a map of layers by \
    heads: ablate=[["0.0"], ["0.1"], ["1.0"], ["1.1"]], or layers= and heads= of one each.
    """

  var isEmpty: Bool { ablate == nil && block == nil }

  /// What is changed while the model reads a prompt.
  ///
  /// - Parameter ifPresent: whether positions that are named may be missing: what there is is blocked.
  /// - Throws: a ``LanguageError`` for layers, heads or positions that there are not.
  func interventions(
    on prompt: Prompt, for model: Model, ifPresent: Bool = false
  ) throws(LanguageError) -> [Intervention] {
    try ablations(in: model) + blocked(on: prompt, for: model, ifPresent: ifPresent)
  }

  private func ablations(in model: Model) throws(LanguageError) -> [Intervention] {
    let (layers, heads) = (model.architecture.layers, model.architecture.heads)
    var ablations: [Intervention] = []
    for (layer, head) in ablate?.heads ?? [] {
      guard layer < layers, head ?? 0 < heads else {
        throw .argument(
          "\(model.name) has no head \(HeadList.name(layer: layer, head: head)): its layers are "
            + "0...\(layers - 1) and its heads 0...\(heads - 1)."
        ).blaming("ablate")
      }
      ablations.append(.ablation(heads: head.map { [$0] } ?? Array(0..<heads), layers: [layer]))
    }
    return ablations
  }

  private func blocked(
    on prompt: Prompt, for model: Model, ifPresent: Bool
  ) throws(LanguageError) -> [Intervention] {
    guard let block else {
      let rest: [(String, Bool)] = [
        ("to", to != nil), ("layers", layers != nil), ("heads", heads != nil),
        ("renormalize", !renormalize),
      ]
      if let (name, _) = rest.first(where: \.1) {
        throw .argument(
          "\(name)= goes with block=, which says what cannot be seen.",
          hint: "block=[nothing, label] runs without and with"
        )
        .blaming(name)
      }
      return []
    }
    guard !block.places.isEmpty else { return [] }
    if !ifPresent {
      try block.check(prompt, "block")
      try to?.check(prompt, "to")
    }
    let edges = prompt.edges(from: block.places, to: to?.places ?? [.all])
    guard !edges.isEmpty else {
      if ifPresent { return [] }
      throw .argument(
        "block=\(block.argumentText) to=\(to?.argumentText ?? "all") blocks nothing: no position "
          + "that to= names stands behind one that block= names."
      ).blaming("block")
    }
    return [
      Intervention(
        renormalize ? .block : .scale(0), edges: edges,
        layers: try layers?.indices(of: model.architecture.layers, "layers", of: model),
        heads: try heads?.indices(of: model.architecture.heads, "heads", of: model))
    ]
  }

  /// Options that say nothing here: a recipe leaves them out.
  var meaningless: Set<String> {
    block == nil ? ["to", "layers", "heads", "renormalize"] : []
  }

  /// What is changed, for a title: `, block=label`.
  var note: String {
    let given: [(String, String?)] = [
      ("ablate", ablate?.argumentText), ("block", block?.argumentText),
      ("to", to?.argumentText), ("layers", layers?.argumentText),
      ("heads", heads?.argumentText), ("renormalize", renormalize ? nil : "false"),
    ]
    return given.map { name, text in text.map { ", \(name)=\($0)" } ?? "" }.joined()
  }
}

/// Positions of a prompt: what `block=` and `to=` take.
struct Places: ArgumentConvertible, Sendable {
  /// None, if nothing is named: for the plain run in a list of several.
  let places: [Place]

  private static let all = "all"
  private static let afterLabel = "after_label"
  private static let nothing = "nothing"
  private static var words: [String] { Role.allCases.map(\.rawValue) + [afterLabel, all, nothing] }

  static var typeDescription: String {
    "\(words.joined(separator: ", ")), a position, or a list of these"
  }
  static var acceptsList: Bool { true }
  static func isOne(_ list: Value) -> Bool { (list.elements ?? []).allSatisfy { place($0) != nil } }

  static func convert(_ value: Value, in session: Session) -> Places? {
    let elements = value.elements ?? [value]
    if elements.count == 1, elements[0].word == nothing { return Places(places: []) }
    let places = elements.compactMap(place)
    return places.count == elements.count && !places.isEmpty ? Places(places: places) : nil
  }

  private static func place(_ value: Value) -> Place? {
    if let number = value.number {
      return Int(exactly: number).flatMap { $0 >= 0 ? .position($0) : nil }
    }
    guard let word = value.word else { return nil }
    if word == afterLabel { return .afterLabel }
    return word == all ? .all : Role(rawValue: word).map(Place.role)
  }

  static func completions(in session: Session) -> [Completion] {
    words.map { word in
      switch word {
      case all: Completion(word, .value, "every position")
      case afterLabel: Completion(word, .value, "the token behind each label word")
      case nothing: Completion(word, .value, "no position")
      default: Completion(word, .value, "a role of tokens")
      }
    }
  }

  var argumentText: String { places.count == 1 ? texts[0] : textInList }
  var textInList: String {
    places.isEmpty ? Self.nothing : "[\(texts.joined(separator: ", "))]"
  }

  private var texts: [String] {
    places.map { place in
      switch place {
      case .all: Self.all
      case .role(let role): role.rawValue
      case .afterLabel: Self.afterLabel
      case .position(let position): "\(position)"
      }
    }
  }

  /// - Throws: a ``LanguageError`` for a role or position that the prompt does not have.
  fileprivate func check(_ prompt: Prompt, _ parameter: String) throws(LanguageError) {
    for place in places where prompt.positions(at: [place]).isEmpty {
      switch place {
      case .position(let position):
        throw .argument(
          "\(parameter)=\(position) is behind the prompt, whose positions are "
            + "0...\(prompt.tokens.count - 1)."
        ).blaming(parameter)
      case .role, .afterLabel, .all:
        let present = Role.allCases.filter { prompt.roles.contains($0) }.map(\.rawValue)
        throw .argument(
          "the prompt has no token whose role is \(argumentText); it has "
            + present.joined(separator: ", ") + ".",
          hint: "show PROMPT colours tokens by role"
        ).blaming(parameter)
      }
    }
  }
}
