import Testing

@testable import LinearAlgebra

private let activations: [Activation] = [.geluTanh, .geluErf, .silu, .relu]

@Suite("Activations and their slopes")
struct ActivationTests {
  private func applied(_ activation: Activation, _ x: [Float]) -> [Float] {
    let output = GuardedRow(count: x.count)
    GuardedRow(x).lend { activation.apply($0, into: output.matrix) }
    #expect(output.isIntact)
    return output.values
  }

  private func slope(_ activation: Activation, _ x: [Float], incoming: [Float]) -> [Float] {
    let gradient = GuardedRow(incoming)
    GuardedRow(x).lend { activation.applyBackward($0, gradient: gradient.matrix) }
    #expect(gradient.isIntact)
    return gradient.values
  }

  @Test("They are those of double precision, near and far", arguments: activations)
  func forward(activation: Activation) {
    for reach: Float in [0.01, 4, 20, 200, 1e6] {
      let x = (-5000...5000).map { Float($0) * (reach / 5000) }
      let worst = zip(x, applied(activation, x)).map { x, value in
        let apart = abs(Double(value) - Reference.activation(activation, Double(x)))
        return apart / Double(max(1, abs(x)))
      }
      #expect(largest(worst) < Tolerance.activation, "within ±\(reach)")
    }
  }

  @Test("Their slopes are those of finite differences, times what comes in", arguments: activations)
  func backward(activation: Activation) {
    let step = 1e-5
    let x = (-6000...6000).map { Float($0) * 0.002 + 0.0005 }  // none at the kink of relu
    let incoming = x.indices.map { Float($0 % 5) - 2 }
    let expected = zip(x, incoming).map { x, incoming in
      let above = Reference.activation(activation, Double(x) + step)
      let below = Reference.activation(activation, Double(x) - step)
      return Double(incoming) * (above - below) / (2 * step)
    }
    let allowed = 2 * (Tolerance.gradient + Tolerance.difference)  // what comes in reaches 2
    #expect(distance(slope(activation, x, incoming: incoming), expected) < allowed)
  }

  @Test("Far out they are x and 0, with slopes 1 and 0", arguments: activations)
  func extremes(activation: Activation) {
    let x: [Float] = [-1e30, -1e9, -500, 500, 1e9]
    #expect(applied(activation, x) == [0, 0, 0, 500, 1e9])
    #expect(slope(activation, [-1e9, -500, 500, 1e9], incoming: [3, 3, 3, 3]) == [0, 0, 3, 3])
    #expect(applied(activation, [.nan])[0].isNaN)
  }

  @Test("The end of a row is computed like its middle", arguments: activations)
  func edges(activation: Activation) {
    var random = SplitMix(state: 10)
    for count in edgeCounts {
      let (x, incoming) = (random.floats(count), random.floats(count))
      let padding = [Float](repeating: 0, count: 64 - count % 64)
      let padded = Array(applied(activation, x + padding).prefix(count))
      #expect(distance(applied(activation, x), padded.map(Double.init)) < Tolerance.activation)
      let slopes = slope(activation, x + padding, incoming: incoming + padding).prefix(count)
      #expect(
        distance(slope(activation, x, incoming: incoming), slopes.map(Double.init))
          < Tolerance.gradient)
    }
  }

  @Test("Every configuration name that is listed is known, and no other")
  func names() {
    for name in Activation.configNames { #expect(Activation(configName: name) != nil) }
    for name in ["", "GELU", "mish"] { #expect(Activation(configName: name) == nil) }
    #expect(Activation(configName: "gelu_new") == .geluTanh)
    #expect(Activation(configName: "gelu") == .geluErf)
  }
}
