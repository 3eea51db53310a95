import LinearAlgebra

/// A linear map with an optional bias, where and as the checkpoint stores it.
struct Projection: @unchecked Sendable {
  // Unchecked: the memory is never written after loading.
  enum Layout {
    /// (in, out): y = x · W.
    case inputMajor
    /// (out, in): y = x · Wᵀ.
    case outputMajor
  }
  let matrix: StoredMatrix
  let layout: Layout
  let bias: UnsafePointer<Float>?

  var inputs: Int { layout == .inputMajor ? matrix.rows : matrix.columns }
  var outputs: Int { layout == .inputMajor ? matrix.columns : matrix.rows }

  /// Only some of the outputs: the query, key or value part of a fused projection.
  func outputs(_ range: Range<Int>) -> Projection {
    Projection(
      matrix: layout == .inputMajor ? matrix.columns(range) : matrix.rows(range),
      layout: layout, bias: bias.map { $0 + range.lowerBound })
  }

  /// What only some of the inputs give, without the bias.
  func inputs(_ range: Range<Int>) -> Projection {
    Projection(
      matrix: layout == .inputMajor ? matrix.rows(range) : matrix.columns(range),
      layout: layout, bias: nil)
  }

  /// y = x · W + b, or y += x · W + b; x is (T, in), y is (T, out).
  func apply(_ x: Matrix, into y: Matrix, adding: Bool = false, team: Team) {
    team.multiply(
      y, x, matrix, layout == .inputMajor ? .plain : .transposed, bias: bias, adding: adding)
  }

  /// dx = dy · Wᵀ, or dx += dy · Wᵀ.
  func applyBackward(_ dy: Matrix, into dx: Matrix, adding: Bool = false, team: Team) {
    team.multiply(
      dx, dy, matrix, layout == .inputMajor ? .transposed : .plain, adding: adding)
  }
}

struct NormWeights: @unchecked Sendable {
  // Unchecked: the memory is never written after loading.
  let weight: UnsafePointer<Float>
  /// nil for a root-mean-square norm, which has none.
  let bias: UnsafePointer<Float>?
}

extension NormWeights {
  func apply(_ x: Matrix, epsilon: Float, into output: Matrix) {
    if let bias {
      layerNorm(x, weight: weight, bias: bias, epsilon: epsilon, into: output)
    } else {
      rootMeanSquareNorm(x, weight: weight, epsilon: epsilon, into: output)
    }
  }

  func applyBackward(
    _ x: Matrix, epsilon: Float, gradient: Matrix, addingTo accumulated: Matrix
  ) {
    if bias != nil {
      layerNormBackward(
        x, weight: weight, epsilon: epsilon, gradient: gradient, addingTo: accumulated)
    } else {
      rootMeanSquareNormBackward(
        x, weight: weight, epsilon: epsilon, gradient: gradient, addingTo: accumulated)
    }
  }
}

struct LayerWeights: Sendable {
  /// nil where attention reads the stream as it is.
  let attentionNorm: NormWeights?
  /// C → H · d.
  let query: Projection
  /// C → G · d.
  let key: Projection
  /// C → G · d.
  let value: Projection
  /// Norms of each head's query and key, [d], before positions enter (Qwen3).
  var queryNorm: NormWeights?
  var keyNorm: NormWeights?
  /// H · d → C.
  let attentionOutput: Projection
  /// After attention: of the stream, or of what attention adds to it.
  var attentionOutputNorm: NormWeights?
  /// nil where the MLP reads what attention reads, or the stream as it is.
  let mlpNorm: NormWeights?
  /// C → inner, through the nonlinearity, where the MLP is gated.
  var gate: Projection?
  /// C → inner.
  let up: Projection
  /// inner → C.
  let down: Projection
  /// After the MLP: of the stream, or of what the MLP adds to it.
  var mlpOutputNorm: NormWeights?
}

struct DecoderWeights: @unchecked Sendable {
  // Unchecked: the memory is never written after loading.
  /// (V, E); E is C but where the next maps it there.
  let tokenEmbedding: StoredMatrix
  /// E → C.
  var embeddingProjection: Projection?
  /// (context, C), where positions are learned.
  var positionEmbedding: StoredMatrix?
  /// Of the embedded tokens, before the first block (BLOOM).
  var embeddingNorm: NormWeights?
  let layers: [LayerWeights]
  /// nil where the head reads the stream as it is.
  let finalNorm: NormWeights?
  /// C → E, before the head.
  var headProjection: Projection?
  /// (V, E); the token embedding where the head is tied.
  let head: StoredMatrix
  /// [V]
  var headBias: UnsafePointer<Float>?
}
