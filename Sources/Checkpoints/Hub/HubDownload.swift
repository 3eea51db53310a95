import Files
import Foundation

/// Fetches a model from the Hugging Face Hub into the cache that Hugging Face's own tools use.
///
/// A model appears in the cache when all of its files have arrived and been checked. What an
/// interrupt or a broken connection leaves is a part that the next attempt goes on from.
///
/// The environment decides: `HF_ENDPOINT` names a mirror, `HF_TOKEN` gives access,
/// `HF_HUB_OFFLINE` forbids, `HF_HUB_CACHE` and `HF_HOME` say where the cache is, `SSL_CERT_FILE`
/// names certificates to trust, and `HTTPS_PROXY` a proxy.
public struct HubDownload {
  /// A file of the model.
  public struct File: Sendable {
    public let name: String
    /// Bytes.
    public let size: Int
    /// Bytes that are in the cache already.
    public let present: Int
  }

  public let model: String
  public let cache: HubCache
  /// What the model consists of.
  public let files: [File]

  private let site: HubSite
  private let announcements: [HubSite.Announcement]
  private let isCancelled: () -> Bool

  /// Bytes of all files.
  public var size: Int { files.reduce(0) { $0 + $1.size } }
  /// Bytes that are in the cache already.
  public var present: Int { files.reduce(0) { $0 + $1.present } }

  /// Asks the Hub what a model consists of. Nothing but an index of its weights is fetched yet.
  ///
  /// - Parameters:
  ///   - model: `organisation/name`.
  ///   - isCancelled: asked at least twenty times a second.
  /// - Throws: ``HubError``.
  public init(
    of model: String, environment: [String: String] = ProcessInfo.processInfo.environment,
    isCancelled: @escaping () -> Bool
  ) throws(HubError) {
    guard !Self.isOffline(environment) else { throw .offline(model: model) }
    self.model = model
    self.isCancelled = isCancelled
    cache = HubCache(environment: environment)
    site = try HubSite(model: model, environment: environment, isCancelled: isCancelled)
    let store = HubStore(model: model, cache: cache)
    guard let config = try site.announcement(of: "config.json", revision: "main") else {
      throw .notFound(model: model, endpoint: site.endpoint)
    }
    let source = Source(site: site, store: store, commit: config.commit, isCancelled: isCancelled)
    announcements = try [config] + source.tokenizer() + source.weights()
    files = announcements.map { File(name: $0.name, size: $0.size, present: store.present($0)) }
  }

  /// Fetches what is missing and makes the model appear in the cache.
  ///
  /// - Parameter progress: told how many bytes of all files are there.
  /// - Returns: the model's folder.
  /// - Throws: ``HubError``.
  public func fetch(progress: @escaping (Int) -> Void) throws(HubError) -> URL {
    let store = HubStore(model: model, cache: cache)
    try store.checkRoom(for: size - present)
    var done = 0
    for announcement in announcements {
      let before = done
      try store.fetch(announcement, from: site, isCancelled: isCancelled) {
        progress(before + $0)
      }
      done += announcement.size
      progress(done)
    }
    return try store.publish(announcements)
  }

  private static func isOffline(_ environment: [String: String]) -> Bool {
    // The values that Hugging Face's tools take for true.
    ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"].contains {
      ["1", "ON", "YES", "TRUE"].contains(environment[$0]?.uppercased() ?? "")
    }
  }
}

/// Which files of a model are wanted.
private struct Source {
  let site: HubSite
  let store: HubStore
  let commit: String
  let isCancelled: () -> Bool

  private func announcement(_ file: String) throws(HubError) -> HubSite.Announcement? {
    try site.announcement(of: file, revision: commit)
  }

  private func announcements(_ files: [String]) throws(HubError) -> [HubSite.Announcement] {
    var found: [HubSite.Announcement] = []
    for file in files {
      if let announcement = try announcement(file) { found.append(announcement) }
    }
    return found
  }

  /// The tokenizer; of a model that has none, nothing, as such a model takes token ids.
  func tokenizer() throws(HubError) -> [HubSite.Announcement] {
    let current = try announcements(["tokenizer.json", "tokenizer_config.json"])
    if current.first?.name == "tokenizer.json" { return current }
    return try current + announcements(["vocab.json", "merges.txt"])
  }

  /// The weights in the best form there is.
  func weights() throws(HubError) -> [HubSite.Announcement] {
    for format in WeightFormat.allCases {
      if let whole = try announcement(format.fileName) { return [whole] }
      guard let index = try announcement(format.indexName) else { continue }
      let members: [String]
      let blob = try store.fetch(index, from: site, isCancelled: isCancelled) { _ in }
      do { members = try WeightIndex(blob).fileNames } catch { throw .index(error) }
      let shards = try announcements(members)
      guard shards.count == members.count else { throw .noWeights(model: site.model) }
      return [index] + shards
    }
    throw .noWeights(model: site.model)
  }
}
