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
    Display(plain: "template \(Value.quoted(text))\nlabels   \(wordsText)")
  }
}
