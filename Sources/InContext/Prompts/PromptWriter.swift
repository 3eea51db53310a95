import Tokenizers

/// Writes demonstrations and a query down and says what every token is for.
///
/// The tokens are those of the whole text, as a model sees it. The text is put together from
/// segments whose byte offsets are known, so that roles and label positions are exact even if a
/// text happens to contain what looks like a label.
public struct PromptWriter: Sendable {
  public let template: Template
  public let labels: LabelVocabulary
  public let tokenizer: Tokenizer
  /// Whether demonstrations have their texts; without, template and label words are left of them.
  var demonstratesTexts = true

  /// Where the blank before label words is a token of its own, as a tokenizer of bytes or characters has
  /// it, it cannot stand for a class: it is then the template's last, and a query ends in it.
  ///
  /// - Throws: ``PromptError`` if the label words cannot be told apart by their first tokens.
  public init(
    template: Template, classes: [String], tokenizer: Tokenizer
  ) throws(PromptError) {
    self.tokenizer = tokenizer
    do {
      labels = try LabelVocabulary(template, classes: classes, tokenizer: tokenizer)
      self.template = template
    } catch {
      guard case .sameFirstToken(_, _, let token) = error, tokenizer.isBlank(token),
        let moved = template.endingInBlank,
        let found = try? LabelVocabulary(moved, classes: classes, tokenizer: tokenizer)
      else { throw error }
      labels = found
      self.template = moved
    }
  }

  /// The prompt of demonstrations, in the order given, and a query.
  ///
  /// - Parameters:
  ///   - query: the text asked about.
  ///   - answer: its class id, if known.
  ///   - row: its row in the test split, if it has one.
  public func prompt(
    demonstrations: [Example], query: String, answer: Int? = nil, row: Int? = nil
  ) -> Prompt {
    var text = SegmentedText()
    for example in demonstrations {
      if demonstratesTexts {
        text.append(template.prefix, .format)
        text.append(example.text, .text)
      } else {
        text.append(template.prefixAlone, .format)
      }
      text.append(template.infix, .format)
      text.append(template.labelWords[example.label], .label, class: example.label)
      text.append(Template.separator, .format)
    }
    let queryStart = text.count
    text.append(template.prefix, .format)
    text.append(query, .query)
    text.append(template.infix, .format)

    var encoded = tokenizer.encode(text.text)
    // What a post-processor puts behind the text would come between the question and the answer.
    while let last = encoded.last, last.bytes.isEmpty { encoded.removeLast() }
    let roles = text.roles(of: encoded, classes: labels.classes.count)
    let firstOfQuery =
      encoded.firstIndex { $0.bytes.upperBound > queryStart && !$0.bytes.isEmpty } ?? 0
    return Prompt(
      text: text.text, tokens: encoded.map(\.id), roles: roles.roles,
      labelPositions: roles.labelPositions, queryStart: demonstrations.isEmpty ? 0 : firstOfQuery,
      demonstrations: demonstrations.map(\.row), query: row, labels: labels, answer: answer,
      tokenizer: tokenizer)
  }

  /// The prompt of demonstrations and a row of the test split.
  public func prompt(demonstrations: [Example], query: Example) -> Prompt {
    prompt(
      demonstrations: demonstrations, query: query.text, answer: query.label, row: query.row)
  }
}
