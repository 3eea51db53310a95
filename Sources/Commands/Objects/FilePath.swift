import CommandLanguage
import Foundation

/// A path as a person writes it: relative to the current folder, `~` for the home folder.
struct FilePath: ArgumentConvertible, Sendable {
  let text: String

  init(_ text: String) { self.text = text }

  static var typeDescription: String { "a file's name in quotes" }
  var argumentText: String { Value.quoted(text) }

  static func convert(_ value: Value, in session: Session) -> FilePath? {
    value.word.map(FilePath.init)
  }

  var url: URL { URL(fileURLWithPath: NSString(string: text).expandingTildeInPath) }

  /// The extension in lower case, without its dot.
  var fileExtension: String { url.pathExtension.lowercased() }
}
