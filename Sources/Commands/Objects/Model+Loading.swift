import Checkpoints
import CommandLanguage
import Foundation
import LinearAlgebra

/// Why no model is found under a name.
struct ModelNotFound: Error, Sendable, Equatable, CustomStringConvertible {
  let source: String
  let isPath: Bool

  var description: String {
    let embedded = EmbeddedModel.names.joined(separator: ", ")
    let cache = HubCache().folder.path
    guard !isPath else {
      return "there is no folder \(source), nor a model of that name in Hugging Face's cache, "
        + "\(cache); give the folder that holds the model's config.json"
    }
    return "there is no model '\(source)': it is neither embedded (\(embedded)), nor a folder here "
      + "or in models/, nor in Hugging Face's cache, \(cache); models are not fetched from the Hub yet"
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
    let path = FilePath(source)
    let isPath = source.contains("/") || source.hasPrefix("~") || source.hasPrefix(".")
    let candidates = isPath ? [path.url] : [path.url, FilePath("models/" + source).url]
    for folder in candidates where FileManager.default.fileExists(atPath: folder.path) {
      return try Model(folder: folder, argumentText: "(load \(Value.quoted(source)))")
    }
    if let folder = HubCache().snapshot(of: source) {
      let name = source.split(separator: "/").last.map(String.init)
      return try Model(folder: folder, name: name, argumentText: "(load \(Value.quoted(source)))")
    }
    throw ModelNotFound(source: source, isPath: isPath)
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
