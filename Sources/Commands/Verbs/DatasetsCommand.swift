import CommandLanguage
import Files
import Foundation
import InContext

/// Lists the built-in data sets.
struct DatasetsCommand: Command {
  static let group = "data and prompts"
  static let summary = "The data sets that are built in."
  static let examples = ["datasets"]

  func run(in session: Session) -> Table {
    let rows = BuiltIn.all.map { builtIn -> [Value] in
      [
        builtIn.name.value, builtIn.title.value, builtIn.classes.count.value,
        Self.rows("train", of: builtIn), Self.rows("test", of: builtIn),
        builtIn.classes.map(\.word).joined(separator: ",").value, builtIn.licence.value,
      ]
    }
    return Table(
      columns: ["name", "task", "classes", "train", "test", "label words", "terms"], rows: rows)
  }

  /// The rows of a split: its lines, without reading what is in them.
  private static func rows(_ split: String, of builtIn: BuiltIn) -> Value {
    guard let folder = BundledResources.folder(target: "InContext"),
      let file = try? MappedFile(
        folder.appendingPathComponent("datasets/\(builtIn.name)/\(split).jsonl"))
    else { return .nothing }
    return file.bytes.count { $0 == UInt8(ascii: "\n") }.value
  }
}
