import Testing

@testable import LinearAlgebra

@Suite("Packed matrices", .enabled(if: PackedMatrix.panelColumns != nil))
struct PackedMatrixTests {
  /// Heights around those of a tile, widths around those of a panel, inner sizes around a block's.
  static let shapes: [(rows: Int, inner: Int, columns: Int)] =
    (0...28).map { ($0, 9, 40) }
    + [0, 1, 15, 16, 17, 31, 32, 33, 64, 95].map { (14, 7, $0) }
    + [0, 1, 1023, 1024, 1025, 2100].map { (5, $0, 33) }

  @Test("A product is the sum of products", arguments: [Orientation.plain, .transposed])
  func products(orientation: Orientation) throws {
    var random = SplitMix(state: 17)
    for (rows, inner, columns) in Self.shapes {
      for (adding, biased) in [(false, false), (true, false), (false, true), (true, true)] {
        let a = FloatBuffer(random.floats(rows * (inner + 3)))
        let b = FloatBuffer(random.floats(inner * columns))
        let bias = FloatBuffer(random.floats(columns))
        let target = GuardedRow(random.floats(rows * columns))
        let left = Matrix(base: a.base, rows: rows, columns: inner, stride: inner + 3)
        let right =
          orientation == .plain
          ? b.matrix(rows: inner, columns: columns) : b.matrix(rows: columns, columns: inner)
        let view = Matrix(base: target.pointer, rows: rows, columns: columns)
        let expected = (0..<rows * columns).map { index -> Double in
          let (r, c) = (index / columns, index % columns)
          let start = (adding ? Double(view[r, c]) : 0) + (biased ? Double(bias.base[c]) : 0)
          return (0..<inner).reduce(start) { sum, k in
            let factor = orientation == .plain ? right[k, c] : right[c, k]
            return sum + Double(left[r, k]) * Double(factor)
          }
        }
        let packed = try #require(PackedMatrix(right, orientation))
        withExtendedLifetime((a, b, bias, target)) {
          Team.alone.multiply(
            view, left, packed, bias: biased ? UnsafePointer(bias.base) : nil, adding: adding)
        }
        // Factors reach 2, so no sum of magnitudes exceeds four times the number of terms.
        let allowed = Tolerance.packedProduct * 4 * Double(inner + 2)
        #expect(distance(target.values, expected) < allowed, "\(rows) \(inner) \(columns)")
        #expect(target.isIntact)
      }
    }
  }

  @Test("An entry does not depend on the team, nor on the rows computed with it")
  func independence() throws {
    var random = SplitMix(state: 19)
    let (rows, inner, columns) = (61, 300, 333)
    let a = FloatBuffer(random.floats(rows * inner))
    let b = FloatBuffer(random.floats(inner * columns))
    let left = a.matrix(rows: rows, columns: inner)
    let packed = try #require(PackedMatrix(b.matrix(rows: inner, columns: columns)))
    func product(_ team: Team, _ range: Range<Int>) -> [Float] {
      let buffer = FloatBuffer(count: range.count * columns)
      let target = buffer.matrix(rows: range.count, columns: columns)
      team.multiply(target, left.rows(range), packed)
      return withExtendedLifetime((a, b, buffer)) { target.values }
    }
    let whole = product(.alone, 0..<rows)
    #expect(product(Team(size: 3), 0..<rows) == whole)
    #expect(product(.alone, 20..<27) == Array(whole[20 * columns..<27 * columns]))
  }

  @Test("Parts of a packed matrix are parts of the matrix")
  func parts() throws {
    var random = SplitMix(state: 23)
    let width = try #require(PackedMatrix.panelColumns)
    let (rows, inner, columns) = (20, 50, 3 * width + 5)
    let a = FloatBuffer(random.floats(rows * inner))
    let b = FloatBuffer(random.floats(inner * columns))
    let left = a.matrix(rows: rows, columns: inner)
    let right = b.matrix(rows: inner, columns: columns)
    let packed = try #require(PackedMatrix(right))
    #expect(packed.columns(1..<2) == nil)
    let some = try #require(packed.rows(10..<45).columns(width..<2 * width + 3))
    let found = FloatBuffer(count: rows * some.columns)
    let expected = FloatBuffer(count: rows * some.columns)
    let target = found.matrix(rows: rows, columns: some.columns)
    let reference = expected.matrix(rows: rows, columns: some.columns)
    withExtendedLifetime((a, b, found, expected)) {
      Team.alone.multiply(target, left.columns(10..<45), some)
      reference.multiply(
        left.columns(10..<45), .plain, right.rows(10..<45).columns(width..<2 * width + 3))
      #expect(
        distance(target.values, reference.values.map(Double.init)) < Tolerance.packedProduct * 200)
    }
  }
}
