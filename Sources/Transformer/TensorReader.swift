import Checkpoints
import LinearAlgebra

/// Hands out a checkpoint's tensors, matrices where they lie and vectors as float32, checks their shapes
/// and remembers which were asked for.
final class TensorReader {
  private let checkpoint: Checkpoint
  let config: ConfigFile
  private var unused: Set<String>
  /// Buffers that hold what was widened or gathered; they must live as long as the weights.
  private(set) var buffers: [FloatBuffer] = []

  init(_ checkpoint: Checkpoint, config: ConfigFile) {
    self.checkpoint = checkpoint
    self.config = config
    unused = Set(checkpoint.tensors.keys)
  }

  func has(_ name: String) -> Bool { checkpoint.tensor(nameAsStored(name)) != nil }

  /// What a tensor is called in this checkpoint. One of the base model alone, as many on the Hub are,
  /// leaves the first part out: "transformer.h.0…" is "h.0…" there.
  private func nameAsStored(_ name: String) -> String {
    guard checkpoint.tensor(name) == nil, let dot = name.firstIndex(of: ".") else { return name }
    let short = String(name[name.index(after: dot)...])
    return checkpoint.tensor(short) == nil ? name : short
  }

  /// Tensors that are no weights: they may stay unused.
  func ignore(_ isBuffer: (String) -> Bool) {
    unused = unused.filter { !isBuffer($0) }
  }

  func matrix(_ name: String, _ rows: Int, _ columns: Int) throws -> StoredMatrix {
    let tensor = try tensor(name, shape: [rows, columns])
    guard let element = StoredMatrix.Element(tensor.type), let base = tensor.bytes.baseAddress
    else {
      throw CheckpointError.unreadableType(tensor: name, type: tensor.type)
    }
    let matrix = StoredMatrix(base, element, rows: rows, columns: columns)
    guard case .interleaved(let size) = tensor.arrangement else { return matrix }
    return matrix.deinterleaved(size: size)
  }

  /// A linear map stored (in, out), as in GPT-2: `name.weight`, and `name.bias`.
  func inputMajorLinear(_ name: String, _ inputs: Int, _ outputs: Int) throws -> Projection {
    let isTransposed = arrangement(name + ".weight") == .transposed
    guard !isTransposed else { return try linear(name, inputs, outputs, bias: true) }
    return Projection(
      matrix: try matrix(name + ".weight", inputs, outputs), layout: .inputMajor,
      bias: try vector(name + ".bias", outputs))
  }

  private func arrangement(_ name: String) -> TensorEntry.Arrangement {
    checkpoint.tensor(nameAsStored(name))?.arrangement ?? .usual
  }

  /// A linear map stored (out, in), as everywhere but in GPT-2: `name.weight`, and `name.bias`.
  func linear(_ name: String, _ inputs: Int, _ outputs: Int, bias: Bool) throws -> Projection {
    Projection(
      matrix: try matrix(name + ".weight", outputs, inputs), layout: .outputMajor,
      bias: bias ? try vector(name + ".bias", outputs) : nil)
  }

  /// Query, key and value of a map whose outputs are (H, 3, d): head by head, with a bias.
  func linearByHead(_ name: String, _ inputs: Int, heads: Int, size: Int) throws -> [Projection] {
    let outputs = heads * size
    if arrangement(name + ".weight") == .partByPart {
      let fused = try linear(name, inputs, 3 * outputs, bias: true)
      return (0..<3).map { fused.outputs($0 * outputs..<($0 + 1) * outputs) }
    }
    let weight = try matrix(name + ".weight", 3 * outputs, inputs)
    let bias = try vector(name + ".bias", 3 * outputs)
    return (0..<3).map { part in
      let gathered = FloatBuffer(count: outputs)
      buffers.append(gathered)
      for head in 0..<heads {
        (gathered.base + head * size).update(from: bias + (3 * head + part) * size, count: size)
      }
      return Projection(
        matrix: weight.group(part, of: 3, size: size), layout: .outputMajor,
        bias: UnsafePointer(gathered.base))
    }
  }

