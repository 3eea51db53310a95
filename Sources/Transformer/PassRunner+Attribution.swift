import LinearAlgebra

/// Direct attribution: what every part of the model adds to the label words' logits.
extension PassRunner {
  /// What the last token and its position write into the stream. To be asked before the first block.
  /// Of a sum that is normed (BLOOM's embeddings) all is the token's.
  func embeddingWriting() -> Writing {
    let (C, last) = (decoder.architecture.width, pass.tokens.count - 1)
    let table = decoder.weights.embeddingNorm == nil ? decoder.weights.positionEmbedding : nil
    let buffer = FloatBuffer(count: 2 * C)
    let vectors = buffer.matrix(rows: table == nil ? 1 : 2, columns: C)
    let stream = workspace.input(0).row(last)
    for column in 0..<C { vectors[0, column] = stream[column] }
    if let table, case .learned(let offset) = decoder.architecture.positions {
      let position = table.row(offset + pass.firstPosition + last)
      for column in 0..<C {
        vectors[0, column] -= position[column]
        vectors[1, column] = position[column]
      }
    }
    return Writing(vectors: vectors, buffer: buffer)
  }

  /// - Parameter writings: the embedding's, then every block's.
  func attribute(_ writings: [Writing], into trace: inout Trace) {
    guard !writings.isEmpty else { return }
    let reader = reader
    let stream = workspace.input(decoder.architecture.layers).row(pass.tokens.count - 1)
    let parts = writings.map { writing in
      withExtendedLifetime(writing) { reader.attribution(of: writing.vectors, in: stream) }
    }
    trace.tokenAttribution = parts[0][0]
    trace.positionAttribution = parts[0].count > 1 ? parts[0][1] : []
    let heads = decoder.architecture.heads
    for block in parts.dropFirst() {
      trace.headAttribution.append(block.prefix(heads).flatMap { $0 })
      trace.mlpAttribution.append(block[heads])
      trace.biasAttribution.append(block[heads + 1])
    }
    trace.biasAttribution.append(reader.biases)
  }
}
