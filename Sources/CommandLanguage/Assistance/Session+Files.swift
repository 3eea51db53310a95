import Foundation

extension Session {
  /// Most files that are offered; a folder may hold very many.
  private static let filesOffered = 200

  /// The files that a path inside quotes may go on to.
  ///
  /// - Parameter isOffered: whether a file of that name is wanted; folders always are.
  func files(
    inString written: String, cursor: Int, isOffered: (String) -> Bool
  ) -> CompletionList {
    let none = CompletionList(items: [], start: cursor, end: cursor)
    // Escapes and line breaks do not belong to paths.
    guard !written.contains(where: { $0 == "\\" || $0.isNewline }) else { return none }
    let cut = written.lastIndex(of: "/").map(written.index(after:)) ?? written.startIndex
    let folder = String(written[..<cut])
    let partial = String(written[cut...])
    let path = folder.isEmpty ? "." : NSString(string: folder).expandingTildeInPath
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
      return none
    }
    let matching = names.filter {
      $0.hasPrefix(partial) && (partial.hasPrefix(".") || !$0.hasPrefix("."))
        && !$0.contains("\"") && !$0.contains("\\")
    }
    var items: [Completion] = []
    for name in matching.sorted() where items.count < Self.filesOffered {
      var isFolder: ObjCBool = false
      let full = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
      _ = FileManager.default.fileExists(atPath: full, isDirectory: &isFolder)
      if isFolder.boolValue {
        items.append(Completion(name + "/", .file, "folder"))
      } else if isOffered(name) {
        items.append(Completion(name, .file, "file"))
      }
    }
    return CompletionList(
      items: items, start: cursor - partial.unicodeScalars.count, end: cursor)
  }
}
