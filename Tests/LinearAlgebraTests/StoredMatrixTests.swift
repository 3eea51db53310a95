import Testing

@testable import LinearAlgebra

/// A matrix as a file holds it, one byte off any boundary, and the numbers it stands for.
private final class Stored {
  private let bytes: UnsafeMutableRawPointer
  let matrix: StoredMatrix
  let values: [[Double]]

  /// A matrix in blocks begins and ends anywhere within them.
  init(_ element: StoredMatrix.Element, rows: Int, columns: Int, _ random: inout SplitMix) {
    let block = element.blockCount
    let first = block == 1 ? 0 : [0, 5, 16, 32].randomElement(using: &random) ?? 0
    let stored = (first + columns + block - 1) / block * block
    bytes = .allocate(byteCount: element.bytes(rows * stored) + 1, alignment: 64)
    var values: [[Double]] = []
    for row in 0..<rows {
      let line = bytes + 1 + element.bytes(row * stored)
      values.append(
        block == 1
          ? Self.fill(line, element, columns, &random)
          : Array(Self.fillBlocks(line, element, stored, &random)[first..<first + columns]))
    }
    self.values = values
    matrix = StoredMatrix(bytes + 1, element, rows: rows, columns: stored)
      .columns(first..<first + columns)
  }

  private static func fill(
    _ line: UnsafeMutableRawPointer, _ element: StoredMatrix.Element, _ count: Int,
    _ random: inout SplitMix
  ) -> [Double] {
    random.floats(count).enumerated().map { column, number in
      let offset = element.bytes(column)
      switch element {
      case .float16:
        line.storeBytes(of: Float16(number), toByteOffset: offset, as: Float16.self)
        return Double(Float16(number))
      case .bfloat16:
        let upper = UInt16(number.bitPattern >> 16)
        line.storeBytes(of: upper, toByteOffset: offset, as: UInt16.self)
        return Double(Float(bitPattern: UInt32(upper) << 16))
      default:
        line.storeBytes(of: number, toByteOffset: offset, as: Float.self)
        return Double(number)
      }
    }
  }

  /// Blocks of random bits, with scales that keep all numbers below 2.
  private static func fillBlocks(
    _ line: UnsafeMutableRawPointer, _ element: StoredMatrix.Element, _ count: Int,
    _ random: inout SplitMix
  ) -> [Double] {
    for offset in 0..<element.bytes(count) {
      line.storeBytes(
        of: UInt8.random(in: .min ... .max, using: &random), toByteOffset: offset, as: UInt8.self)
    }
    let (scales, limit): ([Int], Float) =
      switch element {
      case .q80: ([0], 128)
      case .q50: ([0], 16)
      case .q40: ([0], 8)
      case .q4K: ([0, 2], 63 * 15)
      case .q5K: ([0, 2], 63 * 31)
      default: ([208], 128 * 32)
      }
    for block in 0..<count / element.blockCount {
      for offset in scales {
        let scale = Float16(Float.random(in: -2...2, using: &random) / limit)
        let place = block * element.bytes(element.blockCount) + offset
        line.storeBytes(of: scale, toByteOffset: place, as: Float16.self)
      }
    }
    return (0..<count).map { index in
      let block = line + element.bytes(index / element.blockCount * element.blockCount)
      return number(index % element.blockCount, of: block, element)
    }
  }

  /// One number of a block, by ggml's definition of it.
  private static func number(
    _ index: Int, of block: UnsafeMutableRawPointer, _ element: StoredMatrix.Element
  ) -> Double {
    func byte(_ offset: Int) -> Int { Int(block.load(fromByteOffset: offset, as: UInt8.self)) }
    func signed(_ offset: Int) -> Double {
      Double(block.load(fromByteOffset: offset, as: Int8.self))
    }
    func half(_ offset: Int) -> Double {
      Double(block.loadUnaligned(fromByteOffset: offset, as: Float16.self))
    }
    switch element {
    case .q80: return half(0) * signed(2 + index)
    case .q40:
      let pair = byte(2 + index % 16)
      return half(0) * Double((index < 16 ? pair & 15 : pair >> 4) - 8)
    case .q50:
      let pair = byte(6 + index % 16)
      let fifth = byte(2 + index / 8) >> (index % 8) & 1
      return half(0) * Double((index < 16 ? pair & 15 : pair >> 4) + 16 * fifth - 16)
    case .q4K, .q5K:
      let part = index / 32
      let pair = byte((element == .q4K ? 16 : 48) + index / 64 * 32 + index % 32)
      let fifth = element == .q4K ? 0 : byte(16 + index % 32) >> part & 1
      let value = (part % 2 == 0 ? pair & 15 : pair >> 4) + 16 * fifth
      var (scale, minimum) = (byte(4 + part % 4) & 63, byte(8 + part % 4) & 63)
      if part >= 4 {
        scale = byte(8 + part) & 15 | (byte(part) >> 6) << 4
        minimum = byte(8 + part) >> 4 | (byte(4 + part) >> 6) << 4
      }
      return half(0) * Double(scale * value) - half(2) * Double(minimum)
    default:
      let (half128, quarter, place) = (index / 128, index / 32 % 4, index % 32)
      let pair = byte(64 * half128 + 32 * (quarter % 2) + place)
      let low = quarter < 2 ? pair & 15 : pair >> 4
      let high = byte(128 + 32 * half128 + place) >> (2 * quarter) & 3
      return half(208) * signed(192 + index / 16) * Double((low | high << 4) - 32)
    }
  }

