import CommandLanguage
import InContext

extension Template: LanguageObject {
  public static var typeName: String { "template" }

  public var summary: String { "template \(Value.quoted(text))" }

  public var argumentText: String { "(template \(Value.quoted(text)) labels=\(wordsText))" }

  private var wordsText: String {
    "[" + labelWords.map(Value.quoted).joined(separator: ", ") + "]"
  }

  public var fieldNames: [String] { ["text", "labels"] }

  public func field(_ name: String) -> Value? {
    switch name {
    case "text": text.value
    case "labels": labelWords.value
    default: nil
    }
  }

  public func display() -> Display {
    let note = blankNote.map { "\n         \($0)" } ?? ""
    return Display(plain: "template \(Value.quoted(text))\nlabels   \(wordsText)\(note)")
  }

  /// Where the blank before a label word has gone, for those who wrote it in the template.
  var blankNote: String? {
    labelWords.contains { $0.hasPrefix(" ") }
      ? "the blank before a label belongs to its word; a query ends without it" : nil
  }
}
