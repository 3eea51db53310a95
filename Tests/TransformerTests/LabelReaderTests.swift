import Foundation
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
      captures: [.logits, .hidden, .attention, .queriesKeysValues, .lens, .attribution])
    return (decoder, try decoder.run(pass), pass)
  }

  /// A norm as its definition says, in double precision, with the scale that `whole` gives it.
  private func norm(
    _ x: [Double], _ norm: NormWeights?, _ decoder: Decoder, of whole: [Double], biases: Bool
  ) -> [Double] {
    guard let norm else { return x }
    let C = Double(x.count)
    let isLayer = decoder.architecture.normalization == .layer
    func mean(_ v: [Double]) -> Double { isLayer ? v.reduce(0, +) / C : 0 }
    let power = whole.map { ($0 - mean(whole)) * ($0 - mean(whole)) }.reduce(0, +) / C
    let scale = 1 / (power + Double(decoder.architecture.normEpsilon)).squareRoot()
    return x.indices.map { c in
      (x[c] - mean(x)) * scale * Double(norm.weight[c])
        + (biases ? Double(norm.bias?[c] ?? 0) : 0)
    }
  }

  /// The final norm and the head applied to a vector; without a cap of logits, and with the scale that
  /// `stream` gives the norm and without biases if it is the vector's whole.
  private func read(
    _ x: [Double], _ decoder: Decoder, _ token: Int, scaleOf stream: [Double]? = nil,
    biases: Bool? = nil
  ) -> Double {
    let biases = biases ?? (stream == nil)
    let weights = decoder.weights
    let normed = norm(x, weights.finalNorm, decoder, of: stream ?? x, biases: biases)
    let read = weights.headProjection.map { applied($0, normed) } ?? normed
    return read.indices.reduce(biases ? Double(weights.headBias?[token] ?? 0) : 0) {
      $0 + read[$1] * Double(weights.head.row(token)[$1])
    }
  }

  private func capped(_ logit: Double, _ decoder: Decoder) -> Double {
    guard let cap = decoder.architecture.logitCap.map(Double.init) else { return logit }
    return cap * tanh(logit / cap)
  }

  private func applied(_ projection: Projection, _ x: [Double]) -> [Double] {
    let (input, output) = (FloatBuffer(x.map(Float.init)), FloatBuffer(count: projection.outputs))
    let result = output.matrix(rows: 1, columns: projection.outputs)
    withExtendedLifetime(input) {
      projection.apply(input.matrix(rows: 1, columns: x.count), into: result, team: .alone)
    }
    return withExtendedLifetime(output) { result.values.map(Double.init) }
  }

  private func last(_ hidden: [Float], _ C: Int) -> [Double] { hidden.suffix(C).map(Double.init) }

  @Test("The lens reads every layer as the model reads the last", arguments: GoldenCase.all)
  func lens(golden: GoldenCase) throws {
    let (decoder, trace, pass) = try trace(golden)
    let C = decoder.architecture.width
    #expect(trace.lens.count == decoder.architecture.layers + 1)
    for (layer, logits) in trace.lens.enumerated() {
      let expected = pass.labels.map {
        capped(read(last(trace.hidden[layer], C), decoder, $0), decoder)
      }
      for (found, exact) in zip(logits, expected) {
        #expect(abs(Double(found) - exact) < Double(Tolerance.logits), "\(golden.name) \(layer)")
      }
    }
    #expect(largestDifference(trace.lens.last ?? [], trace.labelLogits) < Tolerance.logits)
  }

  /// What of the last position's stream no head and no MLP wrote: the embedding and the biases, in
  /// double precision, through every norm with its scale held.
  private func unwritten(_ decoder: Decoder, _ trace: Trace) -> [Double] {
    let architecture = decoder.architecture
    let (C, d, T) = (architecture.width, architecture.headSize, trace.tokens.count)
    let (H, G) = (architecture.heads, architecture.keyValueHeads)
    var rest = last(trace.hidden[0], C)
    for (layer, weights) in decoder.weights.layers.enumerated() {
      func held(_ x: [Double], _ weights: NormWeights?, _ whole: [Double], _ biases: Bool)
        -> [Double]
      {
        norm(x, weights, decoder, of: whole, biases: biases)
      }
      let mixed = (0..<H * d).map { column in
        (0..<T).reduce(0.0) { sum, key in
          let head = column / d
          let attention = trace.attention[layer][(head * T + T - 1) * T + key]
          let value = trace.values[layer][(head * G / H * T + key) * d + column % d]
          return sum + Double(attention) * Double(value)
        }
      }
      let attended = applied(weights.attentionOutput, mixed)
      let bias = (0..<C).map { Double(weights.attentionOutput.bias?[$0] ?? 0) }
      let stream = last(trace.hidden[layer], C)
      switch architecture.normPlacement {
      case .before:
        rest = zip(rest, bias).map(+)
      case .around:
        rest = zip(rest, held(bias, weights.attentionOutputNorm, attended, false)).map(+)
      case .after:
        let whole = zip(stream, attended).map(+)
        let middle = held(whole, weights.attentionOutputNorm, whole, true)
        let inner = applied(weights.up, middle).map { max($0, 0) }  // OPT's ReLU
        let output = zip(middle, applied(weights.down, inner)).map(+)
        let carried = held(zip(rest, bias).map(+), weights.attentionOutputNorm, whole, true)
        rest = held(carried, weights.mlpOutputNorm, output, true)
      }
    }
    return rest
  }

  @Test("All that is written and all that is not add up to the logits", arguments: GoldenCase.all)
  func everyPart(golden: GoldenCase) throws {
    let (decoder, trace, pass) = try trace(golden)
    let K = pass.labels.count
    let output = last(try #require(trace.hidden.last), decoder.architecture.width)
    let rest = unwritten(decoder, trace)
    for (k, token) in pass.labels.enumerated() {
      var sum = read(rest, decoder, token, scaleOf: output, biases: true)
      for layer in 0..<decoder.architecture.layers {
        sum += Double(trace.mlpAttribution[layer][k])
        for head in 0..<decoder.architecture.heads {
          sum += Double(trace.headAttribution[layer][head * K + k])
        }
      }
      let difference = abs(capped(sum, decoder) - Double(trace.labelLogits[k]))
      #expect(difference < Double(Tolerance.logits), "\(golden.name)")
    }
  }

  private static let additive = GoldenCase.all.filter {
    // Elsewhere, norms stand between what a block writes and what it adds.
    !["gemma2_uncapped", "opt_350m"].contains($0.name)
  }

  @Test("Heads and MLP add up to what a block adds to the logits", arguments: additive)
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
