import Files
import Foundation

/// A model's config.json, or one object within it.
///
/// Numbers may be written as integers or with a fraction, whichever is asked for; a member that
/// is `null` counts as absent.
public struct ConfigFile: Sendable {
  /// The file, for messages.
  public let path: String
  private let values: JSONObject
  /// Names of the enclosing objects, each followed by a dot.
  private let prefix: String

  /// Reads config.json of a folder.
  public init(folder: URL) throws(CheckpointError) {
    let url = folder.appendingPathComponent("config.json")
    let file: MappedFile
    do {
      file = try MappedFile(url)
    } catch {
      guard FileManager.default.fileExists(atPath: folder.path) else {
        throw .noFolder(path: folder.path)
      }
      guard FileManager.default.fileExists(atPath: url.path) else {
        throw .noConfig(path: folder.path)
      }
      throw .file(error)
    }
    let json: JSONValue
    do {
      json = try file.json()
    } catch {
      throw .configSyntax(path: url.path, error)
    }
    try self.init(json, path: url.path)
  }

  /// Takes a config that was parsed already; `path` says in messages where it came from.
  public init(_ json: JSONValue, path: String) throws(CheckpointError) {
    guard let values = json.object else {
      throw .config(
        path: path, key: "the whole", expected: "an object", found: "it is \(json.kind)")
    }
    self.init(values: values, path: path, prefix: "")
  }

  init(values: JSONObject, path: String, prefix: String = "") {
    self.values = values
    self.path = path
    self.prefix = prefix
  }

  /// All names, in the order of the file.
  public var keys: [String] { values.keys }

  /// The value of a key as it is in the file; nil if absent or null.
  public func value(_ key: String) -> JSONValue? {
    guard let value = values[key], !value.isNull else { return nil }
    return value
  }

  /// Whether a key is there and not null.
  public func has(_ key: String) -> Bool { value(key) != nil }

  /// The object under a key, as a config of its own; nil if absent or null.
  public func section(_ key: String) throws(CheckpointError) -> ConfigFile? {
    guard let object = try optional(key, "an object", \.object) else { return nil }
    return ConfigFile(values: object, path: path, prefix: "\(prefix)\(key).")
  }
}

// MARK: - Typed values

extension ConfigFile {
  /// The whole number under a key that must be there.
  public func int(_ key: String) throws(CheckpointError) -> Int {
    try required(key, "a whole number", \.int)
  }

  /// The whole number under a key, or the default if absent or null.
  public func int(_ key: String, default value: Int) throws(CheckpointError) -> Int {
    try optional(key, "a whole number", \.int) ?? value
  }

  /// The number under a key that must be there.
  public func double(_ key: String) throws(CheckpointError) -> Double {
    try required(key, "a number", \.double)
  }

  /// The number under a key, or the default if absent or null.
  public func double(_ key: String, default value: Double) throws(CheckpointError) -> Double {
    try optional(key, "a number", \.double) ?? value
  }

  /// The truth value under a key that must be there.
  public func bool(_ key: String) throws(CheckpointError) -> Bool {
    try required(key, "true or false", \.bool)
  }

  /// The truth value under a key, or the default if absent or null.
  public func bool(_ key: String, default value: Bool) throws(CheckpointError) -> Bool {
    try optional(key, "true or false", \.bool) ?? value
  }

  /// The text under a key that must be there.
  public func string(_ key: String) throws(CheckpointError) -> String {
    try required(key, "a text", \.string)
  }

  /// The text under a key, or the default if absent or null.
  public func string(_ key: String, default value: String) throws(CheckpointError) -> String {
    try optional(key, "a text", \.string) ?? value
  }

  /// The elements of the array under a key; nil if absent or null.
  public func array(_ key: String) throws(CheckpointError) -> [JSONValue]? {
    try optional(key, "an array", \.array)
  }

  /// The error that a value is not one that can be used: `expected` completes "should be …".
  public func unsupported(_ key: String, expected: String) -> CheckpointError {
    .config(path: path, key: prefix + key, expected: expected, found: found(key))
  }

  private func required<Value>(
    _ key: String, _ expected: String, _ read: (JSONValue) -> Value?
  ) throws(CheckpointError) -> Value {
    guard let result = value(key).flatMap(read) else {
      throw unsupported(key, expected: expected)
    }
    return result
  }

  private func optional<Value>(
    _ key: String, _ expected: String, _ read: (JSONValue) -> Value?
  ) throws(CheckpointError) -> Value? {
    value(key) == nil ? nil : try required(key, expected, read)
  }

  private func found(_ key: String) -> String {
    guard let value = values[key] else { return "it is not there" }
    let text = value.text
    return "it is \(text.utf8.count <= 60 ? text : value.kind)"
  }
}
