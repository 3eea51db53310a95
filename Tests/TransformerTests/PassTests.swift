import LinearAlgebra
import Testing

@testable import Transformer

@Suite("A pass")
struct PassTests {
  let golden = GoldenCase.named("deep")
  let decoder: Decoder
  let prompt: GoldenCase.Prompt
  let tokens: [Int]

  init() throws {
    decoder = try Decoder(folder: golden.checkpoint)
    prompt = golden.prompts.last!
    tokens = try Reference(golden, prompt).tokens
  }

  func pass(_ captures: Captures, _ interventions: [Intervention] = []) -> Pass {
    Pass(
      tokens: tokens, labels: prompt.labels, answer: prompt.answer, interventions: interventions,
      captures: captures)
  }

  @Test("Attention rows sum to one and look at nothing to come")
  func attentionRows() throws {
    let T = tokens.count
    let trace = try decoder.run(pass(.attention))
    for layer in trace.attention {
      for row in 0..<decoder.architecture.heads * T {
        let line = layer[row * T..<(row + 1) * T]
        #expect(abs(line.reduce(0, +) - 1) < 1e-5)
        #expect(line.dropFirst(row % T + 1).allSatisfy { $0 == 0 })
      }
    }
  }

  @Test("A row's sum of A ⊙ ∂ℒ/∂A is what scaling that head's output there does to the loss")
  func rowSums() throws {
    let (T, H) = (tokens.count, decoder.architecture.heads)
    let trace = try decoder.run(pass([.attention, .attentionGradient]))
    for layer in 0..<decoder.architecture.layers {
      let products = zip(trace.attention[layer], trace.attentionGradient[layer]).map { $0 * $1 }
      let sums = (0..<H * T).map { products[$0 * T..<($0 + 1) * T].reduce(0, +) }
      let row = try #require(sums.indices.max { abs(sums[$0]) < abs(sums[$1]) })
      let (head, position) = (row / T, row % T)
      func loss(_ factor: Float) throws -> Double {
        let edges = (0...position).map { Edge(from: $0, to: position) }
        let scaled = Intervention(.scale(factor), edges: edges, layers: [layer], heads: [head])
        return Double(try #require(try decoder.run(pass([], [scaled])).loss))
      }
      let slope = try (loss(1.03125) - loss(0.96875)) / 0.0625
      // The loss is rounded to 6e-8 twice; a tenth of a per cent is left for its third derivative.
      #expect(abs(slope - Double(sums[row])) < 4e-6 + 1e-3 * abs(slope), "layer \(layer)")
      #expect(abs(slope) > 1e-4, "layer \(layer)")
    }
  }

  @Test("In the top layer only the last row of attention can matter")
  func topLayer() throws {
    let T = tokens.count
    let trace = try decoder.run(pass(.attentionGradient))
    let gradient = trace.attentionGradient.last!
    for row in 0..<decoder.architecture.heads * T where row % T != T - 1 {
      #expect(gradient[row * T..<(row + 1) * T].allSatisfy { $0 == 0 })
    }
    #expect(size(gradient) > 0)
  }

  @Test("The last row alone gives the logits and the gradient of the whole")
  func lastRowOnly() throws {
    let whole = try decoder.run(pass([.logits, .saliency, .hidden]))
    let short = try decoder.run(pass([.logits, .saliency]))
    #expect(largestDifference(whole.logits, short.logits) < 1e-5)
    for (a, b) in zip(whole.saliency, short.saliency) {
      #expect(largestDifference(a, b) <= 1e-5 * size(a))
    }
  }

  @Test("A batch gives what single prompts give, in order")
  func batch() throws {
    let passes = (1...20).map { length in
      Pass(
        tokens: Array(tokens.prefix(3 * length)), labels: prompt.labels, answer: 0,
        captures: [.logits, .saliency])
    }
    let batched = try decoder.run(passes, threads: 2) { _, trace in trace }
    for (pass, trace) in zip(passes, batched) {
      let single = try decoder.run(pass, threads: 1)
      #expect(trace.logits == single.logits)
      #expect(trace.saliency == single.saliency)
    }
  }

  @Test("Computing activations again gives the same saliency as keeping them")
  func recomputation() throws {
    let kept = try decoder.run(pass(.saliency), threads: 1)
    let plan = MemoryPlan(
      decoder.architecture, tokens: tokens.count, members: 1, gradient: true, largestKept: 0)
    #expect(plan.blocks == 1)
    let again = try PassRunner(
      decoder: decoder, pass: pass(.saliency),
      workspace: Workspace(decoder.architecture, plan: plan), team: .alone, monitor: .none
    ).run()
    #expect(again.saliency == kept.saliency)
  }

  @Test("Saliency can be reduced layer by layer")
  func reduction() throws {
    var reducing = pass(.saliency)
    reducing.reduceSaliency = { layer, matrix in [Float(layer), matrix.values.reduce(0, +)] }
    let trace = try decoder.run(reducing)
    for (layer, numbers) in trace.reducedSaliency.enumerated() {
      #expect(numbers == [Float(layer), trace.saliency[layer].reduce(0, +)])
    }
  }

  @Test("Cancelled work ends with an error and the decoder goes on")
  func cancellation() throws {
    let cancelled = Monitor(isCancelled: { true })
    #expect(throws: Cancelled.self) { try decoder.run(pass(.saliency), monitor: cancelled) }
    #expect(throws: Cancelled.self) {
      try decoder.run([pass(.saliency), pass(.saliency)], monitor: cancelled) { _, trace in trace }
    }
    let trace = try decoder.run(pass(.logits))
    #expect(!trace.logits.isEmpty)
  }

  @Test("Prompts that do not fit are refused with a reason")
  func badPrompts() throws {
    #expect(throws: ModelError.emptyPrompt) { try decoder.run(Pass(tokens: [])) }
    #expect(throws: ModelError.promptTooLong(tokens: 65, context: 64)) {
      try decoder.run(Pass(tokens: Array(repeating: 1, count: 65)))
    }
    #expect(throws: ModelError.tokenOutOfRange(61, position: 1, vocabulary: 61)) {
      try decoder.run(Pass(tokens: [0, 61]))
    }
    #expect(throws: ModelError.gradientWithoutAnswer) {
      try decoder.run(Pass(tokens: [1, 2], labels: [1], captures: .saliency))
    }
  }

  @Test(
    "However many prompts are computed at a time, the results are the same", arguments: [1, 2, 9])
  func batches(batch: Int) throws {
    let golden = GoldenCase.named("plain")
    let decoder = try Decoder(folder: golden.checkpoint)
    let passes = (0..<5).map { row in
      Pass(tokens: (0..<20 + row).map { ($0 * 7 + row) % 97 }, labels: [1, 2], captures: .logits)
    }
    let together = try decoder.run(passes, threads: 3, batch: batch) { $1.logits }
    for (pass, logits) in zip(passes, together) {
      #expect(
        largestDifference(try decoder.run(pass, threads: 1).logits, logits) < Tolerance.logits)
    }
  }
}
