import Foundation

/// A file's bytes, mapped read-only into memory.
///
/// Nothing is read before it is touched, and all processes that map one file share its pages.
/// The bytes are there as long as the `MappedFile` is. A file that another program shortens in
/// the meantime makes the process stop when the lost part is touched; programs that replace
/// files by renaming, as ``AtomicFile`` does, never cause that.
public final class MappedFile: Sendable {
  /// Size of the file in bytes.
  public let count: Int

  // An address as an integer is Sendable; the pages behind it are read-only and private to the
  // mapping, so that any thread may read them.
  private let address: UInt

  /// Maps a file; an empty one is legal.
  public init(_ url: URL) throws(FileError) {
    let path = url.path
    // A pipe that nobody writes to would not be opened before somebody does.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw FileError(.read, path, code: errno) }
    defer { close(descriptor) }
    var information = stat()
    guard fstat(descriptor, &information) == 0 else {
      throw FileError(.read, path, code: errno)
    }
    guard information.st_mode & S_IFMT == S_IFREG else {
      let isFolder = information.st_mode & S_IFMT == S_IFDIR
      throw FileError(.read, path, reason: isFolder ? "it is a folder" : "it is no regular file")
    }
    count = Int(information.st_size)
    guard count > 0 else {
      address = 0
      return
    }
    guard let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0),
      start != MAP_FAILED
    else { throw FileError(.read, path, code: errno) }
    address = UInt(bitPattern: start)
  }

  /// The file's bytes; not to be used after the `MappedFile` is gone.
  public var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: address), count: count)
  }

  deinit {
    if count > 0 { munmap(UnsafeMutableRawPointer(bitPattern: address), count) }
  }
}

extension MappedFile {
  /// Parses the file as JSON; see ``JSONValue``.
  public func json(maximumDepth: Int = 128) throws(JSONError) -> JSONValue {
    // `self` must not be freed while its bytes are parsed.
    defer { withExtendedLifetime(self) {} }
    return try JSONValue(parsing: bytes, maximumDepth: maximumDepth)
  }
}
