import CommandLanguage
import InContext
import Tokenizers

/// A prompt as a value of the language: its tokens for one model, and what it takes to write it for
/// another.
struct PromptObject: Recorded {
  static var typeName: String { "prompt" }

  /// What a prompt is made of, before any tokenizer has seen it.
  enum Source: Sendable {
    case drawn(Dataset, shots: Int, query: Int, seed: Int)
    case asked(Dataset, shots: Int, text: String, answer: Int?, seed: Int)
    case text(String, labels: [Prompt.RawLabel], answer: Prompt.RawLabel?)
    case tokens([Int], labels: [Prompt.RawLabel], answer: Prompt.RawLabel?)
  }

  let prompt: Prompt
  let source: Source
  /// The tokenizer that the tokens are of; nil for token ids that no one has looked up.
  let tokenizer: Tokenizer?
  /// Whether a person said which model token ids are for.
  let isForOneModel: Bool
  let recipe: Recipe

  var argumentText: String { "(\(recipe.command))" }

  static func advice(insteadOf value: Value, written: String, in session: Session) -> String? {
    let isDataset =
      value.object(DatasetObject.self) != nil || value.word.flatMap(BuiltIn.init(named:)) != nil
    if isDataset { return "write (prompt \(written)) for one prompt of it" }
    return switch value {
    case .string: "write (prompt text=\(written))"
    case .symbol(let name): "write \(name.asVariable) = prompt sst2 first, or another data set"
    default: nil
    }
  }

  /// The data set that it was drawn from.
  var dataset: Dataset? {
    switch source {
    case .drawn(let dataset, _, _, _), .asked(let dataset, _, _, _, _): dataset
    case .text, .tokens: nil
    }
  }

  /// The prompt as a model reads it: written anew if it was made for another tokenizer.
  ///
  /// - Throws: `PromptError`, ``TokenizerMissing``; ``PromptModelMismatch`` for token ids that were
  ///   given for another model.
  func prompt(for model: Model) throws -> Prompt {
    if let tokenizer, tokenizer === model.tokenizer {
      try Self.checkLength(prompt, for: model)
      return prompt
    }
    if case .tokens = source, isForOneModel, let owner = recipe.models.first,
      owner.fingerprint != model.fingerprint
    {
      throw PromptModelMismatch(made: owner.name, asked: model.name)
    }
    return try source.prompt(for: model)
  }

  private static func checkLength(_ prompt: Prompt, for model: Model) throws(PromptError) {
    let limit = model.architecture.context
    guard prompt.tokens.count > limit else { return }
    throw .tooLong(
      tokens: prompt.tokens.count, limit: limit, model: model.name,
      shots: prompt.demonstrations.count / max(prompt.classes.count, 1), row: prompt.query)
  }
}

extension PromptObject.Source {
  /// The prompt for a model.
  func prompt(for model: Model) throws -> Prompt {
    switch self {
    case .tokens:
      return try prompt(
        tokenizer: model.tokenizer, context: model.architecture.context, model: model.name)
    default:
      return try prompt(
        tokenizer: model.requireTokenizer(), context: model.architecture.context,
        model: model.name)
    }
  }

  /// - Throws: `PromptError`, `DataError`.
  func prompt(tokenizer: Tokenizer?, context: Int?, model: String? = nil) throws -> Prompt {
    let prompt: Prompt
    switch (self, tokenizer) {
    case (.drawn(let dataset, let shots, let query, let seed), let tokenizer?):
      return try PromptBuilder(
        dataset, tokenizer: tokenizer, contextLength: context, model: model
      ).prompt(shots: shots, query: query, seed: seed)
    case (.asked(let dataset, let shots, let text, let answer, let seed), let tokenizer?):
      return try PromptBuilder(
        dataset, tokenizer: tokenizer, contextLength: context, model: model
      ).prompt(shots: shots, text: text, answer: answer, seed: seed)
    case (.text(let text, let labels, let answer), let tokenizer?):
      prompt = try Prompt(raw: text, labels: labels, answer: answer, tokenizer: tokenizer)
    case (.tokens(let tokens, let labels, let answer), _):
      prompt = try Prompt(tokens: tokens, labels: labels, answer: answer, tokenizer: tokenizer)
    default: throw TokenizerMissing(model: model ?? "the model", reason: "none was found")
    }
    if let context, prompt.tokens.count > context {
      throw PromptError.tooLong(
        tokens: prompt.tokens.count, limit: context, model: model, shots: 0, row: nil)
    }
    return prompt
  }
}

/// Token ids mean nothing to another model.
struct PromptModelMismatch: Error, Sendable, Equatable, CustomStringConvertible {
  let made: String
  let asked: String

  var description: String {
    "the prompt is of token ids for \(made), which mean something else to \(asked); "
      + "make one with prompt tokens=… model=\(asked), or give the text"
  }
}
