/// Whether a text is ready to run.
public enum Completeness: Sendable, Equatable {
  case complete
  /// More is needed; the next line starts with the indent.
  case incomplete(indent: String)
  case invalid
}

extension Session {
  /// Whether Enter should run the text, or start one more line of it.
  public func completeness(of text: String) -> Completeness {
    do throws(LanguageError) {
      _ = try Parser.statements(of: Source(text))
      return .complete
    } catch {
      return switch error.lack {
      case nil: .invalid
      // An indent inside a string would become part of it.
      case .closingQuote: .incomplete(indent: "")
      case .more: .incomplete(indent: "  ")
      }
    }
  }
}
