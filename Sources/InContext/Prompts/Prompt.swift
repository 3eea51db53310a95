import Tokenizers

/// A text of demonstrations and a query, token by token.
public struct Prompt: Sendable {
  /// The whole text; for a prompt made of token ids, what they decode to.
  public let text: String
  /// The token ids of the whole text.
  public let tokens: [Int]
  /// What each token is for. A token that straddles two parts of the text belongs to the label word
  /// if it holds any of one, else to a text, else to the format. The last token is the target.
  public let roles: [Role]
  /// Where the label words of each class begin, by class id: the index of their first token.
  public let labelPositions: [[Int]]
  /// Where the query begins: the number of tokens that belong to the demonstrations, with the
  /// newline behind the last of them. Zero if there are none.
  public let queryStart: Int
  /// The rows of the train split that are demonstrated, in the order of the prompt.
  public let demonstrations: [Int]
  /// The row of the test split that is asked about; nil if the query is from elsewhere.
  public let query: Int?
  /// The names of the classes.
  public let classes: [String]
  /// The label words by class id, with their leading blanks.
  public let labelWords: [String]
  /// The token that stands for each class: the first one of its label word.
  public let labelTokens: [Int]
  /// The label words that are more than one token.
  public let splitLabelWords: [String]
  /// The class id of the right answer, if it is known.
  public let answer: Int?

  private let tokenizer: Tokenizer?

  init(
    text: String, tokens: [Int], roles: [Role], labelPositions: [[Int]], queryStart: Int,
    demonstrations: [Int] = [], query: Int? = nil, labels: LabelVocabulary, answer: Int?,
    tokenizer: Tokenizer?
  ) {
    self.text = text
    self.tokens = tokens
    self.roles = roles
    self.labelPositions = labelPositions
    self.queryStart = queryStart
    self.demonstrations = demonstrations
    self.query = query
    classes = labels.classes
    labelWords = labels.words
    labelTokens = labels.tokens
    splitLabelWords = labels.splitWords
    self.answer = answer
    self.tokenizer = tokenizer
  }

  /// The index of the last token, where the model answers.
  public var target: Int { tokens.count - 1 }

  /// The tokens of the query as they stand behind demonstrations, whether the prompt has any or not: a
  /// tokenizer may begin a text with a mark of its own, or with another token.
  public var queryTokens: [Int] {
    guard queryStart == 0 else { return Array(tokens[queryStart...]) }
    // Token ids that their text does not give again are meant as they are.
    guard let tokenizer, tokenizer.ids(text).starts(with: tokens) else { return tokens }
    return LabelVocabulary.tokens(of: text, after: Template.separator, tokenizer: tokenizer)
      .map(\.id)
  }

  /// The tokens for people; their ids if there is no tokenizer.
  public var pieces: [String] {
    tokens.map { id in tokenizer?.piece(id) ?? String(id) }
  }

  /// The tokens of the demonstrations that are not text: format and label words, down to the
  /// newline before the query. Compression keeps the states of these.
  public var anchors: [Int] {
    (0..<queryStart).filter { roles[$0] != .text }
  }
}
