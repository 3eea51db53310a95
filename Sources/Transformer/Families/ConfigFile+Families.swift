import Checkpoints
import LinearAlgebra

/// What several families read from config.json in the same way.
extension ConfigFile {
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
    guard Architecture.sizes.contains(size) else {
      throw ModelError.configuration(path: path, "\(key) is \(size), which no model has")
    }
    return size
  }

  /// How many values of a head of `size` rotary positions turn.
  func turned(_ share: Double, of size: Int) throws -> Int {
    guard share > 0, share <= 1 else {
      throw ModelError.configuration(
        path: path, "rotary positions cannot turn a share of \(share) of a head")
    }
    return Int(Double(size) * share)
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

  /// Rotary positions of `size` values of a head. Newer files keep what concerns them in
  /// `rope_parameters`, older ones beside everything else and in `rope_scaling`.
  ///
  /// - Throws: ``ModelError/configuration(path:_:)`` for a kind of scaling that is not computed.
  func rotary(size: Int, base key: String = "rope_theta") throws -> Rotary {
    let parameters = try section("rope_parameters")
    let base =
      try parameters?.double("rope_theta", default: double(key, default: 10_000))
      ?? double(key, default: 10_000)
    let plain = Rotary.frequencies(base: base, size: size)
    guard let scaling = try parameters ?? section("rope_scaling") else {
      return Rotary(frequencies: plain)
    }
    let kind = try scaling.string("rope_type", default: scaling.string("type", default: "default"))
    switch kind {
    case "default": return Rotary(frequencies: plain)
    case "linear":
      let factor = try scaling.double("factor")
      return Rotary(frequencies: plain.map { $0 / factor })
    case "llama3":
      return Rotary(
        frequencies: Rotary.stretched(
          plain, factor: try scaling.double("factor"),
          low: try scaling.double("low_freq_factor"), high: try scaling.double("high_freq_factor"),
          context: try scaling.double("original_max_position_embeddings")))
    default:
      throw ModelError.configuration(
        path: path, "the rotary scaling is \"\(kind)\"; Fathom computes default, linear and llama3")
    }
  }

  /// The share of each head's values that rotary positions turn.
  func rotaryShare(older key: String, default share: Double) throws -> Double {
    let older = try double(key, default: try double("partial_rotary_factor", default: share))
    return try section("rope_parameters")?.double("partial_rotary_factor", default: older) ?? older
  }
}
