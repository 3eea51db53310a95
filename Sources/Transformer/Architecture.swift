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
  /// G, the number of key and value heads, each shared by H / G consecutive query heads; nil for H.
  public var sharedKeyValueHeads: Int?
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
  public var normalization = Normalization.layer
  /// Where a block's norms stand.
  public var normPlacement = NormPlacement.before
  /// Whether the last block's output is normed before the head reads it.
  public var hasFinalNorm = true
  /// ε of every norm.
  public var normEpsilon: Float
  /// What the checkpoint's norm weights are to be raised by: 1 where it stores their distance from 1.
  public var normOffset: Float = 0
  /// Width of the token embedding and of what the head reads, where it is not C; nil for C.
  public var projectedEmbeddingWidth: Int?
  /// What embedded tokens are multiplied by.
  public var embeddingScale: Float = 1
  public var positions = Positions.learned(offset: 0)
  public var activation: Activation
  /// Whether the MLP is down(f(gate x) ⊙ up x) and not down(f(up x)).
  public var isGated = false
  /// Whether each head's query and key have a norm of their own.
  public var hasQueryKeyNorm = false
  /// Whether attention and MLP read the same stream side by side, and not one after the other.
  public var isParallel = false
  /// How many keys a query sees, itself included, layer by layer; nil where it sees all. Empty if no
  /// layer has a limit.
  public var windows: [Int?] = []
  /// What scores are multiplied by before softmax: 1/√d, or 1 where the checkpoint says so.
  public var scoreScale: Float
  /// Whether scores of layer l are also divided by l + 1.
  public var dividesScoresByLayer = false
  /// Scaled scores s enter softmax as cap · tanh(s / cap); nil where they enter as they are.
  public var scoreCap: Float?
  /// The same of logits.
  public var logitCap: Float?
  /// Whether the language-model head is the token embedding.
  public var tiedHead: Bool

  /// G
  public var keyValueHeads: Int { sharedKeyValueHeads ?? heads }
  /// Columns of the token embedding.
  public var embeddingWidth: Int { projectedEmbeddingWidth ?? width }
  /// H · d, the width of attention's output before it is projected.
  var attentionWidth: Int { heads * headSize }
  /// (H + 2G) · d, the width of query, key and value side by side.
  var queryKeyValueWidth: Int { (heads + 2 * keyValueHeads) * headSize }

  /// (H + G) · d where queries and keys are normed by themselves, else 0.
  var rawQueryKeyWidth: Int {
    hasQueryKeyNorm ? (heads + keyValueHeads) * headSize : 0
  }
  var gateWidth: Int { isGated ? innerWidth : 0 }
  /// C where a norm follows attention and MLP, whose input is kept for the way back, else 0.
  var unnormedWidth: Int { normPlacement == .before ? 0 : width }

  func window(layer: Int) -> Int? { windows.indices.contains(layer) ? windows[layer] : nil }

  /// What the scores of one layer are multiplied by before softmax.
  func scoreScale(layer: Int) -> Float {
    dividesScoresByLayer ? scoreScale / Float(layer + 1) : scoreScale
  }
}

/// What a norm is: those of a block and the one at the end.
public enum Normalization: Sendable, Equatable {
  /// Ba et al. 2016.
  case layer
  /// Zhang and Sennrich 2019.
  case rootMeanSquare
}

/// Where the norms of a block stand.
public enum NormPlacement: Sendable, Equatable {
  /// Attention and MLP read the stream normed.
  case before
  /// The stream is normed after attention and again after the MLP have been added (Vaswani et al. 2017).
  case after
  /// Attention and MLP read the stream normed, and what they add to it is normed, too (Gemma 2).
  case around
}

/// How a decoder knows where a token stands.
public enum Positions: Sendable, Equatable {
  /// A table, added to the embeddings; the first position is row `offset`.
  case learned(offset: Int)
  /// Queries and keys are turned (Su et al. 2021).
  case rotary(Rotary)
  /// Scores fall with distance, by a slope a head (Press et al. 2022).
  case linearBias(slopes: [Float])
}

/// A family of models: how its `config.json` is read and where its checkpoint keeps the weights.
public struct Family: Sendable {
  /// `model_type` in `config.json`.
  public let modelType: String
  let architecture: @Sendable (ConfigFile) throws -> Architecture
  let weights: @Sendable (Architecture, TensorReader) throws -> DecoderWeights

  /// The families that Fathom computes.
  public static let all: [Family] = [
    .gpt2, .gptNeo, .gptJ, .gptNeoX, .opt, .bloom, .phi, .phi3, .llama, .mistral, .qwen2, .qwen3,
    .gemma, .gemma2,
  ]

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
    try config.refuseQuantization()
    return family
  }
}
