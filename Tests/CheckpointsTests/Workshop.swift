import Checkpoints
import Foundation

/// A folder for one test, and the raw makings of safetensors files.
struct Workshop {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("fathom-checkpoints-\(UUID().uuidString)", isDirectory: true)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  func place(_ name: String) -> URL { folder.appendingPathComponent(name) }

  func put(_ bytes: [UInt8], _ name: String) throws {
    try Data(bytes).write(to: place(name))
  }

  func put(_ text: String, _ name: String) throws {
    try put(Array(text.utf8), name)
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }

  /// The bytes of a file with this header and this much data.
  static func file(_ header: String, data: Int) -> [UInt8] {
    file(header, data: [UInt8](repeating: 0, count: data))
  }

  static func file(_ header: String, data: [UInt8]) -> [UInt8] {
    length(UInt64(header.utf8.count)) + Array(header.utf8) + data
  }

  static func length(_ value: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// An entry of a header.
  static func entry(
    _ name: String, _ type: String, _ shape: String, _ offsets: String
  ) -> String {
    "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
  }
}
