import Files
import Foundation

/// A file that grows as a download arrives, and that a later one goes on with.
final class PartialFile {
  /// Bytes so far.
  private(set) var count: Int

  private let path: String
  private let folder: URL
  private let descriptor: Int32

  /// Opens the part that is there, or begins one.
  ///
  /// - Parameter folder: what a full disk is told by.
  init(_ url: URL, folder: URL) throws(HubError) {
    path = url.path
    self.folder = folder
    descriptor = open(url.path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .file(FileError(.write, url.path, code: errno)) }
    count = Int(lseek(descriptor, 0, SEEK_END))
  }

  deinit { close(descriptor) }

  /// - Parameter missing: bytes that are still to come, for the message of a full disk.
  func append(_ bytes: UnsafeRawBufferPointer, missing: Int) throws(HubError) {
    var rest = bytes
    while let start = rest.baseAddress, !rest.isEmpty {
      let written = write(descriptor, start, rest.count)
      if written < 0 {
        if errno == EINTR { continue }
        let code = errno
        // A part that ends within a piece is as good as any.
        if code == ENOSPC || code == EDQUOT {
          throw .diskFull(folder: folder.path, needed: missing, free: nil)
        }
        throw .file(FileError(.write, path, code: code))
      }
      count += written
      rest = UnsafeRawBufferPointer(rebasing: rest[written...])
    }
  }

  func truncate(to size: Int) throws(HubError) {
    guard ftruncate(descriptor, off_t(size)) == 0, lseek(descriptor, 0, SEEK_END) == size else {
      throw .file(FileError(.write, path, code: errno))
    }
    count = size
  }

  /// Makes sure that the bytes are on the disk.
  func synchronize() throws(HubError) {
    guard fsync(descriptor) == 0 else { throw .file(FileError(.write, path, code: errno)) }
  }

  func remove() throws(HubError) {
    guard unlink(path) == 0 else { throw .file(FileError(.write, path, code: errno)) }
  }
}

/// Holds a lock on a file as long as it lives.
final class FileLock {
  private let descriptor: Int32

  /// Waits for the lock.
  ///
  /// - Throws: ``HubError/cancelled`` if the person does not want to wait any longer.
  init(_ url: URL, isCancelled: () -> Bool) throws(HubError) {
    descriptor = open(url.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .file(FileError(.write, url.path, code: errno)) }
    // Where the file system has no locks, there is nothing to wait for.
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK || errno == EINTR {
      if isCancelled() { throw .cancelled }
      usleep(50_000)
    }
  }

  deinit { close(descriptor) }
}
