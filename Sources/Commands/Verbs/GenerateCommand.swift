import CommandLanguage
import InContext
import Transformer

/// Lets a model go on with a text.
struct GenerateCommand: Command {
  static let group = "models"
  static let summary = "What a model writes after a text."
  static let discussion = """
    temperature=0 takes the likeliest token every time; above it, tokens are drawn from \
    softmax(logits / temperature), the same ones for the same seed. It ends at the end-of-text token, \
    or where the model's context does. after= continues the text behind demonstrations that compress \
    kept.
    """
  static let examples = [
    #"generate mini "Review: a fine film.\nSentiment:" tokens=5"#,
    #"generate mini "The" temperature=0.8 seed=1..3"#,
  ]
  static let lifts = true

  @Input("The model.") var model: Model
  @Input("A text, or a prompt.") var text: PromptText
  @Option("The most tokens to add.", in: 1...100_000) var tokens = 20
  @Option("How much is left to chance; 0 is nothing.", in: 0...100) var temperature = 0.0
  @Option("Seed of what is left to chance.", in: 0...) var seed = 0
  @Option("Cached demonstrations that stand before it.", defaultText: "none")
  var after: AnchorsOption?

  func run(in session: Session) throws -> Generation {
    let anchors = try after?.anchors(for: model)
    let start = try promptTokens(isBehindAnother: anchors != nil)
    let choice: TokenChoice =
      temperature > 0 ? .sampled(temperature: temperature, seed: seed) : .greedy
    let added = try session.monitored(unit: "tokens", total: tokens) { monitor in
      try model.decoder.generate(
        start, count: tokens, choice: choice, end: model.tokenizer?.endOfText,
        after: anchors?.cache, start: anchors?.start, threads: session.threads, monitor: monitor)
    }
    let end = (anchors?.start ?? 0) + start.count + added.count
    return Generation(
      prompt: start, added: added,
      isCutOff: added.count < tokens && end == model.architecture.context,
      tokenizer: model.tokenizer, afterNote: after.note(behind: nil),
      recipe: Recipe(self, in: session, model: model))
  }

  private func promptTokens(isBehindAnother: Bool) throws -> [Int] {
    let prompt: Prompt
    switch text {
    case .prompt(let object): prompt = try object.prompt(for: model)
    case .text(let text):
      let tokenizer = try model.requireTokenizer()
      guard isBehindAnother else { return tokenizer.ids(text) }
      prompt = try Prompt(raw: text, tokenizer: tokenizer)
    }
    return isBehindAnother ? prompt.queryTokens : prompt.tokens
  }
}
