/// Why a prompt cannot be made.
public enum PromptError: Error, Sendable, Equatable {
  /// A prompt has more tokens than the model has positions.
  case tooLong(tokens: Int, limit: Int, model: String? = nil, shots: Int, row: Int?)
  /// Every prompt of a sample is too long.
  case allTooLong(count: Int, limit: Int, model: String? = nil, shots: Int)
  /// Two classes would be one, since the first token of a label word stands for its class.
  case sameFirstToken(String, String, token: Int)
  /// The same, and that token is the blank before both.
  case sameBlank(String, String)
  /// A label word has no token of its own first: it is one with what stands before it.
  case meltedLabelWord(String, piece: String)
  case emptyLabelWord(String)
  case noTokens
  case negativeToken(Int)
  case unknownToken(Int, vocabularyCount: Int)
  /// A word was given where only token ids can be understood.
  case needsTokenizer(String)
  case tooFewLabels(count: Int)
  case unknownAnswer(String, labels: [String])
}

extension PromptError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .tooLong(let tokens, let limit, let model, let shots, let row):
      let subject = row.map { "the prompt for test row \($0)" } ?? "the prompt"
      return "\(subject) has \(tokens) tokens; \(model ?? "the model") takes \(limit). "
        + Self.remedy(shots: shots)
    case .allTooLong(let count, let limit, let model, let shots):
      return "all \(count) prompts have more than the \(limit) tokens that "
        + "\(model ?? "the model") takes. "
        + Self.remedy(shots: shots)
    case .sameFirstToken(let first, let second, let token):
      return "the label words \(first.debugDescription) and \(second.debugDescription) begin with "
        + "the same token (\(token)), which stands for the class; choose words that begin "
        + "differently."
    case .sameBlank(let first, let second):
      return
        "the blank before \(first.debugDescription) and \(second.debugDescription) is a token of "
        + "its own, which cannot stand for both; end the text with that blank and write the words "
        + "without it."
    case .meltedLabelWord(let word, let piece):
      return "the label word \(word.debugDescription) is one token with what stands before it "
        + "(\(piece.debugDescription)); begin the word with a blank, or end the template otherwise."
    case .emptyLabelWord(let word):
      return "the label word \(word.debugDescription) has no tokens; choose another."
    case .noTokens: return "a prompt needs at least one token."
    case .negativeToken(let id): return "token \(id) is negative; ids count from 0."
    case .unknownToken(let id, let count):
      return "there is no token \(id); the vocabulary has ids 0...\(count - 1)."
    case .needsTokenizer(let word):
      return "\(word.debugDescription) is a word, and the model has no tokenizer; give token ids."
    case .tooFewLabels(let count):
      return "labels= has \(count == 1 ? "one label" : "no labels"); an answer is chosen from two "
        + "or more."
    case .unknownAnswer(let answer, let labels):
      return "answer=\(answer.debugDescription) is none of the labels "
        + labels.map(\.debugDescription).joined(separator: ", ") + "."
    }
  }

  private static func remedy(shots: Int) -> String {
    switch shots {
    case 0: "Shorten the text."
    case 1:
      "Say shots=0, choose a data set of shorter texts, or load a model with a longer context."
    default: "Reduce shots (now \(shots)), or load a model with a longer context."
    }
  }
}
