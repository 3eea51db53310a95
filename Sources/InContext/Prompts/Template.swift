/// How an example is written down, and by which words its class is named.
///
/// ```swift
/// let template = try Template(
///   "Review: {text}\nSentiment:{label}", labelWords: [" Negative", " Positive"])
/// template.demonstration("truly gorgeous ", labelled: 1)
/// // "Review: truly gorgeous \nSentiment: Positive"
/// template.query("it works ")
/// // "Review: it works \nSentiment:"
/// ```
///
/// Demonstrations and the query are joined by one newline. The query ends where the label word
/// would begin, without a blank: language models were trained on words that begin with theirs.
public struct Template: Sendable, Equatable {
  /// What a label word looks like to the one who writes it.
  public enum Spacing: Sendable {
    /// A word that does not begin with white space is given one blank.
    case automatic
    /// Words are taken as they are, for scripts that do not separate words.
    case literal
  }

  /// What stands between two demonstrations, and between the last one and the query.
  public static let separator = "\n"

  /// The template: one `{text}`, and `{label}` at the end.
  public let text: String
  /// The words that name the classes, in class-id order, each with its leading blank.
  public let labelWords: [String]

  /// What stands before the text of an example.
  public let prefix: String
  /// What stands between the text of an example and its label word.
  public let infix: String

  /// - Parameters:
  ///   - text: one `{text}`, then `{label}` at the very end. Blanks in front of `{label}` belong to
  ///     the label words and are dropped: `"Sentiment: {label}"` means `"Sentiment:{label}"`.
  ///   - labelWords: the words in class-id order.
  ///   - spacing: whether words without a leading blank are given one.
  /// - Throws: ``TemplateError`` that names the rule broken.
  public init(
    _ text: String, labelWords: [String], spacing: Spacing = .automatic
  ) throws(TemplateError) {
    (prefix, infix) = try Self.parts(of: text)
    self.text = prefix + Self.textMark + infix + Self.labelMark
    self.labelWords = try Self.checked(labelWords, spacing: spacing)
  }

  /// A template that is known to be well formed.
  init(prefix: String, infix: String, labelWords: [String]) {
    self.prefix = prefix
    self.infix = infix
    self.text = prefix + Self.textMark + infix + Self.labelMark
    self.labelWords = labelWords
  }

  /// The same template with other label words, in class-id order.
  public func with(
    labelWords: [String], spacing: Spacing = .automatic
  ) throws(TemplateError) -> Template {
    try Template(text, labelWords: labelWords, spacing: spacing)
  }

  /// The same template with the word of each class looked up by the name of the class.
  ///
  /// - Throws: ``TemplateError`` if a class has no word, or a word no class.
  public func with(
    labelWords words: [(className: String, word: String)], of classes: [String],
    spacing: Spacing = .automatic
  ) throws(TemplateError) -> Template {
    for (className, _) in words where !classes.contains(className) {
      throw .wordWithoutClass(className: className, classes: classes)
    }
    var ordered: [String] = []
    for name in classes {
      guard let entry = words.last(where: { $0.className == name }) else {
        throw .classWithoutWord(className: name)
      }
      ordered.append(entry.word)
    }
    return try with(labelWords: ordered, spacing: spacing)
  }

  /// The same text with the blank of the label words in the template; nil if not every word has one.
  var endingInBlank: Template? {
    guard labelWords.allSatisfy({ $0.utf8.first == UInt8(ascii: " ") }) else { return nil }
    return Template(
      prefix: prefix, infix: infix + " ",
      labelWords: labelWords.map { String(decoding: $0.utf8.dropFirst(), as: UTF8.self) })
  }

  // MARK: Writing

  /// The example with its label word; no newline at the end.
  public func demonstration(_ text: String, labelled label: Int) -> String {
    prefix + text + infix + labelWords[label]
  }

  /// What stands before a text where there is none: without the blank that would part them.
  var prefixAlone: String {
    var bytes = Array(prefix.utf8)
    while bytes.last == UInt8(ascii: " ") || bytes.last == UInt8(ascii: "\t") { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The example that asks for its label: it ends where the label word would begin.
  public func query(_ text: String) -> String {
    prefix + text + infix
  }
}

// MARK: - Checking

extension Template {
  static let textMark = "{text}"
  static let labelMark = "{label}"

  private static func parts(
    of template: String
  ) throws(TemplateError) -> (prefix: String, infix: String) {
    // Marks are looked for byte by byte: "}" followed by a combining mark is another Character.
    let bytes = Array(template.utf8)
    let texts = positions(of: textMark, in: bytes)
    let labels = positions(of: labelMark, in: bytes)
    guard texts.count == 1 else { throw .marks(textMark, count: texts.count, template: template) }
    guard labels.count == 1 else {
      throw .marks(labelMark, count: labels.count, template: template)
    }
    let textEnd = texts[0] + textMark.utf8.count
    guard textEnd <= labels[0] else { throw .labelBeforeText(template: template) }
    guard labels[0] + labelMark.utf8.count == bytes.count else {
      throw .labelNotLast(template: template)
    }
    var infix = bytes[textEnd..<labels[0]]
    while let last = infix.last, last == UInt8(ascii: " ") || last == UInt8(ascii: "\t") {
      infix.removeLast()
    }
    guard !infix.isEmpty else { throw .nothingBetween(template: template) }
    return (
      String(decoding: bytes[..<texts[0]], as: UTF8.self), String(decoding: infix, as: UTF8.self)
    )
  }

  private static func positions(of mark: String, in bytes: [UInt8]) -> [Int] {
    let mark = Array(mark.utf8)
    guard bytes.count >= mark.count else { return [] }
    return (0...bytes.count - mark.count).filter { bytes[$0..<$0 + mark.count].elementsEqual(mark) }
  }

  private static func checked(
    _ words: [String], spacing: Spacing
  ) throws(TemplateError) -> [String] {
    guard words.count >= 2 else { throw .tooFewWords(count: words.count) }
    var seen: Set<[UInt8]> = []
    var checked: [String] = []
    for word in words {
      guard word.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
        throw .emptyWord(words: words)
      }
      guard !word.utf8.contains(where: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") })
      else { throw .newline(word: word) }
      let startsBlank = word.unicodeScalars.first?.properties.isWhitespace ?? false
      let spaced = spacing == .literal || startsBlank ? word : " " + word
      guard seen.insert(Array(spaced.utf8)).inserted else { throw .duplicateWord(spaced) }
      checked.append(spaced)
    }
    return checked
  }
}
