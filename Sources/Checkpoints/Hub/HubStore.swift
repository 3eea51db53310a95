import Files
import Foundation

/// A model's place in the cache of Hugging Face's tools, laid out as they do:
/// `blobs` holds contents by their tags, `snapshots/COMMIT` links names to them, and `refs/main`
/// names the commit.
struct HubStore {
  private let folder: URL
  private let locks: URL
  private let cache: URL

  /// How often in a row a connection may break without anything having arrived.
  private static let attempts = 4
  private static let pauseSeconds = 0.25

  init(model: String, cache: HubCache) {
    folder = cache.folder(of: model)
    locks = cache.folder.appendingPathComponent(".locks/" + folder.lastPathComponent)
    self.cache = cache.folder
  }

  private func blob(_ file: HubSite.Announcement) -> URL {
    folder.appendingPathComponent("blobs/" + file.tag)
  }

  private func part(_ file: HubSite.Announcement) -> URL {
    folder.appendingPathComponent("blobs/\(file.tag).incomplete")
  }

  /// Bytes of a file that are there already.
  func present(_ file: HubSite.Announcement) -> Int {
    if size(blob(file)) == file.size { return file.size }
    return min(size(part(file)) ?? 0, file.size)
  }

  private func size(_ url: URL) -> Int? {
    var information = stat()
    guard stat(url.path, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
      return nil
    }
    return Int(information.st_size)
  }

  /// - Throws: ``HubError/diskFull(folder:needed:free:)`` if so many bytes do not fit.
  func checkRoom(for bytes: Int) throws(HubError) {
    try makeFolder(cache)
    var information = statvfs()
    guard statvfs(cache.path, &information) == 0 else { return }
    let (free, overflow) = Int(clamping: information.f_bavail)
      .multipliedReportingOverflow(by: Int(clamping: information.f_frsize))
    guard overflow || bytes <= free else {
      throw .diskFull(folder: cache.path, needed: bytes, free: free)
    }
  }

  /// Makes the files a snapshot, which `main` is from now on.
  ///
  /// - Returns: the snapshot's folder.
  func publish(_ files: [HubSite.Announcement]) throws(HubError) -> URL {
    guard let commit = files.first?.commit else { return folder }
    let snapshot = folder.appendingPathComponent("snapshots/" + commit, isDirectory: true)
    try makeFolder(snapshot)
    // config.json comes last: with it the snapshot counts as a model.
    for file in files.reversed() {
      let link = snapshot.appendingPathComponent(file.name).path
      let beside = link + ".\(UInt32.random(in: 0...(.max))).tmp"
      guard symlink("../../blobs/" + file.tag, beside) == 0, rename(beside, link) == 0 else {
        let code = errno
        unlink(beside)
        throw .file(FileError(.write, link, code: code))
      }
    }
    try makeFolder(folder.appendingPathComponent("refs"))
    do {
      try AtomicFile.write(commit, to: folder.appendingPathComponent("refs/main"))
    } catch {
      throw .file(error)
    }
    return snapshot
  }

  private func makeFolder(_ url: URL) throws(HubError) {
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    } catch {
      throw .file(FileError(.write, url.path, reason: error.localizedDescription))
    }
  }
}

// MARK: - Fetching

extension HubStore {
  /// Fetches a file unless it is there, and checks it.
  ///
  /// - Parameter progress: told how many bytes of the file are there.
  /// - Returns: where its content is.
  @discardableResult
  func fetch(
    _ file: HubSite.Announcement, from site: HubSite, isCancelled: @escaping () -> Bool,
    progress: @escaping (Int) -> Void
  ) throws(HubError) -> URL {
    let blob = blob(file)
    if size(blob) == file.size { return blob }
    try makeFolder(blob.deletingLastPathComponent())
    try makeFolder(locks)
    // The lock that Hugging Face's tools take, so that two programs do not write one part.
    let lock = try FileLock(
      locks.appendingPathComponent(file.tag + ".lock"), isCancelled: isCancelled)
    defer { withExtendedLifetime(lock) {} }
    if size(blob) == file.size { return blob }

    try receive(file, from: site, isCancelled: isCancelled, progress: progress)
    try check(file, isCancelled: isCancelled)
    guard rename(part(file).path, blob.path) == 0 else {
      throw .file(FileError(.write, blob.path, code: errno))
    }
    return blob
  }

  /// Brings the part to its full length, however often the connection breaks, as long as it goes on.
  private func receive(
    _ file: HubSite.Announcement, from site: HubSite, isCancelled: @escaping () -> Bool,
    progress: @escaping (Int) -> Void
  ) throws(HubError) {
    let part = try PartialFile(part(file), folder: cache)
    if part.count > file.size { try part.truncate(to: 0) }
    var failures = 0
    while part.count < file.size {
      let before = part.count
      var isFirst = true
      do throws(HubTransferError) {
        try site.fetch(file, from: before) { start, bytes throws(HubError) in
          // The whole file may come once more, although only its rest was asked for.
          if isFirst, start < before { try part.truncate(to: start) }
          isFirst = false
          guard part.count + bytes.count <= file.size else {
            throw .size(
              file: file.name, expected: file.size, found: part.count + bytes.count)
          }
          try part.append(bytes, missing: file.size - part.count)
          progress(part.count)
        }
        guard part.count < file.size else { break }
        throw .cutOff("the answer was too short")
      } catch {
        switch error {
        case .hub(let error):
          if case .size = error { try part.remove() }
          throw error
        case .cutOff(let reason):
          failures = part.count > before ? 0 : failures + 1
          guard failures < Self.attempts else {
            throw .cutOff(file: file.name, received: part.count, size: file.size, reason: reason)
          }
          try pause(Self.pauseSeconds * Double(1 << failures), isCancelled)
        }
      }
    }
    try part.synchronize()
  }

  /// Compares a part of full length with the SHA-256 that the Hub announced; git's hashes, which
  /// small files have, are left unchecked.
  private func check(
    _ file: HubSite.Announcement, isCancelled: () -> Bool
  ) throws(HubError) {
    let isSHA256 = file.tag.utf8.count == 64 && file.tag.allSatisfy(\.isHexDigit)
    guard isSHA256 else { return }
    let found: String?
    do {
      found = try Fingerprint.sha256(of: MappedFile(part(file)), isCancelled: isCancelled)
    } catch {
      throw .file(error)
    }
    guard let found else { throw .cancelled }
    guard found == file.tag.lowercased() else {
      unlink(part(file).path)
      throw .checksum(file: file.name)
    }
  }

  private func pause(_ seconds: Double, _ isCancelled: () -> Bool) throws(HubError) {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
      if isCancelled() { throw .cancelled }
      usleep(20_000)
    }
  }
}
