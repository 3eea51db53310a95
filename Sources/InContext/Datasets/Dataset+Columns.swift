import Files
import Foundation

extension Dataset {
  /// Whether a file's name ends as that of a data set does.
  public static func isReadable(_ name: String) -> Bool {
    RawRows.Format(URL(fileURLWithPath: name)) != nil
  }

  /// What is read of a file to find its columns.
  private static let headLength = 65_536

  /// The columns of a file, or of the training file of a folder, by its first row; none if there
  /// is no such file or it cannot be read. A built-in data set has those of its rows.
  public static func columns(of source: String) -> [String] {
    guard BuiltIn(named: source) == nil else { return ["text", "label"] }
    var url = URL(fileURLWithPath: (source as NSString).expandingTildeInPath)
    if RawRows.Format(url) == nil {
      let names = RawRows.Format.allCases.map { "train.\($0.rawValue)" }
      let files = names.map { url.appendingPathComponent($0) }
      guard let file = files.first(where: { FileManager.default.fileExists(atPath: $0.path) })
      else { return [] }
      url = file
    }
    guard let format = RawRows.Format(url), let file = try? MappedFile(url) else { return [] }
    defer { withExtendedLifetime(file) {} }
    let bytes = RawRows.withoutByteOrderMark(file.bytes)
    let head = UnsafeRawBufferPointer(rebasing: bytes.prefix(headLength))
    switch format {
    case .csv: return (try? RawRows.header(of: head, separatedBy: .comma)) ?? []
    case .tsv: return (try? RawRows.header(of: head, separatedBy: .tab)) ?? []
    case .jsonl, .ndjson, .json:
      let line = head.prefix { $0 != UInt8(ascii: "\n") }
      let value = try? JSONValue(parsing: UnsafeRawBufferPointer(rebasing: line))
      return value?.object?.keys ?? []
    }
  }
}