  deinit { bytes.deallocate() }
}

@Suite("Matrices that stay where they lie")
struct StoredMatrixTests {
  private static let elements = StoredMatrix.Element.allCases

  /// Heights around those of a tile, widths around those of a panel, inner sizes around those of a
  /// vector and of a block.
  private static let shapes: [(rows: Int, inner: Int, columns: Int)] =
    (0...28).map { ($0, 9, 40) }
    + [0, 1, 15, 16, 17, 31, 32, 33, 64, 95].flatMap { [(14, 7, $0), (1, 7, $0)] }
    + [0, 1, 8, 15, 17, 31, 1023, 1024, 1025, 2100].flatMap { [(5, $0, 33), (1, $0, 33)] }

  typealias Product = (
    _ target: Matrix, _ a: Matrix, _ b: StoredMatrix, _ orientation: Orientation,
    _ bias: UnsafePointer<Float>?, _ adding: Bool
  ) -> Void

  /// Compares with a double loop, for one type and both orientations.
  private func check(_ element: StoredMatrix.Element, _ product: Product) {
    var random = SplitMix(state: 17)
    for (rows, inner, columns) in Self.shapes {
      for orientation in [Orientation.plain, .transposed] {
        let isPlain = orientation == .plain
        let b = Stored(
          element, rows: isPlain ? inner : columns, columns: isPlain ? columns : inner, &random)
        for (adding, biased) in [(false, false), (true, false), (false, true), (true, true)] {
          let a = FloatBuffer(random.floats(rows * (inner + 3)))
          let bias = FloatBuffer(random.floats(columns))
          let target = GuardedRow(random.floats(rows * columns))
          let left = Matrix(base: a.base, rows: rows, columns: inner, stride: inner + 3)
          let view = Matrix(base: target.pointer, rows: rows, columns: columns)
          let expected = (0..<rows * columns).map { index -> Double in
            let (r, c) = (index / columns, index % columns)
            let start = (adding ? Double(view[r, c]) : 0) + (biased ? Double(bias.base[c]) : 0)
            return (0..<inner).reduce(start) { sum, k in
              sum + Double(left[r, k]) * (isPlain ? b.values[k][c] : b.values[c][k])
            }
          }
          withExtendedLifetime((a, b, bias, target)) {
            product(view, left, b.matrix, orientation, biased ? bias.base : nil, adding)
          }
          // Factors reach 2, so no sum of magnitudes exceeds four times the number of terms.
          let allowed = Tolerance.storedProduct * 4 * Double(inner + 2)
          #expect(distance(target.values, expected) < allowed, "\(rows) \(inner) \(columns)")
          #expect(target.isIntact)
        }
      }
    }
  }

  @Test("A product is the sum of products", arguments: elements)
  func products(element: StoredMatrix.Element) {
    check(element) { Team.alone.multiply($0, $1, $2, $3, bias: $4, adding: $5) }
  }

  @Test("Where the processor has no kernel, BLAS gives the same", arguments: elements)
  func productsByBLAS(element: StoredMatrix.Element) {
    check(element) { target, a, b, orientation, bias, adding in
      b.multiplyByBLAS(
        a, orientation, into: target, columns: 0..<target.columns, bias: bias, adding: adding)
    }
  }

  @Test("An entry does not depend on the team", arguments: elements)
  func teams(element: StoredMatrix.Element) {
    var random = SplitMix(state: 19)
    // Both are large enough to be shared.
    for (rows, inner, columns) in [(61, 300, 333), (1, 1100, 777)] {
      for orientation in [Orientation.plain, .transposed] {
        let isPlain = orientation == .plain
        let a = FloatBuffer(random.floats(rows * inner))
        let b = Stored(
          element, rows: isPlain ? inner : columns, columns: isPlain ? columns : inner, &random)
        func product(_ team: Team) -> [Float] {
          let buffer = FloatBuffer(count: rows * columns)
          let target = buffer.matrix(rows: rows, columns: columns)
          team.multiply(target, a.matrix(rows: rows, columns: inner), b.matrix, orientation)
          return withExtendedLifetime((a, b, buffer)) { target.values }
        }
        let alone = product(.alone)
        #expect(product(Team(size: 2)) == alone)
        #expect(product(Team(size: 3)) == alone)
      }
    }
  }

