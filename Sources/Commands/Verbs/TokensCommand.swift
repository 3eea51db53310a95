import CommandLanguage
import InContext
import Tokenizers

/// Shows how a model reads a text.
struct TokensCommand: Command {
  static let group = "models"
  static let summary = "The tokens of a text, one a row."
  static let discussion =
    "start and end are offsets in UTF-8 bytes, which may be within a character; one that the tokenizer "
    + "normalises first is whole in every token that has a part of it. plot shows the tokens as a map."
  static let examples = [#"tokens mini "A fine film.""#, #"tokens mini "A fine film." | plot"#]

  @Input("The model whose tokenizer is asked.") var model: Model
  @Input("A text, or a prompt.") var text: PromptText

  func run(in session: Session) throws -> Tokenization {
    let tokenizer = try model.requireTokenizer()
    let text: String
    switch self.text {
    case .text(let given): text = given
    case .prompt(let prompt): text = prompt.prompt.text
    }
    return Tokenization(
      text: text, tokens: tokenizer.encode(text), tokenizer: tokenizer,
      recipe: Recipe(self, in: session, model: model))
  }
}

/// A text given as it is, or within a prompt.
enum PromptText: ArgumentConvertible, Sendable {
  case text(String)
  case prompt(PromptObject)

  static var typeDescription: String { "a text in quotes or a prompt" }

  static func convert(_ value: Value, in session: Session) -> PromptText? {
    // A bare word is more likely a misspelt variable than a text.
    if case .string(let text) = value { return .text(text) }
    return PromptObject.unwrap(value).map(PromptText.prompt)
  }

  var argumentText: String {
    switch self {
    case .text(let text): Value.quoted(text)
    case .prompt(let prompt): prompt.argumentText
    }
  }
}
