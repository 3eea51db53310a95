import Checkpoints
import LinearAlgebra

/// Everything that distinguishes one decoder from another, but its weights.
///
/// A family of models is a function from `config.json` to this value (see ``Family``); the forward and
/// backward passes know nothing of families.
public struct Architecture: Sendable, Equatable {
  /// The family, as `model_type` in `config.json` names it.
  public var family: String
  /// L, the number of blocks.
  public var layers: Int
  /// H, the number of query heads.
  public var heads: Int
  /// d, the size of one head.
  public var headSize: Int
  /// C, the width of the residual stream.
  public var width: Int
  /// Width of the hidden layer of the MLP.
  public var innerWidth: Int
  /// V, rows of the token embedding.
  public var vocabulary: Int
  /// The largest number of tokens.
  public var context: Int
  /// ε of every norm.
  public var normEpsilon: Float
  public var activation: Activation
  /// What scores are multiplied by before softmax: 1/√d, or 1 where the checkpoint says so.
  public var scoreScale: Float
  /// Whether scores of layer l are also divided by l + 1.
  public var dividesScoresByLayer: Bool
  /// Whether the language-model head is the token embedding.
  public var tiedHead: Bool

  /// What the scores of one layer are multiplied by before softmax.
  func scoreScale(layer: Int) -> Float {
    dividesScoresByLayer ? scoreScale / Float(layer + 1) : scoreScale
  }
}

/// A family of models: how its `config.json` is read and where its checkpoint keeps the weights.
public struct Family: Sendable {
  /// `model_type` in `config.json`.
  public let modelType: String
  let architecture: @Sendable (ConfigFile) throws -> Architecture
  let weights: @Sendable (Architecture, TensorReader) throws -> DecoderWeights

  /// The families that Fathom computes.
  public static let all: [Family] = [.gpt2]

  /// The family of a checkpoint, by `model_type`.
  ///
  /// - Throws: ``ModelError`` if the configuration names none or one that is not in ``all``.
  public static func named(by config: ConfigFile) throws -> Family {
    let known = all.map(\.modelType)
    guard config.has("model_type") else {
      throw ModelError.missingModelType(path: config.path, known: known)
    }
    let name = try config.string("model_type")
    guard let family = all.first(where: { $0.modelType == name }) else {
      throw ModelError.unknownFamily(name, path: config.path, known: known)
    }
    return family
  }
}
