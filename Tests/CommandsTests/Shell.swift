import CommandLanguage
import Files
import Foundation
import Testing

@testable import Commands

/// A session with a folder of its own to write to.
final class Shell {
  let session = Fathom.session()
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("fathom-\(UUID().uuidString)")

  static let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  static let mini = repository.appendingPathComponent("Sources/Checkpoints/Resources/mini")
  static let checkpoints = repository.appendingPathComponent("Tests/Goldens/gpt2/checkpoints")

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// Runs a cell that must not fail; `$` in it stands for the folder.
  @discardableResult
  func run(_ cell: String, _ location: SourceLocation = #_sourceLocation) -> CellResult {
    let result = session.execute(filled(cell))
    if let failure = result.failure {
      Issue.record("\(cell): \(failure.name): \(failure.message)", sourceLocation: location)
    }
    return result
  }

  /// What a cell shows as text.
  func text(_ cell: String, _ location: SourceLocation = #_sourceLocation) -> String {
    run(cell, location).display?.plain ?? ""
  }

  /// The failure of a cell, as `Name: message`.
  func error(_ cell: String) -> String {
    session.execute(filled(cell)).failure.map { "\($0.name): \($0.message)" } ?? "no error"
  }

  private func filled(_ cell: String) -> String {
    cell.replacingOccurrences(of: "$", with: folder.path)
  }

  func url(_ name: String) -> URL { folder.appendingPathComponent(name) }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: url(name))
  }

  func read(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: url(name)), as: UTF8.self)
  }

  func json(_ name: String) throws -> JSONValue { try JSONValue(parsing: try read(name)) }

  /// A copy of the embedded model with one of its files changed.
  func copyOfMini(_ name: String, changing file: String, _ change: (Data) -> Data) throws {
    try FileManager.default.copyItem(at: Self.mini, to: url(name))
    let place = url(name).appendingPathComponent(file)
    try change(try Data(contentsOf: place)).write(to: place)
  }
}
