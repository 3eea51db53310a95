import Checkpoints
import LinearAlgebra

/// A linear map with an optional bias, as a checkpoint stores it.
struct Projection: @unchecked Sendable {
  // Unchecked: the memory is never written after loading.
  enum Layout {
    /// (in, out): y = x · W.
    case inputMajor
    /// (out, in): y = x · Wᵀ.
    case outputMajor
  }
  let matrix: Matrix
  let layout: Layout
  let bias: UnsafePointer<Float>?
  /// The matrix as products want it, where there is room for such a copy.
  var packed: PackedPair?
  /// Which of the packed matrix's outputs these are.
  private var range: Range<Int>

  init(matrix: Matrix, layout: Layout, bias: UnsafePointer<Float>?) {
    self.matrix = matrix
    self.layout = layout
    self.bias = bias
    range = 0..<(layout == .inputMajor ? matrix.columns : matrix.rows)
  }

  /// Only some of the outputs: the query, key or value part of a fused projection.
  func outputs(_ range: Range<Int>) -> Projection {
    var part = Projection(
      matrix: layout == .inputMajor ? matrix.columns(range) : matrix.rows(range),
      layout: layout, bias: bias.map { $0 + range.lowerBound })
    part.packed = packed
    part.range = self.range.lowerBound + range.lowerBound..<self.range.lowerBound + range.upperBound
    return part
  }

  /// y = x · W + b, or y += x · W + b; x is (T, in), y is (T, out).
  func apply(_ x: Matrix, into y: Matrix, adding: Bool = false, team: Team) {
    if x.rows >= PackedPair.leastRows, let forward = packed?.forward?.columns(range) {
      return team.multiply(y, x, forward, bias: bias, adding: adding)
    }
    if let bias {
      for row in 0..<y.rows {
        if adding {
          VectorMath.add(bias, to: y.row(row), count: y.columns)
        } else {
          y.row(row).update(from: bias, count: y.columns)
        }
      }
    }
    team.multiply(
      y, x, matrix, layout == .inputMajor ? .plain : .transposed,
      beta: adding || bias != nil ? 1 : 0)
  }

  /// dx = dy · Wᵀ, or dx += dy · Wᵀ.
  func applyBackward(_ dy: Matrix, into dx: Matrix, adding: Bool = false, team: Team) {
    if dy.rows >= PackedPair.leastRows, let backward = packed?.backward?.rows(range) {
      return team.multiply(dx, dy, backward, adding: adding)
    }
    team.multiply(
      dx, dy, matrix, layout == .inputMajor ? .transposed : .plain, beta: adding ? 1 : 0)
  }
}

struct NormWeights: @unchecked Sendable {
  let weight: UnsafePointer<Float>
  let bias: UnsafePointer<Float>
}

struct LayerWeights: Sendable {
  let attentionNorm: NormWeights
  /// C → 3C, outputs [query | key | value].
  var attentionInput: Projection
  var attentionOutput: Projection
  let mlpNorm: NormWeights
  var up: Projection
  var down: Projection

  static let projections: [WritableKeyPath<LayerWeights, Projection> & Sendable] = [
    \.attentionInput, \.attentionOutput, \.up, \.down,
  ]
}

struct DecoderWeights: Sendable {
  /// (V, C)
  let tokenEmbedding: Matrix
  /// (context, C)
  let positionEmbedding: Matrix
  var layers: [LayerWeights]
  let finalNorm: NormWeights
  /// (V, C); the token embedding where the head is tied.
  let head: Matrix
}

/// Hands out a checkpoint's tensors as float32, checks their shapes and remembers which were asked for.
final class TensorReader {
  private let checkpoint: Checkpoint
  private var unused: Set<String>
  /// Buffers that hold widened tensors; they must live as long as the weights.
  private(set) var buffers: [FloatBuffer] = []

  init(_ checkpoint: Checkpoint) {
    self.checkpoint = checkpoint
    unused = Set(checkpoint.tensors.keys)
  }

  func has(_ name: String) -> Bool { checkpoint.tensor(name) != nil }

  /// Tensors that are no weights: they may stay unused.
  func ignore(_ isBuffer: (String) -> Bool) {
    unused = unused.filter { !isBuffer($0) }
  }

  func matrix(_ name: String, _ rows: Int, _ columns: Int) throws -> Matrix {
    Matrix(reading: try floats(name, shape: [rows, columns]), rows: rows, columns: columns)
  }

  func vector(_ name: String, _ count: Int) throws -> UnsafePointer<Float> {
    try floats(name, shape: [count])
  }

  /// - Throws: ``ModelError/unusedTensors(_:path:)`` if a tensor was left over: a sign that the
  ///   configuration does not describe this checkpoint.
  func checkEverythingWasUsed() throws {
    guard unused.isEmpty else {
      throw ModelError.unusedTensors(unused.sorted(), path: checkpoint.folder.path)
    }
  }

  private func floats(_ name: String, shape: [Int]) throws -> UnsafePointer<Float> {
    guard let tensor = checkpoint.tensor(name) else {
      throw ModelError.missingTensor(name, shape: shape, path: checkpoint.folder.path)
    }
    guard tensor.shape == shape else {
      throw ModelError.wrongShape(name, found: tensor.shape, expected: shape)
    }
    unused.remove(name)
    if let mapped = tensor.floats { return mapped }
    let buffer = FloatBuffer(count: tensor.count)
    try tensor.copy(into: buffer.base)
    buffers.append(buffer)
    return UnsafePointer(buffer.base)
  }
}
