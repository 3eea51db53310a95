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

  @Test("All parts add up to the logits before a soft cap", arguments: GoldenCase.all)
  func everyPart(golden: GoldenCase) throws {
    let (decoder, trace, pass) = try trace(golden)
    let K = pass.labels.count
    for k in 0..<K {
      var parts = [trace.tokenAttribution[k]] + trace.biasAttribution.map { $0[k] }
      if !trace.positionAttribution.isEmpty { parts.append(trace.positionAttribution[k]) }
      for layer in 0..<decoder.architecture.layers {
        parts.append(trace.mlpAttribution[layer][k])
        parts += (0..<decoder.architecture.heads).map {
          trace.headAttribution[layer][$0 * K + k]
        }
      }
      let sum = parts.reduce(0) { $0 + Double($1) }
      let difference = abs(capped(sum, decoder) - Double(trace.labelLogits[k]))
      #expect(difference < Double(Tolerance.logits), "\(golden.name)")
    }
  }

  @Test("Token and position are read from the tables of embeddings", arguments: additive)
  func embedding(golden: GoldenCase) throws {
    let (decoder, trace, pass) = try trace(golden)
    let C = decoder.architecture.width
    let output = last(try #require(trace.hidden.last), C)
    let (embedded, weights) = (last(trace.hidden[0], C), decoder.weights)
    var position = [Double](repeating: 0, count: C)
    if case .learned(let offset) = decoder.architecture.positions {
      let row = try #require(weights.positionEmbedding).row(offset + pass.tokens.count - 1)
      position = (0..<C).map { Double(row[$0]) }
    }
    #expect(trace.positionAttribution.isEmpty == !position.contains { $0 != 0 })
    for (k, label) in pass.labels.enumerated() {
      let token = zip(embedded, position).map(-)
      let read = (
        read(token, decoder, label, scaleOf: output),
        read(position, decoder, label, scaleOf: output)
      )
      let tolerance = Double(Tolerance.logits)
      #expect(abs(Double(trace.tokenAttribution[k]) - read.0) < tolerance, "\(golden.name)")
      guard !trace.positionAttribution.isEmpty else { continue }
      #expect(abs(Double(trace.positionAttribution[k]) - read.1) < tolerance, "\(golden.name)")
    }
  }

  private static let additive = GoldenCase.all.filter {
    // Elsewhere, norms stand between what a block writes and what it adds.
    !["gemma2_uncapped", "opt_350m"].contains($0.name)
  }

  @Test("Heads, MLP and biases add up to what a block adds to the logits", arguments: additive)
  func attribution(golden: GoldenCase) throws {
    let (decoder, trace, pass) = try trace(golden)
    let (C, H) = (decoder.architecture.width, decoder.architecture.heads)
    let output = last(try #require(trace.hidden.last), C)
    for layer in 0..<decoder.architecture.layers {
      let before = last(trace.hidden[layer], C)
      let after = last(trace.hidden[layer + 1], C)
      let added = before.indices.map { after[$0] - before[$0] }
      for (k, token) in pass.labels.enumerated() {
        let expected = read(added, decoder, token, scaleOf: output)
        let heads = (0..<H).reduce(0) {
          $0 + trace.headAttribution[layer][$1 * pass.labels.count + k]
        }
        let found = heads + trace.mlpAttribution[layer][k] + trace.biasAttribution[layer][k]
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
