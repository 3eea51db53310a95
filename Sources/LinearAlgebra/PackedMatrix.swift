import CVectorMath

/// A matrix copied into the order in which the processor multiplies with it: panels of as many
/// columns as its registers hold.
///
/// For a weight, which stands on the right of product after product. OpenBLAS makes such a copy in
/// every call, which took a fifth of the time of a prompt of 128 tokens.
public struct PackedMatrix: Sendable {
  private let buffer: FloatBuffer
  /// Floats from the beginning of the buffer to the first panel of this view.
  private let offset: Int
  private let panelStride: Int
  /// Rows of the matrix.
  public let inner: Int
  public let columns: Int

  /// Columns of a panel on this processor; nil where there is no kernel for it and ``Matrix`` must do.
  public static let panelColumns: Int? = {
    let width = fathom_panel_columns()
    return width > 0 ? width : nil
  }()

  /// Copies a matrix, or its transpose; nil where this processor has no kernel.
  public init?(_ matrix: Matrix, _ orientation: Orientation = .plain, team: Team = .alone) {
    guard let width = Self.panelColumns else { return nil }
    let isPlain = orientation == .plain
    inner = isPlain ? matrix.rows : matrix.columns
    columns = isPlain ? matrix.columns : matrix.rows
    offset = 0
    panelStride = inner * width
    buffer = FloatBuffer(count: (columns + width - 1) / width * panelStride, zeroed: false)
    let (innerStride, columnStride) = isPlain ? (matrix.stride, 1) : (1, matrix.stride)
    team.forEachPart(of: columns, grain: width) { [inner, panelStride, buffer] part in
      fathom_pack(
        matrix.base + part.lowerBound * columnStride, innerStride, columnStride, inner, part.count,
        buffer.base + part.lowerBound / width * panelStride)
    }
  }

  private init(_ other: PackedMatrix, offset: Int, inner: Int, columns: Int) {
    buffer = other.buffer
    panelStride = other.panelStride
    self.offset = other.offset + offset
    self.inner = inner
    self.columns = columns
  }

  /// Only some rows of the matrix.
  public func rows(_ range: Range<Int>) -> PackedMatrix {
    let width = Self.panelColumns ?? 1
    return PackedMatrix(
      self, offset: range.lowerBound * width, inner: range.count, columns: columns)
  }

  /// Only some columns; nil where they do not begin with a panel.
  public func columns(_ range: Range<Int>) -> PackedMatrix? {
    let width = Self.panelColumns ?? 1
    guard range.lowerBound % width == 0 else { return nil }
    return PackedMatrix(
      self, offset: range.lowerBound / width * panelStride, inner: inner, columns: range.count)
  }

  fileprivate func multiply(
    _ a: Matrix, into target: Matrix, columns: Range<Int>, bias: UnsafePointer<Float>?,
    adding: Bool
  ) {
    let panels = buffer.base + offset + columns.lowerBound / (Self.panelColumns ?? 1) * panelStride
    fathom_packed_multiply(
      a.base, a.stride, panels, panelStride, bias.map { $0 + columns.lowerBound }, adding ? 1 : 0,
      target.base + columns.lowerBound, target.stride, target.rows, inner, columns.count)
  }
}

extension Team {
  /// target = a · b + bias, or that added to the target; the panels are shared out to the members.
  ///
  /// An entry is the same whatever the team's size and whatever else is computed with it.
  public func multiply(
    _ target: Matrix, _ a: Matrix, _ b: PackedMatrix, bias: UnsafePointer<Float>? = nil,
    adding: Bool = false
  ) {
    assert(a.rows == target.rows && a.columns == b.inner && b.columns == target.columns)
    // It is only read.
    nonisolated(unsafe) let bias = bias
    let team = isWorthSharing(target, inner: b.inner) ? self : .alone
    team.forEachPart(of: target.columns, grain: PackedMatrix.panelColumns ?? 1) { part in
      b.multiply(a, into: target, columns: part, bias: bias, adding: adding)
    }
  }
}
