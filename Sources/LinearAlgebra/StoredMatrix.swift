import CVectorMath

/// A view of a row-major matrix of weights that stays where it lies, such as in a mapped file, as 32-
/// or 16-bit floats or as blocks of small integers with a scale, aligned or not. It owns nothing: whoever
/// maps the memory must outlive it.
///
/// Rows may lie in groups, as those of queries, keys and values do in checkpoints that store them head
/// by head. See ``Team/multiply(_:_:_:_:bias:adding:)`` for products.
public struct StoredMatrix: @unchecked Sendable {
  // Unchecked: the memory is never written.
  /// How a number is stored.
  public enum Element: Sendable, CaseIterable {
    case float32
    case float16
    case bfloat16
    /// ggml's Q8_0: 32 integers of 8 bits and a scale.
    case q80
    /// Q5_0: 32 integers of 5 bits and a scale.
    case q50
    /// Q4_0: 32 integers of 4 bits and a scale.
    case q40
    /// Q4_K: 256 integers of 4 bits; of each 32 a scale and a minimum.
    case q4K
    /// Q5_K: the same of 5 bits.
    case q5K
    /// Q6_K: 256 integers of 6 bits; of each 16 a scale.
    case q6K

    fileprivate var kind: fathom_element {
      switch self {
      case .float32: fathom_float32
      case .float16: fathom_float16
      case .bfloat16: fathom_bfloat16
      case .q80: fathom_q8_0
      case .q50: fathom_q5_0
      case .q40: fathom_q4_0
      case .q4K: fathom_q4_k
      case .q5K: fathom_q5_k
      case .q6K: fathom_q6_k
      }
    }

    /// Numbers that are stored together, of which a row has a multiple: 1 but for blocks.
    public var blockCount: Int { fathom_block_elements(kind) }

    /// Bytes that so many numbers take, a multiple of ``blockCount``.
    public func bytes(_ count: Int) -> Int { count / blockCount * fathom_block_bytes(kind) }
  }

  public let element: Element
  public let rows: Int
  public let columns: Int
  private var weight: fathom_weight

  /// The matrix that begins at `base`, row after row without gaps.
  public init(_ base: UnsafeRawPointer, _ element: Element, rows: Int, columns: Int) {
    self.init(base, element, rows: rows, columns: columns, stride: columns)
  }

  /// A view of a matrix in memory.
  public init(_ matrix: Matrix) {
    self.init(
      matrix.base, .float32, rows: matrix.rows, columns: matrix.columns, stride: matrix.stride)
  }

  private init(
    _ base: UnsafeRawPointer, _ element: Element, rows: Int, columns: Int, stride: Int
  ) {
    assert(columns % element.blockCount == 0)
    self.init(
      fathom_weight(
        base: base, element: element.kind, stride: stride, group: max(rows, 1), group_stride: 0,
        first: 0, column: 0, interleaved: 0),
      element, rows: rows, columns: columns)
  }

  private init(_ weight: fathom_weight, _ element: Element, rows: Int, columns: Int) {
    self.weight = weight
    self.element = element
    self.rows = rows
    self.columns = columns
  }

  // MARK: - Parts

  /// Only some rows.
  public func rows(_ range: Range<Int>) -> StoredMatrix {
    var part = weight
    part.first += range.lowerBound
    return StoredMatrix(part, element, rows: range.count, columns: columns)
  }

  /// Only some columns.
  public func columns(_ range: Range<Int>) -> StoredMatrix {
    var part = weight
    part.column += range.lowerBound
    return StoredMatrix(part, element, rows: rows, columns: range.count)
  }

  /// Of rows that lie in bands of `count` groups of `size` rows each, those of group `index` in every
  /// band: with three groups a head, all queries, all keys or all values.
  public func group(_ index: Int, of count: Int, size: Int) -> StoredMatrix {
    let stride = weight.stride
    var part = weight
    part.base += element.bytes((weight.first + index * size) * stride)
    part.first = 0
    part.group = size
    part.group_stride = count * size * stride
    return StoredMatrix(part, element, rows: rows / count, columns: columns)
  }

  /// The rows of bands of `size` in the order first, third, …, second, fourth, …: what was stored with
  /// the second half of each band between the rows of the first, as it was before.
  public func deinterleaved(size: Int) -> StoredMatrix {
    assert(size % 2 == 0 && weight.first == 0 && weight.group >= rows)
    var whole = weight
    whole.interleaved = size
    return StoredMatrix(whole, element, rows: rows, columns: columns)
  }

  // MARK: - Numbers

