import Tokenizers

/// The classes of a prompt, the words that name them, and the token that stands for each.
///
/// The first token of a word stands for its class (paper, footnote 4).
public struct LabelVocabulary: Sendable, Equatable {
  /// The names of the classes.
  public let classes: [String]
  /// The label words by class id.
  public let words: [String]
  /// The first token of each word.
  public let tokens: [Int]
  /// The words that are more than one token.
  public let splitWords: [String]

  init(classes: [String], words: [String], tokens: [Int], splitWords: [String]) throws(PromptError)
  {
    for (id, token) in tokens.enumerated() {
      if let other = tokens[..<id].firstIndex(of: token) {
        throw .sameFirstToken(words[other], words[id], token: token)
      }
    }
    self.classes = classes
    self.words = words
    self.tokens = tokens
    self.splitWords = splitWords
  }

  /// The words of a template, each looked at where it follows the template's query.
  ///
  /// - Throws: ``PromptError`` if two words begin with the same token, or a word melts into the
  ///   token before it.
  init(
    _ template: Template, classes: [String], tokenizer: Tokenizer
  ) throws(PromptError) {
    let context = template.query("")
    var tokens: [Int] = []
    var split: [String] = []
    for word in template.labelWords {
      let pieces = Self.tokens(of: word, after: context, tokenizer: tokenizer)
      guard let first = pieces.first else { throw .emptyLabelWord(word) }
      guard first.bytes.lowerBound >= context.utf8.count else {
        throw .meltedLabelWord(word, piece: tokenizer.piece(first.id))
      }
      tokens.append(first.id)
      if pieces.count > 1 { split.append(word) }
    }
    try self.init(
      classes: classes, words: template.labelWords, tokens: tokens, splitWords: split)
  }

  /// The tokens of a word within a text, whichever that is.
  ///
  /// It is not looked at alone, for many tokenizers put a mark in front of a text: that mark is no part
  /// of the word, and a word with a blank would get two.
  static func tokens(ofUnmelted word: String, tokenizer: Tokenizer) -> [Token] {
    for context in ["\n", ".", "a"] {
      let tokens = Self.tokens(of: word, after: context, tokenizer: tokenizer)
      if let first = tokens.first, first.bytes.lowerBound >= context.utf8.count { return tokens }
    }
    return tokenizer.encode(word, addSpecialTokens: false)
  }

  /// The tokens that hold bytes of a word when it follows a text.
  static func tokens(of word: String, after context: String, tokenizer: Tokenizer) -> [Token] {
    let start = context.utf8.count
    return tokenizer.encode(context + word).filter { token in
      token.bytes.upperBound > start && !token.bytes.isEmpty
    }
  }
}

extension Tokenizer {
  /// Whether a token is a blank and nothing else.
  func isBlank(_ token: Int) -> Bool { bytes(of: token) == [UInt8(ascii: " ")] }
}
