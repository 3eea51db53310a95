import LinearAlgebra
import Testing

@testable import Transformer

@Suite("Logit lens and direct attribution")
struct LabelReaderTests {
  private func trace(_ golden: GoldenCase) throws -> (Decoder, Trace, Pass) {
    let decoder = try Decoder(folder: golden.checkpoint)
    let prompt = try #require(golden.prompts.first { $0.name == "t7" } ?? golden.prompts.last)
    let pass = Pass(
      tokens: try Reference(golden, prompt).tokens, labels: prompt.labels, answer: prompt.answer,
      captures: [.logits, .hidden, .lens, .attribution])
    return (decoder, try decoder.run(pass), pass)
  }

  /// The final norm and the head applied to a vector, as their definitions say, in double precision.
  private func read(
    _ x: [Double], _ decoder: Decoder, _ token: Int, scaleOf stream: [Double]? = nil
  ) -> Double {
    let C = Double(x.count)
    let isLayer = decoder.architecture.normalization == .layer
    func mean(_ v: [Double]) -> Double { isLayer ? v.reduce(0, +) / C : 0 }
    let whole = stream ?? x
    let power = whole.map { ($0 - mean(whole)) * ($0 - mean(whole)) }.reduce(0, +) / C
    let scale = 1 / (power + Double(decoder.architecture.normEpsilon)).squareRoot()
    let (norm, head) = (decoder.weights.finalNorm, decoder.weights.head.row(token))
    let biases = stream == nil
    return x.indices.reduce(biases ? Double(decoder.weights.headBias?[token] ?? 0) : 0) { sum, c in
      let normed =
        (x[c] - mean(x)) * scale * Double(norm.weight[c])
        + (biases ? Double(norm.bias?[c] ?? 0) : 0)
      return sum + normed * Double(head[c])
    }
  }

  private func last(_ hidden: [Float], _ C: Int) -> [Double] { hidden.suffix(C).map(Double.init) }

  @Test("The lens reads every layer as the model reads the last", arguments: GoldenCase.all)
  func lens(golden: GoldenCase) throws {
    let (decoder, trace, pass) = try trace(golden)
    let C = decoder.architecture.width
    #expect(trace.lens.count == decoder.architecture.layers + 1)
    for (layer, logits) in trace.lens.enumerated() {
      let expected = pass.labels.map { read(last(trace.hidden[layer], C), decoder, $0) }
      for (found, exact) in zip(logits, expected) {
        #expect(abs(Double(found) - exact) < Double(Tolerance.logits), "\(golden.name) \(layer)")
      }
    }
    #expect(largestDifference(trace.lens.last ?? [], trace.labelLogits) < Tolerance.logits)
  }

  @Test("Heads and MLP add up to what a block adds to the logits", arguments: GoldenCase.all)
  func attribution(golden: GoldenCase) throws {
    let (decoder, trace, pass) = try trace(golden)
    let (C, H) = (decoder.architecture.width, decoder.architecture.heads)
    let output = last(try #require(trace.hidden.last), C)
    for layer in 0..<decoder.architecture.layers {
      let before = last(trace.hidden[layer], C)
      let after = last(trace.hidden[layer + 1], C)
      // The bias of attention's projection is no head's.
      let bias = decoder.weights.layers[layer].attentionOutput.bias
      let added = before.indices.map { after[$0] - before[$0] - Double(bias?[$0] ?? 0) }
      for (k, token) in pass.labels.enumerated() {
        let expected = read(added, decoder, token, scaleOf: output)
        let heads = (0..<H).reduce(0) {
          $0 + trace.headAttribution[layer][$1 * pass.labels.count + k]
        }
        let found = heads + trace.mlpAttribution[layer][k]
        #expect(abs(Double(found) - expected) < 2 * Double(Tolerance.logits), "\(golden.name)")
      }
    }
  }

  @Test("A knocked-out head adds nothing")
  func knockedOut() throws {
    let golden = GoldenCase.named("deep")
    let decoder = try Decoder(folder: golden.checkpoint)
    let tokens = [1, 2, 3, 4]
    let edges = (0..<4).flatMap { to in (0...to).map { Edge(from: $0, to: to) } }
    let pass = Pass(
      tokens: tokens, labels: [5, 6],
      interventions: [Intervention(.scale(0), edges: edges, layers: [2], heads: [1])],
      captures: .attribution)
    let trace = try decoder.run(pass)
    #expect(trace.headAttribution[2][2..<4].allSatisfy { $0 == 0 })
    #expect(trace.headAttribution[1].contains { $0 != 0 })
  }
}
