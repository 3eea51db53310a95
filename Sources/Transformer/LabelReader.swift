import LinearAlgebra

/// Reads label words' logits from vectors of the residual stream at one position.
struct LabelReader {
  let architecture: Architecture
  let weights: DecoderWeights
  let labels: [Int]

  private var C: Int { architecture.width }
  private var E: Int { architecture.embeddingWidth }

  /// What the head reads of a vector of the stream, [E]: normed and, where E is not C, projected.
  func normed(_ stream: UnsafeMutablePointer<Float>) -> FloatBuffer {
    let normed = FloatBuffer(count: C)
    let row = normed.matrix(rows: 1, columns: C)
    let stream = Matrix(base: stream, rows: 1, columns: C)
    if let norm = weights.finalNorm {
      norm.apply(stream, epsilon: architecture.normEpsilon, into: row)
    } else {
      row.copy(from: stream)
    }
    guard let projection = weights.headProjection else { return normed }
    let projected = FloatBuffer(count: E)
    projection.apply(row, into: projected.matrix(rows: 1, columns: E), team: .alone)
    return projected
  }

  /// The label words' logits of a normed vector.
  func logits(of normed: FloatBuffer) -> [Float] {
    var logits = labels.map { token in
      let row = weights.head.row(token)
      return (0..<E).reduce(weights.headBias?[token] ?? 0) { $0 + row[$1] * normed.base[$1] }
    }
    cap(&logits)
    return logits
  }

  /// The logits of the whole vocabulary for each normed vector, [V] each; the head is read once.
  func allLogits(of normed: [FloatBuffer], team: Team) -> [[Float]] {
    let (rows, V) = (normed.count, architecture.vocabulary)
    let together = FloatBuffer(count: rows * E, zeroed: false)
    for (row, vector) in normed.enumerated() {
      (together.base + row * E).update(from: vector.base, count: E)
    }
    let logits = FloatBuffer(count: rows * V, zeroed: false)
    let matrix = logits.matrix(rows: rows, columns: V)
    team.multiply(
      matrix, together.matrix(rows: rows, columns: E), weights.head, .transposed,
      bias: weights.headBias)
    return (0..<rows).map { row in
      var row = Array(UnsafeBufferPointer(start: matrix.row(row), count: V))
      cap(&row)
      return row
    }
  }

  /// Bends logits as the model does, where it does.
  func cap(_ logits: inout [Float]) {
    guard let cap = architecture.logitCap else { return }
    logits.withUnsafeMutableBufferPointer { logits in
      if let base = logits.baseAddress { softCap(base, count: logits.count, cap: cap) }
    }
  }

  /// Adds to `accumulated` the gradient of the stream at one position, (1, C), given that of the label
  /// words' logits, [K].
  func backward(
    _ gradient: [Float], logits: [Float], stream: Matrix, addingTo accumulated: Matrix
  ) {
    let read = FloatBuffer(count: E)
    for (index, token) in labels.enumerated() {
      // Of cap · tanh(x / cap), the slope is 1 − tanh².
      let bent = architecture.logitCap.map { logits[index] / $0 } ?? 0
      let slope = gradient[index] * (1 - bent * bent)
      let row = weights.head.row(token)
      for column in 0..<E { read.base[column] += slope * row[column] }
    }
    let normed = beforeProjection(read)
    let row = normed.matrix(rows: 1, columns: C)
    guard let norm = weights.finalNorm else { return accumulated.add(row) }
    norm.applyBackward(
      stream, epsilon: architecture.normEpsilon, gradient: row, addingTo: accumulated)
  }

  /// A gradient of what the head reads, [E], as one of the normed stream, [C].
  private func beforeProjection(_ gradient: FloatBuffer) -> FloatBuffer {
    guard let projection = weights.headProjection else { return gradient }
    let before = FloatBuffer(count: C)
    projection.applyBackward(
      gradient.matrix(rows: 1, columns: E), into: before.matrix(rows: 1, columns: C), team: .alone)
    return before
  }

  /// What each vector adds to the label words' logits, [count][K], with the final norm's scale held at
  /// that of `stream`: the parts of a stream then add up to what the whole gives, but for biases and
  /// before a soft cap.
  ///
  /// - Parameter vectors: they are normed in place.
  func attribution(
    of vectors: Matrix, in stream: UnsafeMutablePointer<Float>
  ) -> [[Float]] {
    let norm = weights.finalNorm.map { HeldNorm($0, of: stream, architecture) }
    let readers = labels.map { token in
      beforeProjection(FloatBuffer(weights.head.row(token)))
    }
    return (0..<vectors.rows).map { index in
      norm?.apply(vectors.row(index))
      return readers.map { reader in
        Float((0..<C).reduce(0) { $0 + Double(vectors[index, $1]) * Double(reader.base[$1]) })
      }
    }
  }

  /// What is added to the label words' logits whatever the stream is: the biases of the final norm, of
  /// the projection before the head, and of the head, [K].
  var biases: [Float] {
    labels.map { token in
      let row = weights.head.row(token)
      let read = beforeProjection(FloatBuffer(row))
      var sum = Double(weights.headBias?[token] ?? 0)
      if let bias = weights.finalNorm?.bias {
        sum = (0..<C).reduce(sum) { $0 + Double(bias[$1]) * Double(read.base[$1]) }
      }
      if let bias = weights.headProjection?.bias {
        sum = (0..<E).reduce(sum) { $0 + Double(bias[$1]) * Double(row[$1]) }
      }
      return Float(sum)
    }
  }
}

/// What the parts of one block, or the embedding, write into the stream at the last position, as it is
/// where the stream ends.
struct Writing {
  /// (H + 2, C): a row a head, then the MLP, then the biases. Of the embedding: the token, then its
  /// position where positions are learned.
  let vectors: Matrix
  /// Owns the vectors.
  let buffer: FloatBuffer
}

extension Block {
  /// To be asked directly after ``forward(lastOnly:keeping:)``, whose results are still at hand.
  func writing() -> Writing {
    let (C, H, d) = (architecture.width, architecture.heads, architecture.headSize)
    let buffer = FloatBuffer(count: (H + 2) * C)
    let vectors = buffer.matrix(rows: H + 2, columns: C)
    let output = weights.attentionOutput
    for head in 0..<H {
      output.inputs(head * d..<(head + 1) * d).apply(
        mixed(head).rows(tokens - 1..<tokens), into: vectors.rows(head..<head + 1), team: team)
    }
    let stream =
      architecture.normPlacement == .after ? saved.unnormedOutput : workspace.input(index + 1)
    let (after, middle) = (stream.row(tokens - 1), saved.middle.row(tokens - 1))
    for column in 0..<C {
      vectors[H, column] = after[column] - middle[column]
      vectors[H + 1, column] = output.bias?[column] ?? 0
    }
    holdNorms(vectors)
    return Writing(vectors: vectors, buffer: buffer)
  }
}
