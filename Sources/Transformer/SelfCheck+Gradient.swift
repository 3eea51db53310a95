import Foundation
import LinearAlgebra

extension SelfCheck {
  /// Attention entries of the bottom, a middle and the top layer, each made larger and smaller: does the
  /// loss move as A · ∂ℒ/∂A says?
  ///
  /// - Parameter changing: what a test does to the gradient, to see it noticed.
  func gradient(changing: (inout Trace) -> Void = { _ in }) throws -> (Double, String) {
    let first = try gradient(of: tokens, changing: changing)
    // A prompt may stand on the very kink of a ReLU, where there is no slope: then another will not.
    guard first.0 > Self.slope, tokens.count > 2 else { return first }
    let second = try gradient(of: Array(tokens.dropLast()), changing: changing)
    return second.0 < first.0 ? second : first
  }

  private func gradient(
    of tokens: [Int], changing: (inout Trace) -> Void
  ) throws -> (Double, String) {
    let logits = try decoder.run(
      Pass(tokens: tokens, captures: .logits), threads: threads, monitor: monitor
    ).logits
    // The likeliest token against the least likely: a loss that is steep, and nearly their difference.
    guard
      let top = logits.indices.max(by: { logits[$0] < logits[$1] }),
      let bottom = logits.indices.min(by: { logits[$0] < logits[$1] }), top != bottom
    else { return (.nan, "all logits are the same") }
    var pass = Pass(
      tokens: tokens, labels: [top, bottom], answer: 1,
      captures: [.attention, .attentionGradient])
    var trace = try decoder.run(pass, threads: threads, monitor: monitor)
    changing(&trace)
    pass.captures = []
    let layers = Set([0, decoder.architecture.layers / 2, decoder.architecture.layers - 1])
    // Slopes below this are lost in the roundings of the loss.
    let least = 1e-4 * Double(logits[top] - logits[bottom])
    var errors: [Double] = []
    for layer in layers.sorted() {
      let entries = largestEntries(of: trace, layer: layer)
      let size = max(least, entries.reduce(0) { max($0, abs($1.slope)) })
      for entry in entries {
        let slopes = try Self.widths.map { try slope(at: entry, of: pass, width: $0) }
        errors.append(slopes.map { abs($0 - entry.slope) / size }.min() ?? .nan)
      }
    }
    let places = "\(errors.count) entries in \(layers.count) layers"
    return (Self.largest(errors), "relative to the layer's largest, \(places)")
  }

  /// How much larger and smaller. A wide difference bends with the loss, a narrow one is lost in the
  /// roundings of float32; a wrong gradient is wrong at all of them.
  private static let widths: [Float] = [1 / 8, 1 / 32, 1 / 128]

  private struct Entry {
    let layer: Int
    let head: Int
    let edge: Edge
    /// A · ∂ℒ/∂A
    let slope: Double
  }

  /// Two entries of a layer that matter most, in different heads if there are several.
  private func largestEntries(of trace: Trace, layer: Int) -> [Entry] {
    let T = trace.tokens.count
    let (attention, gradient) = (trace.attention[layer], trace.attentionGradient[layer])
    let best = (0..<decoder.architecture.heads).compactMap { head -> Entry? in
      let range = head * T * T..<(head + 1) * T * T
      func weight(_ index: Int) -> Float { abs(attention[index] * gradient[index]) }
      guard let index = range.max(by: { weight($0) < weight($1) }) else { return nil }
      let place = index - range.lowerBound
      return Entry(
        layer: layer, head: head, edge: Edge(from: place % T, to: place / T),
        slope: Double(attention[index]) * Double(gradient[index]))
    }
    return Array(best.sorted { abs($0.slope) > abs($1.slope) }.prefix(2))
  }

  /// dℒ/df of an entry f · A at f = 1, a central difference.
  private func slope(at entry: Entry, of pass: Pass, width: Float) throws -> Double {
    func loss(_ factor: Float) throws -> Double {
      var changed = pass
      changed.interventions = [
        Intervention(
          .scale(factor), edges: [entry.edge], layers: [entry.layer], heads: [entry.head])
      ]
      let logits = try decoder.run(changed, threads: threads, monitor: monitor).labelLogits
      // In double: a float32 loss has too few digits to be subtracted.
      let lead = Double(logits[0]) - Double(logits[1])
      return max(lead, 0) + log1p(exp(-abs(lead)))
    }
    return (try loss(1 + width) - loss(1 - width)) / Double(2 * width)
  }
}
