import LinearAlgebra

extension DecoderWeights {
  /// Token embeddings, (T, C), times `scale`, without positions.
  func embed(_ tokens: [Int], scale: Float, into stream: Matrix, team: Team) {
    let E = tokenEmbedding.columns
    let buffer = FloatBuffer(count: embeddingProjection == nil ? 0 : tokens.count * E)
    let embedded =
      embeddingProjection == nil ? stream : buffer.matrix(rows: tokens.count, columns: E)
    for (position, token) in tokens.enumerated() {
      let row = embedded.row(position)
      tokenEmbedding.copyRow(token, into: row)
      if scale != 1 {
        for column in 0..<E { row[column] *= scale }
      }
    }
    embeddingProjection?.apply(embedded, into: stream, team: team)
  }
}