  func layerNorm(_ name: String, _ width: Int) throws -> NormWeights {
    NormWeights(
      weight: try vector(name + ".weight", width), bias: try vector(name + ".bias", width))
  }

  /// - Parameter offset: what the stored weights are raised by, if they are not raised already.
  func rootMeanSquareNorm(_ name: String, _ width: Int, offset: Float = 0) throws -> NormWeights {
    let weight = try vector(name + ".weight", width)
    guard offset != 0, arrangement(name + ".weight") != .raised else {
      return NormWeights(weight: weight, bias: nil)
    }
    let raised = FloatBuffer((0..<width).map { weight[$0] + offset })
    buffers.append(raised)
    return NormWeights(weight: raised.base, bias: nil)
  }

  /// The head of a model: the embedding if tied, whether or not it is written again.
  ///
  /// - Throws: ``ModelError/configuration(path:_:)`` for a tied head that is written as another matrix.
  func head(_ name: String, _ architecture: Architecture, embedding: StoredMatrix) throws
    -> StoredMatrix
  {
    guard architecture.tiedHead, has(name) else {
      return architecture.tiedHead
        ? embedding : try matrix(name, architecture.vocabulary, architecture.embeddingWidth)
    }
    let written = try matrix(name, architecture.vocabulary, architecture.embeddingWidth)
    // Heads that differ do so everywhere; some rows tell.
    let rows = stride(from: 0, to: written.rows, by: max(1, written.rows / 256))
    guard rows.allSatisfy({ written.row($0) == embedding.row($0) }) else {
      throw ModelError.configuration(
        path: config.path,
        "tie_word_embeddings is true, but the weights hold another '\(name)': "
          + "set it to false if that is the model's head")
    }
    return embedding
  }

  func vector(_ name: String, _ count: Int) throws -> UnsafePointer<Float> {
    let tensor = try tensor(name, shape: [count])
    guard !tensor.type.hasScales else {
      throw CheckpointError.wrongType(tensor: name, type: tensor.type, wanted: .float32)
    }
    if case .interleaved(let size) = tensor.arrangement {
      return keep(FloatBuffer(Self.deinterleaved(try tensor.floatArray(), size: size)))
    }
    if let mapped = tensor.floats { return mapped }
    let buffer = FloatBuffer(count: tensor.count)
    try tensor.copy(into: buffer.base)
    return keep(buffer)
  }

  private func keep(_ buffer: FloatBuffer) -> UnsafePointer<Float> {
    buffers.append(buffer)
    return UnsafePointer(buffer.base)
  }

  /// Bands of `size`, an even number that their number is a multiple of: first, third, …, second, fourth, …
  private static func deinterleaved(_ values: [Float], size: Int) -> [Float] {
    values.indices.map { index in
      let (place, half) = (index % size, size / 2)
      return values[index - place + (place < half ? 2 * place : 2 * (place - half) + 1)]
    }
  }

  /// - Throws: ``ModelError/unusedTensors(_:path:)`` if a tensor was left over: a sign that the
  ///   configuration does not describe this checkpoint.
  func checkEverythingWasUsed() throws {
    guard unused.isEmpty else {
      throw ModelError.unusedTensors(unused.sorted(), path: checkpoint.folder.path)
    }
  }

  private func tensor(_ name: String, shape: [Int]) throws -> TensorEntry {
    let stored = nameAsStored(name)
    guard let tensor = checkpoint.tensor(stored) else {
      throw ModelError.missingTensor(name, shape: shape, path: checkpoint.folder.path)
    }
    guard tensor.shape == shape else {
      throw ModelError.wrongShape(stored, found: tensor.shape, expected: shape)
    }
    unused.remove(stored)
    return tensor
  }
}

extension StoredMatrix.Element {
  /// nil for a type that is not computed with.
  fileprivate init?(_ type: ElementType) {
    switch type {
    case .float32: self = .float32
    case .float16: self = .float16
    case .bfloat16: self = .bfloat16
    case .q80: self = .q80
    case .q50: self = .q50
    case .q40: self = .q40
    case .q4K: self = .q4K
    case .q5K: self = .q5K
    case .q6K: self = .q6K
    default: return nil
    }
  }
}
