import Foundation
import Testing

@testable import Charts

@Suite("Numbers and ticks")
struct NumberTests {
  @Test("Ticks cover the range in equal 1-2-5 steps, neither too few nor too many")
  func ticks() {
    var random = FixedRandom(state: 2)
    for _ in 0..<2_000 {
      let size = pow(10, Double.random(in: -12...12, using: &random))
      let low = Double.random(in: -1...1, using: &random) * size
      let span = Double.random(in: 0.01...1, using: &random) * size
      let wanted = Extent(low: low, high: low + span)
      let limit = Int.random(in: 3...12, using: &random)
      let (domain, ticks) = Ticks.covering(wanted, limit: limit)
      let step = ticks.values[1] - ticks.values[0]
      #expect(domain.contains(wanted))
      #expect(ticks.values.count >= 2 && ticks.values.count <= limit + 2)
      #expect(abs(ticks.values[0] - domain.low) < step * 1e-6)
      #expect(abs((ticks.values.last ?? 0) - domain.high) < step * 1e-6)
      let mantissa = step / pow(10, (log10(step) + 1e-9).rounded(.down))
      #expect([1.0, 2, 5].contains { abs($0 - mantissa) < 1e-6 })
      #expect(Set(ticks.labels).count == ticks.labels.count)
      #expect(!ticks.labels.contains { $0 == "−0" || $0 == "-0" })
    }
  }

  @Test("Layers have whole numbers as ticks")
  func layerTicks() {
    for layers in 1...100 {
      let scale = Scale(
        .layer, extent: Extent(low: 0, high: Double(layers - 1)), pixels: (0, 600), spacing: 42,
        covering: false)
      #expect(!scale.ticks.values.isEmpty)
      #expect(scale.ticks.values.allSatisfy { $0 == $0.rounded() && $0 < Double(layers) })
    }
  }

  @Test("Tiny and huge ticks share a power of ten")
  func powers() {
    let tiny = Ticks.covering(Extent(low: 0, high: 2.3e-4), limit: 5).1
    #expect(tiny.exponent == -4)
    #expect(tiny.labels == ["0.0", "0.5", "1.0", "1.5", "2.0", "2.5"])
    let plain = Ticks.covering(Extent(low: -0.5, high: 1), limit: 4).1
    #expect(plain.labels == ["−0.5", "0.0", "0.5", "1.0"])
  }

  @Test(
    "Numbers are short and the same everywhere",
    arguments: [
      (0, "0"), (-0.0, "0"), (1, "1"), (0.8127, "0.813"), (-2.5, "−2.5"), (12_345.6, "12346"),
      (1.2e-4, "1.2e-4"), (9.9999e-4, "0.001"), (1e-310, "1e-310"), (1.7e308, "1.7e308"),
      (9.996e-5, "1e-4"), (1_000_000, "1e6"), (.nan, "n/a"), (.infinity, "∞"),
    ] as [(Double, String)])
  func compact(_ value: Double, _ text: String) {
    #expect(NumberText.compact(value) == text)
  }

  @Test("Coordinates have two decimals at most and no minus zero")
  func coordinates() {
    #expect(NumberText.coordinate(1.005) == "1")
    #expect(NumberText.coordinate(-0.001) == "0")
    #expect(NumberText.coordinate(-1.25) == "-1.25")
    #expect(NumberText.coordinate(3.07) == "3.07")
    #expect(NumberText.coordinate(.nan) == "0")
  }
}
