import COpenBLAS

/// The directions in which points differ most (Pearson 1901), by LAPACK's singular value
/// decomposition of the points about their mean, in double precision.
public struct PrincipalComponents: Sendable {
  /// Unit vectors, [k][C], that of the largest spread first. The sign of each is arbitrary.
  public let directions: [[Double]]
  /// The standard deviation of the points along each direction, [k].
  public let deviations: [Double]
  /// The share of each direction in the whole variance, [k]; zeros where the points do not differ.
  public let shares: [Double]

  /// The first `count` components, fewer where there are no more: N points have at most N − 1.
  ///
  /// - Parameter points: N rows of C coordinates.
  /// - Returns: `nil` of fewer than two points, of rows of different lengths, and of coordinates that
  ///   are not finite.
  /// - Complexity: O(N · C · min(N, C)).
  public init?(of points: [[Double]], count: Int) {
    let (rows, columns) = (points.count, points.first?.count ?? 0)
    guard rows > 1, columns > 0, points.allSatisfy({ $0.count == columns }) else { return nil }
    let mean = (0..<columns).map { column in
      points.reduce(0) { $0 + $1[column] } / Double(rows)
    }
    let centred = points.flatMap { point in zip(point, mean).map { $0 - $1 } }
    guard centred.allSatisfy(\.isFinite),
      let (values, vectors) = Self.decompose(centred, rows: rows, columns: columns)
    else { return nil }
    let kept = 0..<max(0, min(count, rows - 1, values.count))
    let variance = values.reduce(0) { $0 + $1 * $1 }
    directions = kept.map { Array(vectors[$0 * columns..<($0 + 1) * columns]) }
    deviations = kept.map { values[$0] / Double(rows - 1).squareRoot() }
    shares = kept.map { variance > 0 ? values[$0] * values[$0] / variance : 0 }
  }

  /// The singular values of a matrix of rows, largest first, and its right singular vectors one after
  /// another.
  private static func decompose(
    _ matrix: [Double], rows: Int, columns: Int
  ) -> (values: [Double], vectors: [Double])? {
    BLAS.useCallingThread()
    // Rows one after another are, to LAPACK, the columns of the transposed matrix, whose left
    // singular vectors are the right ones of this.
    let rank = min(rows, columns)
    guard var m = Int32(exactly: columns), var n = Int32(exactly: rows),
      var k = Int32(exactly: rank)
    else { return nil }
    var matrix = matrix
    var values = [Double](repeating: 0, count: rank)
    var vectors = [Double](repeating: 0, count: columns * rank)
    var others = [Double](repeating: 0, count: rank * rows)
    var integers = [Int32](repeating: 0, count: 8 * rank)
    var job = CChar(UInt8(ascii: "S"))
    var status: Int32 = 0
    func run(_ work: inout [Double], size: Int32) {
      var (lda, ldu, size) = (m, m, size)
      dgesdd_(
        &job, &m, &n, &matrix, &lda, &values, &vectors, &ldu, &others, &k, &work, &size,
        &integers, &status, 1)
    }
    var wanted = [0.0]
    run(&wanted, size: -1)  // asks how much room it wants
    guard status == 0, let size = Int32(exactly: wanted[0].rounded(.up)) else { return nil }
    var work = [Double](repeating: 0, count: Int(size))
    run(&work, size: size)
    return status == 0 ? (values, vectors) : nil
  }
}
