import LinearAlgebra

/// Reads label words' logits from vectors of the residual stream at one position.
struct LabelReader {
  let architecture: Architecture
  let weights: DecoderWeights
  let labels: [Int]

  private var C: Int { architecture.width }

  /// A vector of the stream after the final norm, [C].
  func normed(_ stream: UnsafeMutablePointer<Float>) -> FloatBuffer {
    let output = FloatBuffer(count: C)
    weights.finalNorm.apply(
      Matrix(base: stream, rows: 1, columns: C), epsilon: architecture.normEpsilon,
      into: output.matrix(rows: 1, columns: C))
    return output
  }

  /// The label words' logits of a normed vector.
  func logits(of normed: FloatBuffer) -> [Float] {
    labels.map { token in
      let row = weights.head.row(token)
      return (0..<C).reduce(weights.headBias?[token] ?? 0) { $0 + row[$1] * normed.base[$1] }
    }
  }

  /// What each vector adds to the label words' logits, [count][K], with the final norm's scale held at
  /// that of `stream`: the parts of a stream then add up to what the whole gives, but for biases.
  func attribution(
    of vectors: Matrix, in stream: UnsafeMutablePointer<Float>
  ) -> [[Float]] {
    let values = (0..<C).map { Double(stream[$0]) }
    let isCentred = architecture.normalization == .layer
    let mean = isCentred ? values.reduce(0, +) / Double(C) : 0
    let power = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(C)
    let scale = 1 / (power + Double(architecture.normEpsilon)).squareRoot()
    let readers = labels.map { token in
      (0..<C).map { scale * Double(weights.finalNorm.weight[$0] * weights.head.row(token)[$0]) }
    }
    return (0..<vectors.rows).map { index in
      let vector = vectors.row(index)
      let centre = isCentred ? (0..<C).reduce(0) { $0 + Double(vector[$1]) } / Double(C) : 0
      return readers.map { reader in
        Float((0..<C).reduce(0) { $0 + (Double(vector[$1]) - centre) * reader[$1] })
      }
    }
  }
}

/// What the heads and the MLP of one block write into the stream at the last position.
struct Writing {
  /// (H + 1, C): a row a head, then the MLP.
  let vectors: Matrix
  /// Owns the vectors.
  let buffer: FloatBuffer
}

extension Block {
  /// To be asked directly after ``forward(lastOnly:keeping:)``, whose results are still at hand.
  func writing() -> Writing {
    let (C, H, d) = (architecture.width, architecture.heads, architecture.headSize)
    let buffer = FloatBuffer(count: (H + 1) * C)
    let vectors = buffer.matrix(rows: H + 1, columns: C)
    let output = weights.attentionOutput
    for head in 0..<H {
      let inputs = head * d..<(head + 1) * d
      let mixed = mixed(head).rows(tokens - 1..<tokens)
      switch output.layout {
      case .inputMajor:
        vectors.rows(head..<head + 1).multiply(mixed, .plain, output.matrix.rows(inputs))
      case .outputMajor:
        vectors.rows(head..<head + 1).multiply(
          mixed, .plain, output.matrix.columns(inputs), .transposed)
      }
    }
    let (after, middle) = (
      workspace.input(index + 1).row(tokens - 1), saved.middle.row(tokens - 1)
    )
    for column in 0..<C { vectors[H, column] = after[column] - middle[column] }
    return Writing(vectors: vectors, buffer: buffer)
  }
}
