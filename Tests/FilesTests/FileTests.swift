import Files
import Foundation
import Testing

@Suite("Files")
struct FileTests {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("fathom-files-\(UUID().uuidString)", isDirectory: true)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private func place(_ name: String) -> URL { folder.appendingPathComponent(name) }

  private func cleanUp() { try? FileManager.default.removeItem(at: folder) }

  @Test("A mapped file has the bytes that were written")
  func map() throws {
    defer { cleanUp() }
    let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0) }
    try AtomicFile.write(bytes, to: place("a"))
    let file = try MappedFile(place("a"))
    #expect(file.count == bytes.count)
    #expect(file.bytes.elementsEqual(bytes))
  }

  @Test("An empty file can be mapped")
  func empty() throws {
    defer { cleanUp() }
    try AtomicFile.write("", to: place("a"))
    #expect(try MappedFile(place("a")).bytes.isEmpty)
  }

  @Test("A file that is not there, and a folder, are errors that name the path and the reason")
  func missing() throws {
    defer { cleanUp() }
    let error = #expect(throws: FileError.self) { try MappedFile(place("no such file")) }
    #expect(error?.description.contains("no such file: No such file or directory") == true)
    let other = #expect(throws: FileError.self) { try MappedFile(folder) }
    #expect(other?.reason == "it is a folder")
  }

  @Test(
    "A named pipe is refused at once, whether or not somebody writes to it", .timeLimit(.minutes(1))
  )
  func pipe() throws {
    defer { cleanUp() }
    #expect(mkfifo(place("pipe").path, 0o600) == 0)
    let error = #expect(throws: FileError.self) { try MappedFile(place("pipe")) }
    #expect(error?.reason == "it is no regular file")
  }

  @Test("Writing replaces the whole file, keeps its mode and leaves nothing beside it")
  func replace() throws {
    defer { cleanUp() }
    try AtomicFile.write("a longer text than the next", to: place("a"))
    chmod(place("a").path, 0o640)
    let old = try MappedFile(place("a"))
    try AtomicFile.write("short", to: place("a"))
    #expect(old.count == 27)
    #expect(try String(contentsOf: place("a"), encoding: .utf8) == "short")
    let attributes = try FileManager.default.attributesOfItem(atPath: place("a").path)
    #expect(attributes[.posixPermissions] as? Int == 0o640)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a"])
  }

  @Test("Writing to a link changes the file it leads to")
  func link() throws {
    defer { cleanUp() }
    try AtomicFile.write("old", to: place("a"))
    try FileManager.default.createSymbolicLink(
      atPath: place("b").path, withDestinationPath: place("a").path)
    try AtomicFile.write("new", to: place("b"))
    #expect(try String(contentsOf: place("a"), encoding: .utf8) == "new")
  }

  @Test("A folder that is not there, a folder and a device cannot be written to")
  func unwritable() throws {
    defer { cleanUp() }
    let missing = #expect(throws: FileError.self) {
      try AtomicFile.write("x", to: place("none/a"))
    }
    #expect(missing?.reason.hasPrefix("there is no folder") == true)
    #expect(throws: FileError.self) { try AtomicFile.write("x", to: folder) }
    #expect(throws: FileError.self) {
      try AtomicFile.write("x", to: URL(fileURLWithPath: "/dev/null"))
    }
  }

  @Test("Resources that are not there are nil, not the end of the program")
  func noResources() {
    defer { cleanUp() }
    #expect(BundledResources.folder(target: "NoSuchTarget") == nil)
  }
}
