import CommandLanguage
import InContext
import Tokenizers

/// Writes a prompt.
struct PromptCommand: Command {
  static let group = "data and prompts"
  static let summary = "One prompt: demonstrations and a question, or a text as it is."
  static let discussion = """
    prompt DATASET draws demonstrations by seed= and asks about the query-th row of the shuffled test \
    rows, or about text= of your own (with answer=, a class, if you know it).

    Without a data set the prompt is text= or tokens= as it is. labels= (words with their leading \
    blank, or token ids) are what the model chooses from, and answer= the right one; label positions \
    are where they occur before the last position.

    model= says whose tokens a prompt has. Without it, that is the model in your variables if there \
    is one only, else mini. An analysis on another model writes the prompt anew for it. See help prompts.
    """
  static let examples = [
    "prompt sst2", "prompt sst2 shots=2 seed=7 query=3 | show",
    #"prompt sst2 text="what a waste of time " answer=negative"#,
    #"prompt text="good: Positive\nbad:" labels=[" Negative", " Positive"] answer=" Negative""#,
  ]
  static let lifts = true

  @Input("The data set to draw from.") var dataset: DatasetObject?
  @Option("Demonstrations per class.", in: 0...64) var shots = 1
  @Option("Seed of the demonstrations and of the test rows.", in: 0...) var seed = 42
  @Option("Which row of the shuffled test rows, from 0.", in: 0...) var query = 0
  @Option("A text of your own to ask about; without a data set, all of the prompt.")
  var text: String?
  @Option("The prompt as token ids.") var tokens: [Int]?
  @Option("How an example is written.", defaultText: "auto") var template: TemplateOption?
  @Option("Label words, one for each class; in a raw prompt, also token ids.", defaultText: "auto")
  var labels: LabelOption?
  @Option("The right class or label.") var answer: Prompt.RawLabel?
  @Option("The model whose tokens it has.", defaultText: "auto") var model: Model?

  /// The classes of the data set, for answer=.
  static func completions(
    of parameter: String, inputs: [Value], in session: Session
  ) -> [Completion]? {
    guard parameter == "answer", let first = inputs.first else { return nil }
    let classes =
      first.object(DatasetObject.self)?.dataset.classes
      ?? first.word.flatMap(BuiltIn.init(named:))?.classes.map(\.name)
    return classes?.map { Completion($0.argumentText, .value, "a class") }
  }

  func run(in session: Session) throws -> PromptObject {
    let source = try source()
    let isForOneModel = model != nil
    let owner = try owner(of: source, in: session)
    let prompt =
      try owner.map { try source.prompt(for: $0) }
      ?? source.prompt(tokenizer: nil, context: nil)
    return PromptObject(
      prompt: prompt, source: source, tokenizer: owner?.tokenizer, isForOneModel: isForOneModel,
      recipe: recipe(in: session, owner: owner))
  }

  /// The model whose tokens the prompt has. Token ids that come without a model belong to whichever
  /// model they are given to, unless words have to be looked up.
  private func owner(of source: PromptObject.Source, in session: Session) throws -> Model? {
    if let model { return model }
    if case .tokens(_, let labels, let answer) = source {
      if let only = Model.only(in: session) { return only }
      let hasWords = (labels + [answer].compactMap { $0 }).contains(where: \.isWord)
      return hasWords ? try Model.usual(in: session) : nil
    }
    return try Model.usual(in: session)
  }

  private func recipe(in session: Session, owner: Model?) -> Recipe {
    model = owner  // so that the recipe does not depend on a session's variables
    return Recipe(
      self, in: session, model: owner, dataset: dataset?.dataset,
      leavingOut: dataset == nil ? ["shots", "seed", "query"] : text == nil ? [] : ["query"])
  }
}

// MARK: - What it is made of

extension PromptCommand {
  private func source() throws -> PromptObject.Source {
    guard let dataset else { return try rawSource() }
    guard tokens == nil else {
      throw LanguageError.argument("tokens= is a prompt by itself; leave the data set out.")
    }
    let written = try dataset.dataset.written(template: template, labels: labels)
    guard let text else {
      guard answer == nil else {
        throw LanguageError.argument(
          "the row that is asked about has its answer; answer= goes with text= of your own.")
      }
      return .drawn(written, shots: shots, query: query, seed: seed)
    }
    return .asked(written, shots: shots, text: text, answer: try classID(in: written), seed: seed)
  }

  private func rawSource() throws -> PromptObject.Source {
    guard template == nil else {
      throw LanguageError.argument("template= goes with a data set; name one.")
    }
    let labels: [Prompt.RawLabel]
    switch self.labels {
    case .listed(let listed): labels = listed
    case nil: labels = []
    case .mapped, .unrelated:
      throw LanguageError.type("labels= of a raw prompt is a list of words or token ids.")
    }
    switch (text, tokens) {
    case (let text?, nil): return .text(text, labels: labels, answer: answer)
    case (nil, let tokens?): return .tokens(tokens, labels: labels, answer: answer)
    case (nil, nil):
      throw LanguageError.argument(
        "prompt wants a data set, text= or tokens=; none is given.",
        hint: #"prompt sst2, or prompt text="…" labels=[" Negative", " Positive"]"#)
    case (_?, _?):
      throw LanguageError.argument("text= and tokens= are both given; a prompt is one of them.")
    }
  }

  /// The class that `answer=` names: by its name or its label word, with or without blanks.
  private func classID(in dataset: Dataset) throws -> Int? {
    guard let answer else { return nil }
    guard case .word(let word) = answer else {
      throw LanguageError.type("answer= is a class of \(dataset.name), by name or label word.")
    }
    func bare(_ text: String) -> Substring {
      var text = text[...]
      while text.first == " " { text.removeFirst() }
      while text.last == " " { text.removeLast() }
      return text
    }
    if let id = dataset.classes.firstIndex(of: word) { return id }
    if let id = dataset.template.labelWords.firstIndex(where: { bare($0) == bare(word) }) {
      return id
    }
    throw LanguageError.argument(
      "answer=\(word) is no class of \(dataset.name); it has "
        + dataset.classes.joined(separator: ", ") + ".")
  }
}

extension Prompt.RawLabel {
  var isWord: Bool { if case .word = self { true } else { false } }
}
