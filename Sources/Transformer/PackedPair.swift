import LinearAlgebra

/// A weight packed both ways: for x · W and for dy · Wᵀ. Each copy is made when first needed.
final class PackedPair: Sendable {
  /// With fewer rows a product only reads the weight once, and may as well read it where it lies.
  static let leastRows = 6

  private let matrix: Matrix
  private let layout: Projection.Layout
  private let copies = Locked<(forward: PackedMatrix?, backward: PackedMatrix?)>((nil, nil))

  init(_ projection: Projection) {
    matrix = projection.matrix
    layout = projection.layout
  }

  /// (in, out); nil where the processor has no kernel for it. The team makes the copy if there is none.
  func forward(_ team: Team) -> PackedMatrix? {
    copies.withLock { copies in
      if copies.forward == nil {
        copies.forward = PackedMatrix(
          matrix, layout == .inputMajor ? .plain : .transposed, team: team)
      }
      return copies.forward
    }
  }

  /// (out, in); as ``forward(_:)``.
  func backward(_ team: Team) -> PackedMatrix? {
    copies.withLock { copies in
      if copies.backward == nil {
        copies.backward = PackedMatrix(
          matrix, layout == .inputMajor ? .transposed : .plain, team: team)
      }
      return copies.backward
    }
  }
}

extension DecoderWeights {
  /// The share of the machine's memory that packed copies may take. A model that would need more
  /// multiplies with the weights as they lie in the file.
  private static let largestShare = 0.25

  /// The same weights, to be packed as they are used if the machine has room for that.
  func packing(memory: Int = Machine.memory) -> DecoderWeights {
    guard PackedMatrix.panelColumns != nil,
      Double(bytesIfPacked) <= Self.largestShare * Double(memory)
    else { return self }
    var weights = self
    weights.layers = layers.map { $0.packing() }
    return weights
  }

  var isPacking: Bool { layers.first?.query.packed != nil }

  /// Bytes that all weights of the blocks take, packed both ways.
  var bytesIfPacked: Int {
    let floats = layers.reduce(0) { sum, layer in
      sum + layer.projections.reduce(0) { $0 + $1.matrix.count }
    }
    return 2 * floats * MemoryLayout<Float>.stride
  }
}
