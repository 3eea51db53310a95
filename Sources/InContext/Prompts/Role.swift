/// What a token of a prompt is for.
public enum Role: String, Sendable, CaseIterable {
  /// The text of a demonstration.
  case text
  /// What the template adds: `Review:`, newlines, `Sentiment:`.
  case format
  /// The label word of a demonstration, all its tokens.
  case label
  /// The text that is asked about.
  case query
  /// The last token, where the model answers.
  case target
}
