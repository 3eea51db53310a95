import LinearAlgebra

/// What one block leaves behind for its backward pass.
struct BlockActivations {
  /// (T, (H + 2G) · d): query, key and value of every head.
  let queryKeyValue: Matrix
  /// (T, (H + G) · d): query and key before their norms; no columns where there are none.
  let rawQueryKey: Matrix
  /// (T, C): what enters the norms after attention and after the MLP; no columns where there are none.
  let unnormedMiddle: Matrix
  let unnormedOutput: Matrix
  /// (T, C): the residual stream between attention and MLP.
  let middle: Matrix
  /// (T, inner): the MLP before its nonlinearity, or what its gate lets through.
  let up: Matrix
  /// (T, inner): the gate before its nonlinearity; no columns where the MLP has none.
  let gate: Matrix

  func rows(_ range: Range<Int>) -> BlockActivations {
    BlockActivations(
      queryKeyValue: queryKeyValue.rows(range), rawQueryKey: rawQueryKey.rows(range),
      unnormedMiddle: unnormedMiddle.rows(range), unnormedOutput: unnormedOutput.rows(range),
      middle: middle.rows(range), up: up.rows(range), gate: gate.rows(range))
  }
}

/// What a worker's memory must hold, as a function of the architecture and the longest prompt.
struct MemoryPlan: Equatable {
  /// Above this, a backward pass computes each block's activations again instead of keeping them.
  static let largestKept = 1 << 30

  let tokens: Int
  /// Keys that a query may see: the tokens and what is cached before them.
  let keys: Int
  let members: Int
  /// Inputs of blocks that are kept: all L + 1 for a backward pass, else two that alternate.
  let inputs: Int
  /// Blocks whose activations are kept.
  let blocks: Int
  let hasGradient: Bool

  init(
    _ architecture: Architecture, tokens: Int, cached: Int = 0, members: Int, gradient: Bool,
    largestKept: Int = Self.largestKept
  ) {
    self.tokens = tokens
    keys = cached + tokens
    self.members = members
    hasGradient = gradient
    inputs = gradient ? architecture.layers + 1 : 2
    let perBlock =
      tokens
      * (architecture.queryKeyValueWidth + architecture.rawQueryKeyWidth
        + 2 * architecture.unnormedWidth + architecture.width + architecture.innerWidth
        + architecture.gateWidth)
    let keepsAll = architecture.layers * perBlock * MemoryLayout<Float>.stride <= largestKept
    blocks = gradient && keepsAll ? architecture.layers : 1
  }
}

/// The memory of one worker: one allocation, cut into named matrices by plan, used again for every
/// prompt that fits.
final class Workspace {
  /// Query rows that are computed together. Only keys up to the panel's last row enter its products,
  /// which saves nearly half of the work of a full T × T product, at any T.
  static let panelRows = 64

  /// Floats from one row of a matrix to the next: an odd number of cache lines. With an even one, rows
  /// that are read together, a few values of each, would crowd into the same few sets of the cache.
  static func stride(_ columns: Int) -> Int {
    columns == 0 ? 0 : ((columns + 15) / 16 | 1) * 16
  }

  let plan: MemoryPlan
  private let buffer: FloatBuffer
  private var inputs: [Matrix] = []
  private var blocks: [BlockActivations] = []
  /// (T, C): the normed stream, or its gradient.
  let normed: Matrix
  /// (T, H · d): attention's output before projection, or its gradient.
  let mixed: Matrix
  /// (T, inner)
  let inner: Matrix
  /// (T, C): ∂ℒ/∂ residual stream.
  let gradient: Matrix
  /// (T, (H + 2G) · d)
  let queryKeyValueGradient: Matrix
  /// (T, inner), both: the gate after its nonlinearity and ∂ℒ/∂ the gate before it.
  let opened: Matrix
  let gateGradient: Matrix
  /// For each member, (panel, keys): scores, then attention.
  let scores: [Matrix]
  /// For each member, (panel, keys): gradient of attention, then of scores.
  let scoreGradients: [Matrix]
  /// For each member, (panel, keys): slopes of capped scores; no rows where they are not capped.
  let capSlopes: [Matrix]
  /// For each member, (T, keys): Σ A ⊙ ∂A over the member's heads.
  let saliency: [Matrix]