  @Test("An entry does not depend on the other rows, if there are several")
  func rowsApart() {
    var random = SplitMix(state: 29)
    let (rows, inner, columns) = (61, 300, 70)
    let a = FloatBuffer(random.floats(rows * inner))
    let b = Stored(.bfloat16, rows: inner, columns: columns, &random)
    func product(_ range: Range<Int>) -> [Float] {
      let buffer = FloatBuffer(count: range.count * columns)
      let target = buffer.matrix(rows: range.count, columns: columns)
      Team.alone.multiply(target, a.matrix(rows: rows, columns: inner).rows(range), b.matrix)
      return withExtendedLifetime((a, b, buffer)) { target.values }
    }
    let whole = product(0..<rows)
    #expect(product(20..<27) == Array(whole[20 * columns..<27 * columns]))
  }

  /// Numbers of blocks are products, and may be rounded.
  private func areNear(_ a: [[Double]], _ b: [[Double]]) -> Bool {
    a.map(\.count) == b.map(\.count)
      && zip(a.joined(), b.joined()).allSatisfy { abs($0 - $1) < 1e-6 }
  }

  @Test("Parts are windows onto the same memory", arguments: elements)
  func parts(element: StoredMatrix.Element) {
    var random = SplitMix(state: 23)
    let stored = Stored(element, rows: 30, columns: 9, &random)
    withExtendedLifetime(stored) {
      func values(_ matrix: StoredMatrix) -> [[Double]] {
        (0..<matrix.rows).map { matrix.row($0).map(Double.init) }
      }
      #expect(areNear(values(stored.matrix), stored.values))
      let window = stored.matrix.rows(4..<20).rows(1..<3).columns(2..<7).columns(1..<3)
      #expect(areNear(values(window), stored.values[5..<7].map { Array($0[3..<5]) }))
      // Bands of 3 groups of 5 rows: rows 5...9 and 20...24 are the second groups.
      let group = stored.matrix.group(1, of: 3, size: 5)
      #expect(areNear(values(group), Array(stored.values[5..<10] + stored.values[20..<25])))
      #expect(
        areNear(
          values(group.rows(3..<7).columns(1..<9)),
          (stored.values[8..<10] + stored.values[20..<22]).map { Array($0[1...]) }))
    }
  }

  @Test("Interleaved halves of bands are put in order", arguments: elements)
  func interleaved(element: StoredMatrix.Element) {
    var random = SplitMix(state: 37)
    let stored = Stored(element, rows: 12, columns: 7, &random)
    let order = [0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11]
    withExtendedLifetime(stored) {
      let matrix = stored.matrix.deinterleaved(size: 6)
      #expect((0..<12).map(matrix.row) == order.map(stored.matrix.row))
      #expect(matrix.rows(7..<9).row(1) == stored.matrix.row(order[8]))
      for (orientation, inner) in [(Orientation.transposed, 7), (.plain, 12)] {
        let together = FloatBuffer(order.flatMap(stored.matrix.row))
        let a = FloatBuffer(random.floats(3 * inner))
        func product(_ matrix: StoredMatrix) -> [Float] {
          let buffer = FloatBuffer(count: 3 * (19 - inner))
          let view = buffer.matrix(rows: 3, columns: 19 - inner)
          Team.alone.multiply(view, a.matrix(rows: 3, columns: inner), matrix, orientation)
          return withExtendedLifetime((a, together, buffer)) { view.values }
        }
        #expect(
          product(matrix) == product(StoredMatrix(together.matrix(rows: 12, columns: 7))))
      }
    }
  }

  @Test("A product with groups of rows is one with their rows together")
  func groups() {
    var random = SplitMix(state: 31)
    let stored = Stored(.float16, rows: 3 * 7 * 11, columns: 40, &random)
    let part = stored.matrix.group(2, of: 3, size: 7)
    let together = FloatBuffer(withExtendedLifetime(stored) { (0..<77).flatMap(part.row) })
    let plain = StoredMatrix(together.matrix(rows: 77, columns: 40))
    for (orientation, inner, columns) in [(Orientation.transposed, 40, 77), (.plain, 77, 40)] {
      for rows in [1, 14] {
        let a = FloatBuffer(random.floats(rows * inner))
        func product(_ matrix: StoredMatrix) -> [Float] {
          let buffer = FloatBuffer(count: rows * columns)
          let view = buffer.matrix(rows: rows, columns: columns)
          Team.alone.multiply(view, a.matrix(rows: rows, columns: inner), matrix, orientation)
          return withExtendedLifetime((a, stored, together, buffer)) { view.values }
        }
        #expect(product(part) == product(plain))
      }
    }
  }

  @Test("Each of the 65,536 numbers of 16 bits is widened exactly")
  func widening() {
    let patterns = (0...UInt16.max).map { $0 }
    patterns.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      let halves = StoredMatrix(base, .float16, rows: 1, columns: patterns.count).row(0)
      let brains = StoredMatrix(base, .bfloat16, rows: 1, columns: patterns.count).row(0)
      #expect(
        zip(patterns, halves).allSatisfy { pattern, value in
          let half = Float(Float16(bitPattern: pattern))
          return half.isNaN ? value.isNaN : value.bitPattern == half.bitPattern
        })
      #expect(
        zip(patterns, brains).allSatisfy { $1.bitPattern == UInt32($0) << 16 })
    }
  }
}
