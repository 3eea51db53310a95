import LinearAlgebra

/// A norm with its scale held at that of one vector: a linear map, under which the parts of the vector
/// add up to the whole, but for the bias.
struct HeldNorm {
  private let weight: UnsafePointer<Float>
  private let scale: Double
  private let isCentred: Bool
  private let width: Int

  init(
    _ norm: NormWeights, of vector: UnsafePointer<Float>, _ architecture: Architecture
  ) {
    weight = norm.weight
    width = architecture.width
    isCentred = architecture.normalization == .layer
    let mean = isCentred ? Self.mean(vector, width) : 0
    let power = (0..<width).reduce(0) { sum, column in
      let distance = Double(vector[column]) - mean
      return sum + distance * distance
    }
    scale = 1 / (power / Double(width) + Double(architecture.normEpsilon)).squareRoot()
  }

  /// Maps a part of the vector, in place.
  func apply(_ part: UnsafeMutablePointer<Float>) {
    let mean = isCentred ? Self.mean(part, width) : 0
    for column in 0..<width {
      part[column] = Float((Double(part[column]) - mean) * scale * Double(weight[column]))
    }
  }

  private static func mean(_ vector: UnsafePointer<Float>, _ width: Int) -> Double {
    (0..<width).reduce(0) { $0 + Double(vector[$1]) } / Double(width)
  }
}

extension Block {
  /// The norms after attention and after the MLP as they were at the last position. To be asked
  /// directly after ``forward(lastOnly:keeping:)``.
  private var heldNorms: (attention: HeldNorm?, mlp: HeldNorm?) {
    func held(_ norm: NormWeights?, _ unnormed: Matrix) -> HeldNorm? {
      norm.map { HeldNorm($0, of: unnormed.row(tokens - 1), architecture) }
    }
    return (
      held(weights.attentionOutputNorm, saved.unnormedMiddle),
      held(weights.mlpOutputNorm, saved.unnormedOutput)
    )
  }

  /// From what each head, the MLP and the bias of attention's projection write to what of it is in the
  /// block's output, in place; the norms' own biases join the last. Where the MLP's norm is of what the
  /// MLP adds, it has been passed already.
  func holdNorms(_ vectors: Matrix) {
    let norms = heldNorms
    let (mlp, biases) = (architecture.heads, architecture.heads + 1)
    func pass(_ held: HeldNorm?, _ norm: NormWeights?, row: Int) {
      held?.apply(vectors.row(row))
      guard row == biases, let bias = norm?.bias else { return }
      VectorMath.add(bias, to: vectors.row(row), count: architecture.width)
    }
    let isOfStream = architecture.normPlacement == .after
    for row in 0..<vectors.rows {
      if row != mlp { pass(norms.attention, weights.attentionOutputNorm, row: row) }
      if isOfStream { pass(norms.mlp, weights.mlpOutputNorm, row: row) }
    }
  }

  /// From what earlier blocks wrote into the stream to what of it is in this block's output.
  func carry(_ writing: Writing) {
    guard architecture.normPlacement == .after else { return }
    let norms = heldNorms
    for row in 0..<writing.vectors.rows {
      norms.attention?.apply(writing.vectors.row(row))
      norms.mlp?.apply(writing.vectors.row(row))
    }
  }
}
