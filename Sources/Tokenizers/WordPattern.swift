/// A pattern by which a pre-tokenizer cuts text into words.
///
/// Tokenizer files write it as a regular expression. The ones in use differ in few points, which
/// are the fields of this value; the rest is common to all: runs of letters, of numbers and of
/// anything else make words, and of white space before a word the last character is kept back
/// (`\s+(?!\S)`).
struct WordPattern: Sendable, Equatable {
  /// Whether `'S` is cut off as `'s` is.
  let foldsCase: Bool
  /// Whether letters take any one character before them that is no letter, number, CR or LF;
  /// else only a space.
  let lettersTakeAny: Bool
  /// Longest run of numbers; nil if there is no limit and a space before the run belongs to it.
  let numberLimit: Int?
  /// Whether line breaks end a word: punctuation takes those that follow it, and white space up
  /// to the last one makes a word.
  let mindsLineBreaks: Bool
}

extension WordPattern {
  /// GPT-2, and with it GPT-J, GPT-NeoX, OPT, RoBERTa.
  static let gpt2 = WordPattern(
    foldsCase: false, lettersTakeAny: false, numberLimit: nil, mindsLineBreaks: false)
  /// Llama 3 and GPT-4 (cl100k).
  static let llama3 = WordPattern(
    foldsCase: true, lettersTakeAny: true, numberLimit: 3, mindsLineBreaks: true)
  /// Qwen 2, 2.5 and 3.
  static let qwen2 = WordPattern(
    foldsCase: true, lettersTakeAny: true, numberLimit: 1, mindsLineBreaks: true)

  /// The pattern that a file writes as a regular expression; nil if it is none of the known.
  init?(expression: String) {
    guard let known = Self.expressions.first(where: { $0.text == expression }) else { return nil }
    self = known.pattern
  }

  private static let expressions: [(text: String, pattern: WordPattern)] = [
    (#"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#, gpt2),
    (#"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#, gpt2),
    (modern(numbers: #"\p{N}{1,3}"#), llama3),
    (modern(numbers: #"\p{N}"#), qwen2),
  ]

  private static func modern(numbers: String) -> String {
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"# + numbers
      + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  }
}
