import Checkpoints
import Foundation

extension ConfigFile {
  /// What concerns rotary positions: newer files keep it in `rope_parameters`, older ones beside
  /// everything else and in `rope_scaling`; if a file has both, `transformers` reads the older.
  ///
  /// - Throws: ``ModelError/configuration(path:_:)`` where layers differ in it.
  private func rotarySection() throws -> ConfigFile? {
    if let scaling = try section("rope_scaling"), !scaling.keys.isEmpty { return scaling }
    guard let parameters = try section("rope_parameters") else { return nil }
    guard let kind = parameters.keys.first(where: { parameters.value($0)?.object != nil }) else {
      return parameters
    }
    throw ModelError.configuration(
      path: path,
      "rope_parameters has \"\(kind)\"; Fathom computes rotary positions that are the same in every "
        + "layer")
  }

  /// Rotary positions of `size` values of a head.
  ///
  /// - Parameter trained: how many tokens the model was first trained on, if the file does not say.
  /// - Throws: ``ModelError/configuration(path:_:)`` for a kind of scaling that is not computed.
  func rotary(size: Int, base key: String = "rope_theta", trained: Int? = nil) throws -> Rotary {
    let scaling = try rotarySection()
    let older = try double(key, default: 10_000)
    let base = try scaling?.double("rope_theta", default: older) ?? older
    let plain = Rotary.frequencies(base: base, size: size)
    guard let scaling else { return Rotary(frequencies: plain) }
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
    case "longrope", "su": return try longRotary(plain, scaling, trained: trained)
    default:
      throw ModelError.configuration(
        path: path,
        "the rotary scaling is \"\(kind)\"; Fathom computes default, linear, llama3 and longrope")
    }
  }

  /// LongRoPE (Ding et al. 2024): a factor for each frequency, other factors beyond the tokens that the
  /// model was first trained on, and turned values that are a little larger.
  private func longRotary(_ plain: [Double], _ scaling: ConfigFile, trained: Int?) throws -> Rotary
  {
    let key = "original_max_position_embeddings"
    let context = try size("max_position_embeddings")
    let trained = try has(key) ? size(key) : scaling.size(key, default: trained ?? context)
    let factor = try scaling.double("factor", default: Double(context) / Double(trained))
    let suggested = factor > 1 ? (1 + log(factor) / log(Double(trained))).squareRoot() : 1
    func divided(_ key: String) throws -> [Double] {
      let factors = try (scaling.array(key) ?? []).compactMap(\.double).filter { $0 > 0 }
      guard factors.count == plain.count else {
        throw scaling.unsupported(key, expected: "\(plain.count) numbers above 0")
      }
      return zip(plain, factors).map { $0 / $1 }
    }
    var rotary = Rotary(frequencies: try divided("short_factor"))
    rotary.magnitude = try scaling.double("attention_factor", default: suggested)
    guard Float(rotary.magnitude).isNormal else {
      throw scaling.unsupported("attention_factor", expected: "a number that float32 holds")
    }
    let long = try divided("long_factor")
    // No prompt is longer than the context.
    if trained < context { rotary.long = Rotary.Long(beyond: trained, frequencies: long) }
    return rotary
  }

  /// The share of each head's values that rotary positions turn.
  func rotaryShare(older key: String, default share: Double) throws -> Double {
    let older = try double(key, default: try double("partial_rotary_factor", default: share))
    return try rotarySection()?.double("partial_rotary_factor", default: older) ?? older
  }

  /// How many values of a head of `size` rotary positions turn.
  func turned(_ share: Double, of size: Int) throws -> Int {
    guard share > 0, share <= 1 else {
      throw ModelError.configuration(
        path: path, "rotary positions cannot turn a share of \(share) of a head")
    }
    return Int(Double(size) * share)
  }
}
