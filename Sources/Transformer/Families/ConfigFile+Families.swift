import Checkpoints
import LinearAlgebra

/// What several families read from config.json in the same way.
extension ConfigFile {
  /// Far more layers than any model has.
  private static let deepest = 10_000

  /// - Throws: ``ModelError/configuration(path:_:)`` for a nonlinearity that is not computed.
  func activation(_ key: String, default name: String) throws -> Activation {
    let name = try string(key, default: name)
    guard let activation = Activation(configName: name) else {
      throw ModelError.configuration(
        path: path,
        "\(key) is \"\(name)\"; Fathom computes " + Activation.configNames.joined(separator: ", "))
    }
    return activation
  }

  /// A number of layers, heads, tokens and the like.
  ///
  /// - Throws: ``ModelError/configuration(path:_:)`` for one that no model can have. Here and not later:
  ///   much is reckoned from sizes before the whole is looked at.
  func size(_ key: String, default value: Int? = nil) throws -> Int {
    let size = try value.map { try int(key, default: $0) } ?? int(key)
    // Lists as long as the number of layers are made before any weight is looked for.
    let isDepth = key.hasSuffix("layers") || key.hasSuffix("n_layer")
    guard Architecture.sizes.contains(size), !isDepth || size <= Self.deepest else {
      throw ModelError.configuration(path: path, "\(key) is \(size), which no model has")
    }
    return size
  }

  /// Whether a key says null where that means none, and not what a file means that does not say.
  private func isNull(_ key: String) -> Bool { keys.contains(key) && !has(key) }

  /// How many keys a query sees: the default if the file does not speak of it, all (nil) if it says null.
  func slidingWindow(default value: Int?) throws -> Int? {
    if isNull("sliding_window") { return nil }
    return has("sliding_window") ? try size("sliding_window") : value
  }

  /// A soft cap: the default if the file does not speak of it, none (nil) if it says null.
  func softCap(_ key: String, default value: Double) throws -> Float? {
    if isNull(key) { return nil }
    let cap = Float(try double(key, default: value))
    guard cap.isNormal, cap > 0 else {
      throw unsupported(key, expected: "null or a number above 0")
    }
    return cap
  }

  func refuseQuantization() throws {
    guard has("quantization_config") else { return }
    throw ModelError.configuration(
      path: path, "quantization_config is set; Fathom reads f32, f16 and bf16 weights")
  }

  /// Refuses a model in which something is on that is not computed.
  func refuse(_ key: String, unless expected: Bool, default value: Bool) throws {
    guard try bool(key, default: value) != expected else { return }
    throw ModelError.configuration(
      path: path, "\(key) is \(!expected); Fathom computes models in which it is \(expected)")
  }

  /// The size of a head: given, or the width shared out to the heads.
  func headSize(width: Int, heads: Int) throws -> Int {
    if has("head_dim") { return try size("head_dim") }
    guard width % heads == 0 else {
      throw ModelError.configuration(
        path: path, "the width \(width) is not a multiple of the number of heads, \(heads)")
    }
    return width / heads
  }
}
