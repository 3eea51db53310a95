import Foundation
import LinearAlgebra
import Testing

@testable import Transformer

@Suite("Every family agrees with a float64 reference")
struct ParityTests {
  static let everything: Captures = [
    .logits, .hidden, .queriesKeysValues, .attention, .targetAttention, .attentionGradient,
    .saliency,
  ]

  @Test("There are goldens to compare with")
  func goldens() {
    #expect(GoldenCase.gpt2.count >= 13 && GoldenCase.families.count >= 21)
    #expect(GoldenCase.gguf.count >= 14)
  }

  @Test("Logits, hidden states, attention, its gradient and saliency", arguments: GoldenCase.all)
  func parity(golden: GoldenCase) throws {
    let decoder = try Decoder(folder: golden.checkpoint)
    for prompt in golden.prompts {
      let reference = try Reference(golden, prompt)
      let pass = Pass(
        tokens: try reference.tokens, labels: prompt.labels, answer: prompt.answer,
        captures: Self.everything)
      for threads in [1, 2, 3] {
        let trace = try decoder.run(pass, threads: threads)
        try compare(trace, reference, "\(golden.name) \(prompt.name) threads=\(threads)")
      }
    }
  }

  private func compare(_ trace: Trace, _ reference: Reference, _ comment: Comment) throws {
    let expected = try reference.floats("logits")
    let difference = largestDifference(trace.logits, expected)
    #expect(difference <= Tolerance.logits, comment)
    #expect(difference <= Tolerance.logitsRelative * size(expected), comment)
    let loss = Double(try #require(trace.loss))
    #expect(abs(loss - reference.prompt.loss) < 1e-5, comment)
    let T = trace.tokens.count
    for name in reference.prompt.tensors {
      let parts = name.split(separator: ".")
      guard parts.count == 2, let layer = Int(parts[1]) else { continue }
      let expected = try reference.floats(name)
      switch parts[0] {
      case "hidden":
        #expect(largestDifference(trace.hidden[layer], expected) <= 1e-5 * size(expected), comment)
      case "query", "key", "value":
        let all = ["query": trace.queries, "key": trace.keys, "value": trace.values]
        let found = try #require(all[String(parts[0])])[layer]
        #expect(largestDifference(found, expected) <= 1e-5 * size(expected), comment)
      case "attention":
        #expect(
          largestDifference(trace.attention[layer], expected) <= Tolerance.attention, comment)
      case "attention_last_row":
        #expect(
          largestDifference(trace.targetAttention[layer], expected) <= Tolerance.attention, comment)
      case "attention_gradient":
        #expect(
          largestDifference(trace.attentionGradient[layer], expected)
            <= Tolerance.gradient * size(expected), comment)
      case "attention_gradient_last_row":
        let heads = expected.count / T
        var found: [Float] = []
        for end in (1...heads).map({ $0 * T * T }) {
          found += trace.attentionGradient[layer][end - T..<end]
        }
        #expect(
          largestDifference(found, expected) <= Tolerance.gradient * size(expected), comment)
      case "saliency":
        let gradient = "attention_gradient.\(layer)"
        let terms =
          reference.prompt.tensors.contains(gradient) ? try reference.floats(gradient) : []
        #expect(
          largestDifference(trace.saliency[layer], expected)
            <= max(Tolerance.gradient * size(expected), Tolerance.cancelled * size(terms)), comment)
      case "saliency_row_sums":
        var sums = [Float](repeating: 0, count: T)
        for (index, value) in trace.saliency[layer].enumerated() { sums[index / T] += value }
        #expect(largestDifference(sums, expected) <= Tolerance.gradient * size(expected), comment)
      case "saliency_column_sums":
        var sums = [Float](repeating: 0, count: T)
        for (index, value) in trace.saliency[layer].enumerated() { sums[index % T] += value }
        #expect(largestDifference(sums, expected) <= Tolerance.gradient * size(expected), comment)
      case "hidden_last":
        let C = expected.count
        let found = Array(trace.hidden[layer].suffix(C))
        #expect(largestDifference(found, expected) <= 1e-5 * size(expected), comment)
      default:
        Issue.record("no comparison for \(name)")
      }
    }
  }

  /// The largest |A ∂ℒ/∂A| of any head.
  static let differentiated =
    (GoldenCase.families + GoldenCase.gguf).filter { $0.json["finite_differences"] != nil } + [
      GoldenCase.named("plain")
    ]

  @Test("The gradient agrees with central finite differences in float64", arguments: differentiated)
  func finiteDifferences(golden: GoldenCase) throws {
    let differences = try #require(golden.json["finite_differences"])
    let prompt = try #require(
      golden.prompts.first { $0.name == differences["prompt"]?.string })
    let pass = Pass(
      tokens: try Reference(golden, prompt).tokens, labels: prompt.labels, answer: prompt.answer,
      captures: .attentionGradient)
    let trace = try Decoder(folder: golden.checkpoint).run(pass)
    let T = pass.tokens.count
    let entries = try #require(differences["entries"]?.array)
    #expect(entries.count > 10)
    for entry in entries {
      let layer = entry["layer"]!.int!
      let gradient = trace.attentionGradient[layer]
      let index = (entry["head"]!.int! * T + entry["query"]!.int!) * T + entry["key"]!.int!
      let expected = Float(entry["value"]!.double!)
      #expect(abs(gradient[index] - expected) <= Tolerance.gradient * size(gradient))
    }
  }

  @Test("A wrong epsilon, scale or activation fails the comparison")
  func theComparisonCanFail() throws {
    let golden = GoldenCase.named("plain")
    let prompt = golden.prompts.last!
    let reference = try Reference(golden, prompt)
    let right = try Decoder(folder: golden.checkpoint)
    for change in [
      { (a: inout Architecture) in a.normEpsilon = 1e-2 },
      { $0.scoreScale *= 1.01 },
      { $0.activation = .geluErf },
    ] {
      var architecture = right.architecture
      change(&architecture)
      let wrong = Decoder(right, computingAs: architecture)
      let trace = try wrong.run(Pass(tokens: try reference.tokens, captures: .logits))
      let expected = try reference.floats("logits")
      #expect(largestDifference(trace.logits, expected) > Tolerance.logits)
    }
  }
}
