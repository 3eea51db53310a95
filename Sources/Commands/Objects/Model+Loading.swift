import Checkpoints
import CommandLanguage
import Foundation
import LinearAlgebra

/// Why no model is found under a name.
struct ModelNotFound: Error, Sendable, Equatable, CustomStringConvertible {
  let source: String
  let isPath: Bool

  var description: String {
    let cache = "Hugging Face's cache, \(HubCache().folder.path)"
    guard isPath else {
      let embedded = EmbeddedModel.names.joined(separator: ", ")
      return
        "there is no model '\(source)': it is neither embedded (\(embedded)), nor a folder here "
        + "or in models/, nor in \(cache); with its organisation, load \"organisation/\(source)\" "
        + "fetches it from the Hub"
    }
    if source.hasSuffix(".gguf") {
      let folder = FilePath(source).url.deletingLastPathComponent()
      let others = Checkpoint.ggufNames(in: folder).prefix(5).joined(separator: ", ")
      return "there is no file \(source); "
        + (others.isEmpty ? "its folder holds no .gguf file" : "its folder holds \(others)")
    }
    let advice =
      HubCache.isModelName(source)
      ? "load \(Value.quoted(source)) fetches it from the Hub, unless it is a path here"
      : "give the folder that holds the model's config.json, or a .gguf file"
    return "there is no folder \(source), nor a model of that name in \(cache); \(advice)"
  }
}

extension Model {
  /// Embedded models that are in memory; every use of `mini` shares one.
  private static let embedded = Locked<[String: Model]>([:])

  /// A model by its embedded name, its folder, the name of its folder in `models`, or its name on
  /// the Hugging Face Hub if it was downloaded.
  ///
  /// - Throws: ``ModelNotFound``, `ModelError` or `CheckpointError`.
  static func named(_ source: String) throws -> Model {
    if EmbeddedModel.names.contains(source) { return try embedded(source) }
    if let folder = localFolder(source) {
      return try Model(folder: folder, argumentText: "(load \(Value.quoted(source)))")
    }
    if let folder = HubCache().snapshot(of: source) {
      let name = source.split(separator: "/").last.map(String.init)
      return try Model(folder: folder, name: name, argumentText: "(load \(Value.quoted(source)))")
    }
    throw ModelNotFound(source: source, isPath: isPath(source))
  }

  private static func isPath(_ source: String) -> Bool {
    source.contains("/") || source.hasPrefix("~") || source.hasPrefix(".")
  }

  /// The folder of that path or, for a name, in the current folder or in `models`.
  private static func localFolder(_ source: String) -> URL? {
    let places = isPath(source) ? [source] : [source, "models/" + source]
    return places.map { FilePath($0).url }
      .first { FileManager.default.fileExists(atPath: $0.path) }
  }

  /// Whether a model has to be fetched from the Hub: it is `organisation/name`, neither a folder
  /// nor, whole, in the cache. Where a folder of the organisation's name is here, it is a path that
  /// was mistyped.
  static func isToBeFetched(_ source: String) -> Bool {
    let organisation = FilePath(String(source.prefix { $0 != "/" })).url
    guard HubCache.isModelName(source), localFolder(source) == nil,
      !FileManager.default.fileExists(atPath: organisation.path)
    else { return false }
    return HubCache().snapshot(of: source).map { !HubCache.isComplete($0) } ?? true
  }

  private static func embedded(_ name: String) throws -> Model {
    if let model = embedded.withLock({ $0[name] }) { return model }
    guard let folder = EmbeddedModel.folder(name: name) else {
      throw MissingResources(name: name)
    }
    let model = try Model(folder: folder, name: name, argumentText: name)
    // Two threads may have loaded it; all keep the first.
    return embedded.withLock { models in
      if let first = models[name] { return first }
      models[name] = model
      return model
    }
  }

  /// The model that a prompt is written for if none is named: the one that the session's variables
  /// hold, if it is one only and can read text, else the embedded one.
  static func usual(in session: Session) throws -> Model {
    if let only = only(in: session), only.tokenizer != nil { return only }
    return try named(EmbeddedModel.names[0])
  }

  /// The model that the session's variables hold, if it is one only.
  static func only(in session: Session) -> Model? {
    var found: Model?
    for (_, value) in session.variables {
      guard let model = unwrap(value) else { continue }
      if let found, !found.isSame(as: model) { return nil }
      found = model
    }
    return found
  }
}

/// The program was moved away from what was shipped with it.
struct MissingResources: Error, Sendable, Equatable, CustomStringConvertible {
  let name: String

  var description: String {
    "the embedded model '\(name)' is not beside the executable; reinstall, or set "
      + "FATHOM_RESOURCES to the folder that holds Fathom_Checkpoints.resources"
  }
}
