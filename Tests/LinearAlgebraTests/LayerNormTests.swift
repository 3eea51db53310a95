import Testing

@testable import LinearAlgebra

@Suite("Layer norm and its gradient")
struct LayerNormTests {
  private let epsilon: Float = 1e-5

  @Test("Rows come out as in double precision, for every width and far from zero")
  func forward() {
    var random = SplitMix(state: 7)
    for count in edgeCounts + [768] {
      for offset: Float in [0, 10] {
        let x = random.floats(count).map { $0 + offset }
        let (weight, bias) = (random.floats(count), random.floats(count))
        let output = GuardedRow(count: count)
        GuardedRow(x).lend {
          layerNorm($0, weight: weight, bias: bias, epsilon: epsilon, into: output.matrix)
        }
        let expected = Reference.layerNorm(
          x.map(Double.init), weight: weight.map(Double.init), bias: bias.map(Double.init),
          epsilon: Double(epsilon))
        #expect(distance(output.values, expected) <= Tolerance.norm * max(1, largest(expected)))
        #expect(output.isIntact)
      }
    }
  }

  @Test("A row without variance comes out as the bias", arguments: [1, 6, 16, 33])
  func constantRow(count: Int) {
    let bias = (0..<count).map(Float.init)
    let output = GuardedRow(count: count)
    let weight = [Float](repeating: 3, count: count)
    GuardedRow([Float](repeating: 4, count: count)).lend {
      layerNorm($0, weight: weight, bias: bias, epsilon: epsilon, into: output.matrix)
    }
    #expect(output.values == bias)
  }

  @Test("Each row of a strided matrix is normed by itself")
  func rows() {
    var random = SplitMix(state: 8)
    let (rows, columns, stride) = (3, 21, 29)
    let source = FloatBuffer(random.floats(rows * stride))
    let target = FloatBuffer(count: rows * stride)
    let x = Matrix(base: source.base, rows: rows, columns: columns, stride: stride)
    let output = Matrix(base: target.base, rows: rows, columns: columns, stride: stride)
    let (weight, bias) = (random.floats(columns), random.floats(columns))
    layerNorm(x, weight: weight, bias: bias, epsilon: epsilon, into: output)
    defer { withExtendedLifetime((source, target)) {} }
    for r in 0..<rows {
      let alone = GuardedRow(count: columns)
      layerNorm(
        x.rows(r..<r + 1), weight: weight, bias: bias, epsilon: epsilon, into: alone.matrix)
      #expect(output.rows(r..<r + 1).values == alone.values)
      #expect((columns..<stride).allSatisfy { output.row(r)[$0] == 0 })
    }
  }

  @Test("The gradient is that of finite differences, and is added to what is there")
  func backward() {
    var random = SplitMix(state: 9)
    for count in edgeCounts where (1...65).contains(count) {
      let (x, incoming) = (random.floats(count), random.floats(count))
      let (weight, before) = (random.floats(count), random.floats(count))
      let accumulated = GuardedRow(before)
      GuardedRow(x).lend { x in
        GuardedRow(incoming).lend { incoming in
          layerNormBackward(
            x, weight: weight, epsilon: epsilon, gradient: incoming,
            addingTo: accumulated.matrix)
        }
      }
      let gradient = slopes(
        of: { x in
          let normed = Reference.layerNorm(
            x, weight: weight.map(Double.init), bias: x.map { _ in 0 }, epsilon: Double(epsilon))
          return zip(normed, incoming).reduce(0) { $0 + $1.0 * Double($1.1) }
        }, at: x.map(Double.init))
      let expected = zip(gradient, before).map { $0 + Double($1) }
      let allowed = Tolerance.gradient * max(1, largest(expected)) + Tolerance.difference
      // Two values close together have a steep gradient, which their rounding changes.
      let spread = Double((x.max() ?? 0) - (x.min() ?? 0))
      #expect(distance(accumulated.values, expected) < allowed * max(1, 2 / max(spread, 0.01)))
      #expect(accumulated.isIntact)
    }
  }
}
