/// A view of a row-major matrix of floats. It owns nothing: whoever holds the buffer must outlive it.
public struct Matrix: @unchecked Sendable {
  // Unchecked: views go to the members of a team, each of which writes rows or columns of its own.
  public let base: UnsafeMutablePointer<Float>
  public let rows: Int
  public let columns: Int
  /// Floats from one row to the next; at least `columns`.
  public let stride: Int

  public init(base: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int? = nil) {
    self.base = base
    self.rows = rows
    self.columns = columns
    self.stride = stride ?? columns
  }

  public var count: Int { rows * columns }

  public subscript(row: Int, column: Int) -> Float {
    get { base[row * stride + column] }
    nonmutating set { base[row * stride + column] = newValue }
  }

  public func row(_ index: Int) -> UnsafeMutablePointer<Float> { base + index * stride }

  public func rows(_ range: Range<Int>) -> Matrix {
    Matrix(base: row(range.lowerBound), rows: range.count, columns: columns, stride: stride)
  }

  public func columns(_ range: Range<Int>) -> Matrix {
    Matrix(base: base + range.lowerBound, rows: rows, columns: range.count, stride: stride)
  }

  public func fill(_ value: Float) {
    for r in 0..<rows { row(r).update(repeating: value, count: columns) }
  }

  public func copy(from other: Matrix) {
    assert(rows == other.rows && columns == other.columns)
    for r in 0..<rows { row(r).update(from: other.row(r), count: columns) }
  }

  /// self += other.
  public func add(_ other: Matrix) {
    assert(rows == other.rows && columns == other.columns)
    for r in 0..<rows { VectorMath.add(other.row(r), to: row(r), count: columns) }
  }

  /// The values row by row, without the gaps between rows.
  public var values: [Float] {
    [Float](unsafeUninitializedCapacity: rows * columns) { buffer, count in
      if let target = buffer.baseAddress {
        for r in 0..<rows { (target + r * columns).initialize(from: row(r), count: columns) }
      }
      count = rows * columns
    }
  }
}
