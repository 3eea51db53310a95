import Testing

@testable import LinearAlgebra

/// A factor or target of a product: a view with gaps between its rows, inside memory it must not leave.
private struct Strided {
  let row: GuardedRow
  let matrix: Matrix

  init(rows: Int, columns: Int, gap: Int, _ random: inout SplitMix) {
    row = GuardedRow(random.floats(rows * (columns + gap)))
    matrix = Matrix(base: row.pointer, rows: rows, columns: columns, stride: columns + gap)
  }

  func line(_ index: Int, _ orientation: Orientation) -> [Double] {
    orientation == .plain
      ? (0..<matrix.columns).map { Double(matrix[index, $0]) }
      : (0..<matrix.rows).map { Double(matrix[$0, index]) }
  }

  /// The values between the rows.
  var gaps: [Float] {
    (0..<matrix.rows).flatMap { r in
      (matrix.columns..<matrix.stride).map { matrix.row(r)[$0] }
    }
  }
}

private func other(_ orientation: Orientation) -> Orientation {
  orientation == .plain ? .transposed : .plain
}

@Suite("Matrices")
struct MatrixTests {
  init() { BLAS.useCallingThread() }

  @Test(
    "A product is the sum of products, in all orientations",
    arguments: [Orientation.plain, .transposed], [Orientation.plain, .transposed])
  func products(aOrientation: Orientation, bOrientation: Orientation) {
    var random = SplitMix(state: 11)
    for _ in 0..<120 {
      let sizes = [0, 1, 2, 3, 7, 16, 17, 33, 64]
      let rows = sizes.randomElement(using: &random)!
      let columns = sizes.randomElement(using: &random)!
      let inner = sizes.randomElement(using: &random)!
      let alpha = [1, 0.125, -2].randomElement(using: &random)! as Float
      let beta = [0, 1, 0.5].randomElement(using: &random)! as Float
      let gap = [0, 1, 5].randomElement(using: &random)!
      let a =
        aOrientation == .plain
        ? Strided(rows: rows, columns: inner, gap: gap, &random)
        : Strided(rows: inner, columns: rows, gap: gap, &random)
      let b =
        bOrientation == .plain
        ? Strided(rows: inner, columns: columns, gap: gap + 1, &random)
        : Strided(rows: columns, columns: inner, gap: gap + 1, &random)
      let target = Strided(rows: rows, columns: columns, gap: gap, &random)
      let before = target.matrix.values
      let gaps = target.gaps
      target.matrix.multiply(
        a.matrix, aOrientation, b.matrix, bOrientation, alpha: alpha, beta: beta)
      for r in 0..<rows {
        let line = a.line(r, aOrientation)
        for c in 0..<columns {
          let exact = Reference.product(
            line, b.line(c, other(bOrientation)), alpha: Double(alpha), beta: Double(beta),
            target: Double(before[r * columns + c]))
          let apart = abs(Double(target.matrix[r, c]) - exact.value)
          #expect(apart <= Tolerance.product * exact.magnitude)
        }
      }
      #expect(target.gaps == gaps && target.row.isIntact)
    }
  }

  @Test("What stood in the target does not matter when beta is 0, not even NaN")
  func freshTarget() {
    let target = GuardedRow([Float](repeating: .nan, count: 4))
    let matrix = Matrix(base: target.pointer, rows: 2, columns: 2)
    let factor = FloatBuffer([1, 2, 3, 4])
    let square = factor.matrix(rows: 2, columns: 2)
    matrix.multiply(square, .plain, square)
    withExtendedLifetime(factor) {}
    #expect(matrix.values == [7, 10, 15, 22])
  }

  @Test("Views of rows and columns are windows onto the same memory")
  func views() {
    let buffer = FloatBuffer((0..<20).map(Float.init))
    let matrix = buffer.matrix(rows: 4, columns: 5)
    let window = matrix.rows(1..<3).columns(2..<4)
    #expect(window.values == [7, 8, 12, 13])
    window.fill(-1)
    #expect(matrix[1, 2] == -1 && matrix[2, 3] == -1 && matrix[1, 4] == 9 && matrix[3, 2] == 17)
    window.copy(from: matrix.rows(2..<4).columns(0..<2))
    #expect(window.values == [10, 11, 15, 16])
    #expect(matrix.rows(2..<2).values.isEmpty && matrix.columns(3..<3).values.isEmpty)
  }

  @Test("Fresh memory is all zero and aligned, small or large", arguments: [0, 1, 1000, 1 << 20])
  func freshMemory(count: Int) {
    let buffer = FloatBuffer(count: count)
    #expect(buffer.count == count)
    #expect(UInt(bitPattern: buffer.base) % 64 == 0)
    #expect((0..<count).allSatisfy { buffer.base[$0] == 0 })
  }
}
