import Tokenizers

extension Prompt {
  /// What stands for a class in a prompt given as it is.
  public enum RawLabel: Sendable, Equatable {
    /// A word: its first token stands for the class. Write its leading blank.
    case word(String)
    case token(Int)
  }

  /// A prompt from a text as it is, without a data set or a template.
  ///
  /// Label positions are the occurrences of the label tokens before the last position; other tokens
  /// are `text`.
  ///
  /// - Parameters:
  ///   - labels: the classes to choose from; none, or at least two.
  ///   - answer: the right one of `labels`.
  /// - Throws: ``PromptError``.
  public init(
    raw text: String, labels: [RawLabel] = [], answer: RawLabel? = nil, tokenizer: Tokenizer
  ) throws(PromptError) {
    var encoded = tokenizer.encode(text)
    while let last = encoded.last, last.bytes.isEmpty, encoded.count > 1 { encoded.removeLast() }
    try self.init(
      raw: text, tokens: encoded.map(\.id), labels: labels, answer: answer, tokenizer: tokenizer)
  }

  /// A prompt from token ids as they are; without a tokenizer, labels must be token ids, too.
  ///
  /// - Throws: ``PromptError``.
  public init(
    tokens: [Int], labels: [RawLabel] = [], answer: RawLabel? = nil, tokenizer: Tokenizer? = nil
  ) throws(PromptError) {
    for id in tokens {
      guard id >= 0 else { throw .negativeToken(id) }
    }
    try self.init(
      raw: tokenizer?.decode(tokens) ?? "", tokens: tokens, labels: labels, answer: answer,
      tokenizer: tokenizer)
  }

  private init(
    raw text: String, tokens: [Int], labels: [RawLabel], answer: RawLabel?, tokenizer: Tokenizer?
  ) throws(PromptError) {
    guard !tokens.isEmpty else { throw .noTokens }
    let vocabulary = try LabelVocabulary(raw: labels, after: text, tokenizer: tokenizer)
    var roles = [Role](repeating: .text, count: tokens.count)
    var positions = [[Int]](repeating: [], count: vocabulary.tokens.count)
    for (index, id) in tokens.dropLast().enumerated() {
      guard let classID = vocabulary.tokens.firstIndex(of: id) else { continue }
      positions[classID].append(index)
      roles[index] = .label
    }
    roles[tokens.count - 1] = .target
    self.init(
      text: text, tokens: tokens, roles: roles, labelPositions: positions, queryStart: 0,
      labels: vocabulary,
      answer: try vocabulary.classID(of: answer, after: text, tokenizer: tokenizer),
      tokenizer: tokenizer)
  }
}

extension LabelVocabulary {
  fileprivate init(
    raw labels: [Prompt.RawLabel], after text: String, tokenizer: Tokenizer?
  ) throws(PromptError) {
    guard labels.count != 1 else { throw .tooFewLabels(count: 1) }
    var words: [String] = []
    var tokens: [Int] = []
    var split: [String] = []
    for label in labels {
      let found = try Self.tokens(of: label, after: text, tokenizer: tokenizer)
      let word = Self.word(for: label, tokenizer: tokenizer)
      words.append(word)
      tokens.append(found[0])
      if found.count > 1 { split.append(word) }
    }
    do {
      try self.init(classes: words, words: words, tokens: tokens, splitWords: split)
    } catch {
      guard case .sameFirstToken(let first, let second, let token) = error,
        tokenizer?.isBlank(token) == true, first.utf8.count > 1, second.utf8.count > 1
      else { throw error }
      throw .sameBlank(first, second)
    }
  }

  fileprivate func classID(
    of answer: Prompt.RawLabel?, after text: String, tokenizer: Tokenizer?
  ) throws(PromptError) -> Int? {
    guard let answer else { return nil }
    let word = Self.word(for: answer, tokenizer: tokenizer)
    guard !words.isEmpty else { throw .tooFewLabels(count: 0) }
    let first = try Self.tokens(of: answer, after: text, tokenizer: tokenizer)[0]
    guard let classID = tokens.firstIndex(of: first) else {
      throw .unknownAnswer(word, labels: words)
    }
    return classID
  }

  private static func word(for label: Prompt.RawLabel, tokenizer: Tokenizer?) -> String {
    switch label {
    case .word(let word): word
    case .token(let id): tokenizer?.piece(id) ?? String(id)
    }
  }

  /// The tokens of a label, at least one. A word is read as the continuation of the text, since
  /// that is where a model would say it; if it would melt into the text, as it is elsewhere.
  private static func tokens(
    of label: Prompt.RawLabel, after text: String, tokenizer: Tokenizer?
  ) throws(PromptError) -> [Int] {
    switch label {
    case .token(let id):
      guard id >= 0 else { throw .negativeToken(id) }
      if let tokenizer, id >= tokenizer.vocabularyCount {
        throw .unknownToken(id, vocabularyCount: tokenizer.vocabularyCount)
      }
      return [id]
    case .word(let word):
      guard let tokenizer else { throw .needsTokenizer(word) }
      let continued = Self.tokens(of: word, after: text, tokenizer: tokenizer)
      if let first = continued.first, first.bytes.lowerBound >= text.utf8.count {
        return continued.map(\.id)
      }
      let elsewhere = Self.tokens(ofUnmelted: word, tokenizer: tokenizer)
      guard !elsewhere.isEmpty else { throw .emptyLabelWord(word) }
      return elsewhere.map(\.id)
    }
  }
}
