/// A data set that comes with Fathom: one declaration each, in a file of its own.
public struct BuiltIn: Sendable {
  /// What it is called in the command language, and the folder of its rows.
  public let name: String
  /// What else it is called.
  public let aliases: [String]
  /// The name for people.
  public let title: String
  /// The values of the label column in the paper's class-id order, and the words that name them.
  public let classes: [(name: String, word: String)]
  /// What stands before and after the text of an example.
  let prefix: String
  let infix: String
  /// Whether the published sentences end with a blank that the bundled rows lack. The paper's
  /// prompts have it, and it is a token of its own.
  public let restoresTrailingBlank: Bool
  /// The BibTeX entries of the data set.
  public let citation: String
  /// The terms under which the data may be used.
  public let licence: String
  /// What differs from the published data set, if anything does.
  public let note: String?

  init(
    name: String, aliases: [String] = [], title: String, prefix: String, infix: String,
    classes: [(name: String, word: String)], restoresTrailingBlank: Bool = false,
    licence: String, note: String? = nil, citation: String
  ) {
    self.name = name
    self.aliases = aliases
    self.title = title
    self.prefix = prefix
    self.infix = infix
    self.classes = classes
    self.restoresTrailingBlank = restoresTrailingBlank
    self.licence = licence
    self.note = note
    self.citation = citation
  }

  /// The data sets of the paper, in its order.
  public static var all: [BuiltIn] { [sst2, trec, agnews, emoc] }

  /// The data set of that name or alias.
  public init?(named name: String) {
    guard let match = Self.all.first(where: { $0.name == name || $0.aliases.contains(name) })
    else { return nil }
    self = match
  }

  /// The paper's template with its label words.
  public var template: Template {
    Template(prefix: prefix, infix: infix, labelWords: classes.map(\.word))
  }
}
