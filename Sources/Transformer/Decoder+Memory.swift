import LinearAlgebra

/// Bytes that the weights of a decoder take in memory.
public struct WeightMemory: Sendable, Equatable {
  /// Of the mapped file: what loading or any pass reads. All but tables of which a pass reads a few rows.
  public let mapped: Int
  /// Of the mapped file: a table of which a pass reads the rows of its tokens.
  public let mappedEmbedding: Int
  /// Of the mapped file: the head, which a pass reads if it wants the logits of the whole vocabulary.
  public let mappedHead: Int
  /// Beside the file: vectors that were widened or put in another order when the model was loaded.
  public let widened: Int
}

/// Bytes that a pass takes; see ``Decoder/memory(of:threads:)``.
public struct MemoryEstimate: Sendable, Equatable {
  /// Of the mapped file, as far as the pass reads it.
  public let mapped: Int
  /// Weights beside the file.
  public let widened: Int
  /// What the threads work in.
  public let workspace: Int
  /// What is kept of the pass.
  public let captures: Int

  public var total: Int { mapped + widened + workspace + captures }
}

extension Decoder {
  /// What the weights take, of whatever kind they are.
  public var weightMemory: WeightMemory {
    func bytes(_ matrix: StoredMatrix) -> Int { matrix.element.bytes(matrix.rows * matrix.columns) }
    let embedding = bytes(weights.tokenEmbedding)
    let head = architecture.tiedHead ? 0 : bytes(weights.head)
    let file = checkpoint.tensors.values.reduce(0) { $0 + $1.bytes.count }
    return WeightMemory(
      mapped: file - embedding - head, mappedEmbedding: embedding,
      mappedHead: architecture.tiedHead ? embedding : head,
      widened: buffers.reduce(0) { $0 + $1.count * MemoryLayout<Float>.stride })
  }

  /// What a pass will take that all threads work on together, the weights included.
  public func memory(of pass: Pass, threads: Int = Machine.cores) -> MemoryEstimate {
    let weights = weightMemory
    let rows = self.weights.tokenEmbedding.element.bytes(
      pass.tokens.count * architecture.embeddingWidth)
    let table =
      pass.captures.contains(.logits) ? weights.mappedHead : min(rows, weights.mappedEmbedding)
    let plan = MemoryPlan(architecture, for: [pass], members: threads)
    return MemoryEstimate(
      mapped: weights.mapped + table, widened: weights.widened,
      workspace: Workspace.bytes(architecture, plan: plan), captures: captureBytes(of: pass))
  }

  /// Bytes of memory that one thread works in, beside the weights, for prompts of so many tokens.
  ///
  /// - Parameter gradient: whether attention's gradient is computed, too, as saliency needs.
  public func workspaceBytes(tokens: Int, gradient: Bool) -> Int {
    let plan = MemoryPlan(architecture, tokens: tokens, members: 1, gradient: gradient)
    return Workspace.bytes(architecture, plan: plan)
  }

  private func captureBytes(of pass: Pass) -> Int {
    let shape = architecture
    let (T, L, C) = (pass.tokens.count, shape.layers, shape.width)
    let keys = pass.cachedCount + T
    let sizes: [(Captures, Int)] = [
      (.logits, shape.vocabulary), (.hidden, (L + 1) * T * C),
      (.queriesKeysValues, L * T * shape.queryKeyValueWidth),
      (.attention, L * shape.heads * T * keys), (.targetAttention, L * shape.heads * keys),
      (.attentionGradient, L * shape.heads * T * keys), (.saliency, L * T * keys),
    ]
    let floats = sizes.reduce(0) { $0 + (pass.captures.contains($1.0) ? $1.1 : 0) }
    let cache =
      pass.captures.contains(.cache) ? KeyValueCache.bytes(architecture, tokens: keys) : 0
    return floats * MemoryLayout<Float>.stride + cache
  }
}
