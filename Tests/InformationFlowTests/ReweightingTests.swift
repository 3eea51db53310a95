import Foundation
import InContext
import LinearAlgebra
import Testing
import Transformer

@testable import InformationFlow

/// Learning β on tiny random models; whole experiments are compared with PyTorch by Tests/Goldens/reweight.
@Suite("Re-weighting on tiny models")
struct ReweightingTests {
  static let checkpoints = FlowGoldens.folder.deletingLastPathComponent()

  /// Prompts that begin alike, with two label words of each class, at places that differ.
  static func prompts(_ count: Int) throws -> [Prompt] {
    var random = PermutedCongruential(seed: 5)
    let labels = [7, 8, 9]
    func words(_ count: Int) -> [Int] { (0..<count).map { _ in 10 + Int(random.next() % 50) } }
    let beginning = words(4) + [7] + words(3) + [8, 9] + words(5) + [8] + words(2) + [9, 7, 7]
    return try (0..<count).map { index in
      try Prompt(
        tokens: beginning + words(3 + index), labels: labels.map { .token($0) },
        answer: .token(labels[index % 3]), tokenizer: nil)
    }
  }

  static func decoder(_ path: String) throws -> Decoder {
    try Decoder(folder: checkpoints.appendingPathComponent(path))
  }

  @Test(
    "Both answers are those of whole passes",
    arguments: [
      "gpt2/checkpoints/deep", "families/checkpoints/llama", "families/checkpoints/gemma2",
    ])
  func evaluation(path: String) throws {
    let decoder = try Self.decoder(path)
    let prompts = try Self.prompts(20)
    let shape = decoder.architecture
    var weights = LabelWeights(layers: shape.layers, heads: shape.heads, classes: 3)
    for index in weights.beta.indices { weights.beta[index] = sin(Double(index)) * 2 }
    let found = try ReweightedEvaluation(of: prompts, by: decoder, with: weights)
    var largest: Float = 0
    for (index, prompt) in prompts.enumerated() {
      let plain = try decoder.run(prompt.pass()).labelLogits
      let changed = try decoder.run(
        prompt.pass(interventions: weights.interventions(on: prompt))
      ).labelLogits
      for (a, b) in [
        (found.plain.rows[index].prediction.logits, plain),
        (found.reweighted.rows[index].prediction.logits, changed),
      ] {
        #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-4 * max(1, abs($1)) })
      }
      largest = max(largest, zip(plain, changed).map { abs($0 - $1) }.max() ?? 0)
    }
    #expect(largest > 1e-3)
  }

  @Test("The slope of the loss in β is what β does to the loss")
  func slope() throws {
    let decoder = try Self.decoder("families/checkpoints/llama")
    let prompt = try Self.prompts(1)[0]
    let shape = decoder.architecture
    for heads in [shape.heads, 1] {
      var weights = LabelWeights(layers: shape.layers, heads: heads, classes: 3)
      for index in weights.beta.indices { weights.beta[index] = cos(Double(index)) }
      func trace(_ weights: LabelWeights) throws -> Trace {
        try decoder.run(
          prompt.pass(
            capturing: LabelWeights.captures, interventions: weights.interventions(on: prompt)))
      }
      let gradient = weights.gradient(try trace(weights), on: prompt)
      let step = 0.02
      let scale = gradient.map(abs).max() ?? 0
      for index in weights.beta.indices {
        var (up, down) = (weights, weights)
        up.beta[index] += step
        down.beta[index] -= step
        let rise = Double(try trace(up).loss! - trace(down).loss!) / (2 * step)
        #expect(abs(rise - gradient[index]) < 0.02 * scale + 1e-4)
      }
    }
  }

  @Test("A model of one layer learns, too, and its loss falls")
  func oneLayer() throws {
    let decoder = try Self.decoder("gpt2/checkpoints/single")
    #expect(decoder.architecture.layers == 1)
    let learned = try Reweighting(
      of: decoder, on: Self.prompts(6), schedule: .init(epochs: 8, rate: 0.1), seed: 42)
    let curve = learned.curve
    #expect(curve.count == 8 && curve[7] < curve[0])
  }

  @Test("A rate that is too large is an error of its own, not the model's")
  func divergence() throws {
    let decoder = try Self.decoder("gpt2/checkpoints/deep")
    for rate in [20.0, 100, 1e300] {
      let schedule = Reweighting.Schedule(epochs: 30, rate: rate)
      #expect(throws: AnalysisError.diverged(rate: rate)) {
        let learned = try Reweighting(
          of: decoder, on: Self.prompts(4), schedule: schedule, seed: 42)
        _ = try learned.weights.computable(rate: rate) {
          try ReweightedEvaluation(of: Self.prompts(4), by: decoder, with: learned.weights)
        }
      }
    }
  }

  @Test("Nothing to learn from, and a stop, are errors")
  func errors() throws {
    let decoder = try Self.decoder("gpt2/checkpoints/deep")
    #expect(throws: AnalysisError.noPrompts) { try Reweighting(of: decoder, on: [], seed: 42) }
    let bare = try Prompt(
      tokens: [1, 2, 3], labels: [.token(7), .token(8)], answer: .token(7), tokenizer: nil)
    #expect(throws: AnalysisError.noLabelPositions) {
      try Reweighting(of: decoder, on: [bare], seed: 42)
    }
    let steps = Locked(0)
    let stopping = Monitor(
      isCancelled: { steps.withLock { $0 } > 9 },
      advanced: { done, total in
        #expect(done <= total)
        steps.withLock { $0 = done }
      })
    #expect(throws: Cancelled.self) {
      try Reweighting(of: decoder, on: Self.prompts(4), seed: 42, monitor: stopping)
    }
    #expect(steps.withLock { $0 } == 10)
  }
}
