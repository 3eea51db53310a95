import Foundation
import LinearAlgebra

/// What to keep of a pass.
public struct Captures: OptionSet, Sendable {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// Logits of the whole vocabulary at the last position, [V].
  public static let logits = Captures(rawValue: 1 << 0)
  /// The residual stream: the embedding, then the output of each block, (L + 1) · [T, C].
  public static let hidden = Captures(rawValue: 1 << 1)
  /// Queries of each layer, L · [H, T, d], keys and values, L · [G, T, d]; queries and keys as they
  /// meet, with their positions.
  public static let queriesKeysValues = Captures(rawValue: 1 << 2)
  /// Attention of each layer, L · [H, T, T].
  public static let attention = Captures(rawValue: 1 << 3)
  /// Attention of the last position only, L · [H, T].
  public static let targetAttention = Captures(rawValue: 1 << 4)
  /// ∂ℒ/∂A of each layer, L · [H, T, T], also at future keys, where A itself is zero; of attention that
  /// was scaled, ∂ℒ/∂ what came of it.
  public static let attentionGradient = Captures(rawValue: 1 << 5)
  /// The label words' logits read from the residual stream at the last position, (L + 1) · [K].
  public static let lens = Captures(rawValue: 1 << 7)
  /// What the embedding, each head and MLP and the biases add to the label words' logits at the last
  /// position.
  public static let attribution = Captures(rawValue: 1 << 8)
  /// Keys and values of all tokens, for other passes to begin with.
  public static let cache = Captures(rawValue: 1 << 9)
  /// |Σ_h A ⊙ ∂ℒ/∂A| of each layer, L · [T, T], the diagonal kept.
  public static let saliency = Captures(rawValue: 1 << 6)

  var needGradient: Bool { !isDisjoint(with: [.attentionGradient, .saliency]) }
  /// Whether the top layer must be computed at every position and not at the last one only.
  var needEveryRow: Bool { !isDisjoint(with: [.hidden, .queriesKeysValues, .attention]) }
}

/// One run of the decoder over one prompt: what goes in, what is changed, what is kept.
///
/// A pass that begins with a cache of P entries computes the T tokens behind it only. Edges then count
/// the cached entries first, P + T of them, and lead to tokens of the pass. Gradients are of the
/// attention that these tokens pay, [H, T, P + T], and as exact as those of all tokens in one pass:
/// attention is causal, so that nothing cached depends on it.
public struct Pass: Sendable {
  /// The tokens to compute; without those whose keys and values are cached.
  public var tokens: [Int]
  /// What the tokens see before themselves.
  public var cache: KeyValueCache?
  /// The position of the first token; directly behind all that is cached if nil.
  public var start: Int?
  /// The label words' tokens, in class-id order: their logits are always kept.
  public var labels: [Int]
  /// The index in `labels` of the right answer. The loss whose gradient is taken is the
  /// cross-entropy between the label logits and this answer (spec 2.1).
  public var answer: Int?
  public var interventions: [Intervention]
  public var captures: Captures
  /// The layers whose queries, keys and values are kept, where these are asked for; all if nil.
  public var capturedLayers: [Int]?
  /// Reduces one layer's saliency, (T, P + T), to a few numbers at once, so that no L·T² array is kept.
  public var reduceSaliency: (@Sendable (_ layer: Int, _ saliency: Matrix) -> [Float])?

  /// P
  var cachedCount: Int { cache?.count ?? 0 }
  /// The position of the first token.
  var firstPosition: Int { start ?? cache?.nextPosition ?? 0 }

  public init(
    tokens: [Int], labels: [Int] = [], answer: Int? = nil, interventions: [Intervention] = [],
    captures: Captures = [],
    reduceSaliency: (@Sendable (_ layer: Int, _ saliency: Matrix) -> [Float])? = nil
  ) {
    self.tokens = tokens
    self.labels = labels
    self.answer = answer
    self.interventions = interventions
    self.captures = captures
    self.reduceSaliency = reduceSaliency
  }

  var needsGradient: Bool { captures.needGradient || reduceSaliency != nil }
}

/// What was kept of a pass. Arrays that were not asked for are empty; layers count from 0.
///
/// After P cached entries, rows are still those of the pass's own T tokens; attention has P + T columns.
public struct Trace: Sendable {
  public var tokens: [Int] = []
  /// [V] at the last position.
  public var logits: [Float] = []
  /// Logits of the label words at the last position, in class-id order.
  public var labelLogits: [Float] = []
  /// Cross-entropy in nats, if the pass had an answer.
  public var loss: Float?
  /// (L + 1) · [T, C]
  public var hidden: [[Float]] = []
  /// L · [H, T, d]; of the ``Pass/capturedLayers`` only, as keys and values are.
  public var queries: [[Float]] = []
  public var keys: [[Float]] = []
  public var values: [[Float]] = []
  /// L · [H, T, P + T]
  public var attention: [[Float]] = []
  /// L · [H, P + T]
  public var targetAttention: [[Float]] = []
  /// L · [H, T, P + T]
  public var attentionGradient: [[Float]] = []
  /// L · [T, P + T]
  public var saliency: [[Float]] = []
  /// The logit lens (nostalgebraist 2020): the label words' logits if the final norm and the head read
  /// the stream at the last position, (L + 1) · [K]; index 0 is the embedding, L the output.
  public var lens: [[Float]] = []
  /// Direct attribution (Elhage et al. 2021): what each head writes into the stream at the last
  /// position, read by the head of the model with the scale held of every norm that it passes, before
  /// a soft cap, L · [H, K]. With the four that follow, all parts add up to the label words' logits.
  public var headAttribution: [[Float]] = []
  /// The same of each MLP with its biases, L · [K].
  public var mlpAttribution: [[Float]] = []
  /// The same of the last token's embedding, [K].
  public var tokenAttribution: [Float] = []
  /// The same of the last token's position, [K]; empty where positions are not learned.
  public var positionAttribution: [Float] = []
  /// The same of biases that are no head's, (L + 1) · [K]: of each block's attention projection and
  /// of norms behind it, then of the final norm and the head.
  public var biasAttribution: [[Float]] = []
  /// What the pass began with and its own tokens.
  public var cache: KeyValueCache?
  /// What ``Pass/reduceSaliency`` returned, layer by layer.
  public var reducedSaliency: [[Float]] = []

  /// Softmax over the label words' logits, in class-id order.
  public var labelProbabilities: [Double] { Self.probabilities(labelLogits) }

  /// Softmax over the label words' logits as the lens reads them, (L + 1) · [K].
  public var lensProbabilities: [[Double]] { lens.map(Self.probabilities) }

  private static func probabilities(_ logits: [Float]) -> [Double] {
    guard let top = logits.max() else { return [] }
    let exponentials = logits.map { exp(Double($0) - Double(top)) }
    let sum = exponentials.reduce(0, +)
    return exponentials.map { $0 / sum }
  }
}
