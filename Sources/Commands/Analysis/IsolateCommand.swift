import Charts
import CommandLanguage
import InContext
import InformationFlow
import Tokenizers

/// What the label words gather, and where, by keeping them from it.
struct IsolateCommand: AnalysisCommand {
  static let group = "information flow"
  static let summary =
    "Whether answers stay when label words cannot gather information in some layers."
  static let discussion = """
    In the chosen layers each isolated position sees itself only. Label loyalty is the share of \
    prompts whose answer stays what the model answers without the isolation; word loyalty is the \
    overlap |A ∩ B| / |A ∪ B| of its likeliest next words with and without, words= of them, a mean over \
    prompts. what=random isolates as many other positions, drawn anew for every prompt and layer from \
    seed=; a role (text, format, label, query, target) isolates all its tokens. Of a label word of \
    several tokens what=label isolates the first, which stands for its class, what=text and the like \
    every one.

    As in the paper's code scores are taken out before softmax, so that an isolated position pays all \
    its attention to itself; exact=true makes its attention to others zero after softmax instead.

    The paper's comparison is one line, as is the sweep over the number of layers, see the examples. Of \
    one prompt the figure shows its label words' probabilities with and without, the table the likeliest \
    words. Source: Label Words are Anchors (Wang et al. 2023), section 2.2.
    """
  static let examples = [
    "isolate mini sst2 samples=50",
    "isolate mini sst2 what=[label, random] layers=[first(5), last(5)] seed=42..44 samples=20 | plot",
    "isolate mini sst2 what=[label, random] layers=[first(1), first(3), first(5), first(7)] samples=20",
    "isolate mini (prompt sst2) | table",
  ]

  @Input("The model to look into.") var model: Model
  @Input("A data set, or one prompt.") var subject: Subject
  let sampling = SamplingOptions()
  @Option("The layers; auto is first(5), or all of a model with fewer.", defaultText: "auto")
  var layers: Selection?
  @Option("Who sees only itself: label words, as many random other tokens, or a role.")
  var what = IsolatedTokens.label
  @Option("Whether attention becomes zero after softmax, not shared anew.") var exact = false
  @Option("The k of word loyalty: how many of the likeliest words are compared.", in: 1...1_000)
  var words = Loyalty.words

  func run(in session: Session) throws -> IsolationResult {
    let count = model.architecture.layers
    let selection = layers ?? .first(min(Self.defaultLayers, count))
    let indices = try selection.indices(of: count, "layers", of: model)
    let sample = try subject.fixedPrompts(for: model, sampling, in: session)
    let prompts = sample.prompts
    let isolation = try session.monitored(unit: "passes", total: 2 * prompts.count) {
      try Isolation(
        of: model.decoder, over: prompts, isolating: what.subject(seed: sampling.seed),
        layers: indices, exact: exact, words: words, threads: session.threads,
        batch: sampling.batch, monitor: $0)
    }
    var notes: [String] = []
    if indices.count == count { notes.append("these are all layers of the model") }
    if let note = prompts.first?.splitLabelNote { notes.append(note) }
    return IsolationResult(
      isolation: isolation, prompts: prompts, layers: selection, what: what, words: words,
      tokenizer: model.tokenizer, name: "\(model.name) on \(try sampling.name(of: subject))",
      notes: notes,
      recipe: Recipe(self, in: session, model: model, dataset: subject.dataset))
  }

  /// The paper's k.
  private static let defaultLayers = 5
}

/// Whom `isolate` keeps from seeing others.
enum IsolatedTokens: String, ChoiceConvertible {
  case label, random, text, format, query, target

  func subject(seed: Int) -> Isolation.Subject {
    switch self {
    case .label: .labelWords
    case .random: .random(seed: seed)
    case .text: .role(.text)
    case .format: .role(.format)
    case .query: .role(.query)
    case .target: .role(.target)
    }
  }

  /// What they are called in titles.
  var name: String {
    switch self {
    case .label: "label words"
    case .random: "random tokens"
    case .text, .format, .query, .target: "\(rawValue) tokens"
    }
  }
}