  /// Copies one row, widened to `Float`; `target` has room for ``columns`` numbers.
  public func copyRow(_ row: Int, into target: UnsafeMutablePointer<Float>) {
    copy(row, 0..<columns, into: target)
  }

  /// One row, widened to `Float`.
  public func row(_ row: Int) -> [Float] {
    [Float](unsafeUninitializedCapacity: columns) { buffer, count in
      if let target = buffer.baseAddress { copyRow(row, into: target) }
      count = columns
    }
  }

  private func copy(_ row: Int, _ range: Range<Int>, into target: UnsafeMutablePointer<Float>) {
    withUnsafePointer(to: weight) {
      fathom_weight_row($0, row, range.lowerBound, range.count, target)
    }
  }

  /// All numbers of some rows and columns, widened into a buffer.
  private func widened(_ rows: Range<Int>, _ columns: Range<Int>) -> FloatBuffer {
    let buffer = FloatBuffer(count: rows.count * columns.count, zeroed: false)
    for (index, row) in rows.enumerated() {
      copy(row, columns, into: buffer.base + index * columns.count)
    }
    return buffer
  }

  // MARK: - Products

  /// Columns that this processor's kernel computes together; nil where there is none and BLAS does.
  public static let panelColumns: Int? = {
    let width = fathom_panel_columns()
    return width > 0 ? width : nil
  }()

  /// Some columns of target = a · self + bias, self transposed or not.
  fileprivate func multiply(
    _ a: Matrix, _ orientation: Orientation, into target: Matrix, columns: Range<Int>,
    bias: UnsafePointer<Float>?, adding: Bool
  ) {
    withUnsafePointer(to: weight) {
      fathom_weight_multiply(
        a.base, a.stride, $0, orientation == .transposed ? 1 : 0, columns.lowerBound,
        bias.map { $0 + columns.lowerBound }, adding ? 1 : 0, target.base + columns.lowerBound,
        target.stride, target.rows, a.columns, columns.count)
    }
  }

  /// The same where there is no kernel: a panel is widened for BLAS.
  func multiplyByBLAS(
    _ a: Matrix, _ orientation: Orientation, into target: Matrix, columns: Range<Int>,
    bias: UnsafePointer<Float>?, adding: Bool
  ) {
    let width = 128
    for first in stride(from: columns.lowerBound, to: columns.upperBound, by: width) {
      let panel = first..<min(first + width, columns.upperBound)
      let part = target.columns(panel)
      if let bias {
        for row in 0..<part.rows {
          if adding {
            VectorMath.add(bias + first, to: part.row(row), count: panel.count)
          } else {
            part.row(row).update(from: bias + first, count: panel.count)
          }
        }
      }
      let isPlain = orientation == .plain
      let buffer = isPlain ? widened(0..<rows, panel) : widened(panel, 0..<self.columns)
      let weight = buffer.matrix(
        rows: isPlain ? rows : panel.count, columns: isPlain ? panel.count : self.columns)
      withExtendedLifetime(buffer) {
        part.multiply(a, .plain, weight, orientation, beta: adding || bias != nil ? 1 : 0)
      }
    }
  }
}

extension Team {
  /// target = a · b + bias, or that added to the target, b transposed or not; the columns are shared
  /// out to the members.
  ///
  /// b is read once, a panel of its columns at a time, which is widened and turned into the order in
  /// which the processor multiplies. Copies of weights that are made once and kept, the alternative,
  /// made a saliency of GPT-2 small 4 % faster at 128 tokens and 2 % at 512, and took twice the model's
  /// memory.
  ///
  /// An entry is the same whatever the team's size and whatever else is computed with it, but that a
  /// single row is summed in another order than several.
  public func multiply(
    _ target: Matrix, _ a: Matrix, _ b: StoredMatrix, _ orientation: Orientation = .plain,
    bias: UnsafePointer<Float>? = nil, adding: Bool = false
  ) {
    assert(a.rows == target.rows)
    assert(a.columns == (orientation == .plain ? b.rows : b.columns))
    assert(target.columns == (orientation == .plain ? b.columns : b.rows))
    // It is only read.
    nonisolated(unsafe) let bias = bias
    let team = isWorthSharing(target, inner: a.columns) ? self : .alone
    team.forEachPart(of: target.columns, grain: StoredMatrix.panelColumns ?? 1) { part in
      if StoredMatrix.panelColumns == nil {
        b.multiplyByBLAS(a, orientation, into: target, columns: part, bias: bias, adding: adding)
      } else {
        b.multiply(a, orientation, into: target, columns: part, bias: bias, adding: adding)
      }
    }
  }
}
