import Files
import Foundation

extension RawRows {
  /// What a file is, by its extension.
  enum Format: String, CaseIterable {
    case jsonl, ndjson, json, csv, tsv

    init?(_ url: URL) {
      self.init(rawValue: url.pathExtension.lowercased())
    }
  }

  /// Reads a file of labelled texts.
  ///
  /// - Throws: ``DataError`` that names the file and the line.
  init(_ url: URL, columns: Columns) throws(DataError) {
    guard let format = Format(url) else { throw .source(.unknownFormat(url.path)) }
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw .source(.missingFile(url.path))
    }
    let file: MappedFile
    do {
      file = try MappedFile(url)
    } catch {
      throw .source(.unreadable(url.path, reason: error.reason))
    }
    defer { withExtendedLifetime(file) {} }
    let name = url.lastPathComponent
    let bytes = Self.withoutByteOrderMark(file.bytes)
    switch format {
    case .jsonl, .ndjson, .json: try self.init(jsonLines: bytes, file: name, columns: columns)
    case .csv: try self.init(separated: bytes, by: .comma, file: name, columns: columns)
    case .tsv: try self.init(separated: bytes, by: .tab, file: name, columns: columns)
    }
    guard !texts.isEmpty else { throw .source(.emptyFile(name)) }
  }

  static func withoutByteOrderMark(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? UnsafeRawBufferPointer(rebasing: bytes[3...]) : bytes
  }
}