  init(_ architecture: Architecture, plan: MemoryPlan) {
    self.plan = plan
    let shapes = Self.shapes(architecture, plan: plan)
    let buffer = FloatBuffer(count: Self.floats(shapes))
    self.buffer = buffer
    var offset = 0
    var remaining = shapes[...]
    func next() -> Matrix {
      let (rows, columns) = remaining.removeFirst()
      let stride = Self.stride(columns)
      defer { offset += rows * stride }
      return Matrix(base: buffer.base + offset, rows: rows, columns: columns, stride: stride)
    }
    inputs = (0..<plan.inputs).map { _ in next() }
    blocks = (0..<plan.blocks).map { _ in
      BlockActivations(
        queryKeyValue: next(), rawQueryKey: next(), unnormedMiddle: next(),
        unnormedOutput: next(), middle: next(), up: next(), gate: next())
    }
    normed = next()
    mixed = next()
    self.inner = next()
    gradient = next()
    queryKeyValueGradient = next()
    opened = next()
    gateGradient = next()
    var scores: [Matrix] = []
    var scoreGradients: [Matrix] = []
    var capSlopes: [Matrix] = []
    var saliency: [Matrix] = []
    for _ in 0..<plan.members {
      scores.append(next())
      scoreGradients.append(next())
      capSlopes.append(next())
      saliency.append(next())
    }
    self.scores = scores
    self.scoreGradients = scoreGradients
    self.capSlopes = capSlopes
    self.saliency = saliency
  }

  /// The residual stream that enters a layer, (T, C); index L is what leaves the last.
  func input(_ layer: Int) -> Matrix { inputs[layer % plan.inputs] }

  func activations(_ layer: Int) -> BlockActivations { blocks[layer % plan.blocks] }

  // MARK: - Memory

  /// Bytes that a workspace of this plan takes.
  static func bytes(_ architecture: Architecture, plan: MemoryPlan) -> Int {
    floats(shapes(architecture, plan: plan)) * MemoryLayout<Float>.stride
  }

  private typealias Shape = (rows: Int, columns: Int)

  private static func floats(_ shapes: [Shape]) -> Int {
    shapes.reduce(0) { $0 + $1.rows * stride($1.columns) }
  }

  /// The matrices in the order in which the initialiser takes them.
  private static func shapes(_ architecture: Architecture, plan: MemoryPlan) -> [Shape] {
    let (T, C, inner) = (plan.tokens, architecture.width, architecture.innerWidth)
    let (all, gate) = (architecture.queryKeyValueWidth, architecture.gateWidth)
    let panel = min(panelRows, T)
    var shapes: [Shape] = Array(repeating: (T, C), count: plan.inputs)
    for _ in 0..<plan.blocks {
      shapes += [(T, all), (T, architecture.rawQueryKeyWidth)]
      shapes += [(T, architecture.unnormedWidth), (T, architecture.unnormedWidth)]
      shapes += [(T, C), (T, inner), (T, gate)]
    }
    shapes += [(T, C), (T, architecture.attentionWidth), (T, inner)]
    let backward = plan.hasGradient ? T : 0
    let capped = architecture.scoreCap == nil ? 0 : min(panel, backward)
    shapes += [(backward, C), (backward, all), (backward, gate), (backward, gate)]
    for _ in 0..<plan.members {
      shapes += [(panel, plan.keys), (min(panel, backward), plan.keys)]
      shapes += [(capped, plan.keys), (backward, plan.keys)]
    }
    return shapes
  }

  func fits(_ other: MemoryPlan) -> Bool {
    plan.tokens >= other.tokens && plan.keys >= other.keys && plan.members == other.members
      && plan.hasGradient == other.hasGradient && plan.inputs == other.inputs
  }
}
