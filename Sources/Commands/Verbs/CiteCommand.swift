import CommandLanguage
import InContext

/// What to cite.
struct CiteCommand: Command {
  static let group = "looking and keeping"
  static let summary = "BibTeX of what a result rests on."
  static let discussion = """
    The paper whose method Fathom computes, Fathom itself, and what the value rests on besides: \
    its data set, or another method, such as calibration.
    """
  static let examples = ["cite", "cite sst2"]

  @Input("A result, a prompt, a grid or a data set.") var value: CitedValue?

  func run(in session: Session) throws -> Bibliography {
    let cited = try value.map { try Self.cited($0.shown.value) }
    return Bibliography(
      entries: [Self.paper] + (cited.map(Self.entries) ?? []) + [Self.fathom])
  }

  /// A value that rests on something: one of the language's objects, a list of them, or the name of a
  /// built-in data set in quotes.
  ///
  /// - Throws: a ``LanguageError`` that lists what can be cited.
  private static func cited(_ value: Value) throws -> Value {
    if let elements = value.elements { return .list(try elements.map(cited)) }
    if case .object = value { return value }
    if let name = value.word, BuiltIn(named: name) != nil {
      return .object(try DatasetObject(named: name))
    }
    throw LanguageError.argument(
      "there is nothing to cite for \(value.text.shortened(to: 40)).",
      hint: CitedValue.advice
    ).blaming("value")
  }

  private static func entries(of value: Value) -> [String] {
    guard case .object(let object) = value else {
      return unique((value.elements ?? []).flatMap(entries))
    }
    switch object {
    case let dataset as DatasetObject: return [dataset.dataset.citation].compactMap { $0 }
    case let figure as FigureValue: return figure.recipe?.citations ?? []
    case let grid as Grid: return unique(grid.cells.flatMap(entries))
    case let result as any Recorded: return result.recipe.citations
    default: return []
    }
  }

  private static func unique(_ entries: [String]) -> [String] {
    var seen: Set<String> = []
    return entries.filter { seen.insert($0).inserted }
  }

  private static let paper = """
    @inproceedings{wang2023label,
      title = {Label Words are Anchors: An Information Flow Perspective for Understanding
               In-Context Learning},
      author = {Wang, Lean and Li, Lei and Dai, Damai and Chen, Deli and Zhou, Hao and
                Meng, Fandong and Zhou, Jie and Sun, Xu},
      booktitle = {Proceedings of the 2023 Conference on Empirical Methods in Natural
                   Language Processing},
      pages = {9840--9855},
      year = {2023}
    }
    """

  private static let fathom = """
    @misc{fathom,
      title = {Fathom: a Jupyter kernel for finding out how language models learn in context},
      note = {Version \(Fathom.version)}
    }
    """
}

/// Any value, so that the error may say what can be cited.
struct CitedValue: ArgumentConvertible, Sendable {
  let shown: ShownValue

  static let advice =
    "cite alone gives the paper and Fathom; cite VALUE what a result, a prompt or a grid rests on; "
    + "cite NAME a data set: " + BuiltIn.all.map(\.name).joined(separator: ", ")

  static var typeDescription: String { ShownValue.typeDescription }
  static var acceptsList: Bool { true }
  var argumentText: String { shown.argumentText }

  static func convert(_ value: Value, in session: Session) throws -> CitedValue? {
    try ShownValue.convert(value, in: session).map(CitedValue.init)
  }

  static func advice(insteadOf value: Value, written: String, in session: Session) -> String? {
    advice
  }

  static func fits(_ value: Value, in session: Session) -> Bool {
    if case .object = value { true } else { false }
  }

  static func completions(in session: Session) -> [Completion] {
    ShownValue.completions(in: session)
  }
}

/// BibTeX entries: what `cite` gives.
struct Bibliography: LanguageObject {
  static var typeName: String { "bibliography" }

  let entries: [String]

  var summary: String { "\(entries.count) BibTeX entries" }

  var bibTeX: String { entries.joined(separator: "\n\n") }

  func display() -> Display { Display(plain: bibTeX) }

  /// What `evaluate calibrate=true` computes.
  static let calibration = """
    @inproceedings{zhao2021calibrate,
      title = {Calibrate Before Use: Improving Few-shot Performance of Language Models},
      author = {Zhao, Zihao and Wallace, Eric and Feng, Shi and Klein, Dan and Singh, Sameer},
      booktitle = {Proceedings of the 38th International Conference on Machine Learning},
      pages = {12697--12706},
      year = {2021}
    }
    """

  var fieldNames: [String] { ["text"] }

  func field(_ name: String) -> Value? { name == "text" ? bibTeX.value : nil }
}
