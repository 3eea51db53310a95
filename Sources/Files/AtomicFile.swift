import Foundation

/// Files that are complete or absent: written beside their place, then renamed into it.
public enum AtomicFile {
  /// Writes bytes to a file, replacing what was there; a reader sees the old file or the new one.
  public static func write(_ bytes: [UInt8], to url: URL) throws(FileError) {
    let result = bytes.withUnsafeBytes { bytes in
      Result { () throws(FileError) in try write(pieces: [bytes], to: url) }
    }
    try result.get()
  }

  /// Writes data to a file, replacing what was there.
  public static func write(_ data: Data, to url: URL) throws(FileError) {
    try write([UInt8](data), to: url)
  }

  /// Writes a text as UTF-8 to a file, replacing what was there.
  public static func write(_ text: String, to url: URL) throws(FileError) {
    try write(Array(text.utf8), to: url)
  }

  /// Writes several pieces, one after the other, as one file.
  public static func write(
    pieces: [UnsafeRawBufferPointer], to url: URL
  ) throws(FileError) {
    let place = try destination(url.path)
    let name = (place.path as NSString).lastPathComponent
    let folder = (place.path as NSString).deletingLastPathComponent
    let random = String(UInt64.random(in: .min ... .max), radix: 36)
    // The prefix of the name is cut so that long names stay within the system's 255 bytes.
    let beside = (folder as NSString).appendingPathComponent(".\(name.prefix(40)).\(random)")

    let descriptor = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      let code = errno
      if code == ENOENT {
        throw FileError(.write, url.path, reason: "there is no folder \(folder)")
      }
      throw FileError(.write, url.path, code: code)
    }
    var code = put(pieces, into: descriptor)
    if code == 0, let mode = place.mode, fchmod(descriptor, mode) != 0 { code = errno }
    if code == 0, fsync(descriptor) != 0 { code = errno }
    if close(descriptor) != 0, code == 0 { code = errno }
    if code == 0, rename(beside, place.path) != 0 { code = errno }
    guard code == 0 else {
      unlink(beside)
      throw FileError(.write, url.path, code: code)
    }
  }

  /// The path to rename to: where a link leads, with the mode of the file that is there.
  private static func destination(
    _ path: String
  ) throws(FileError) -> (path: String, mode: mode_t?) {
    var information = stat()
    guard stat(path, &information) == 0 else { return (path, nil) }
    guard information.st_mode & S_IFMT == S_IFREG else {
      let isFolder = information.st_mode & S_IFMT == S_IFDIR
      throw FileError(.write, path, reason: isFolder ? "it is a folder" : "it is no regular file")
    }
    guard let resolved = realpath(path, nil) else {
      throw FileError(.write, path, code: errno)
    }
    defer { free(resolved) }
    return (String(cString: resolved), information.st_mode & 0o7777)
  }

  /// Writes all bytes of all pieces; returns 0 or the system's error number.
  private static func put(_ pieces: [UnsafeRawBufferPointer], into descriptor: Int32) -> Int32 {
    for piece in pieces {
      var rest = piece
      while let start = rest.baseAddress, !rest.isEmpty {
        let written = Foundation.write(descriptor, start, rest.count)
        if written < 0 {
          if errno == EINTR { continue }
          return errno
        }
        rest = UnsafeRawBufferPointer(rebasing: rest[written...])
      }
    }
    return 0
  }
}
