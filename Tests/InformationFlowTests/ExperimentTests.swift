import Files
import Foundation
import InContext
import Testing
import Transformer

@testable import InformationFlow

/// Whole experiments on a tiny random model, against an independent implementation in PyTorch.
@Suite("Experiments agree with PyTorch")
struct ExperimentTests {
  let decoder: Decoder
  let experiments: [JSONValue]

  init() throws {
    let json = try FlowGoldens.json("experiments.json")
    decoder = try Decoder(
      folder: FlowGoldens.folder.appendingPathComponent(json["checkpoint"]!.string!))
    experiments = json["experiments"]!.array!
  }

  func prompts(_ run: JSONValue, labels: [Int]) throws -> [Prompt] {
    try run["prompts"]!.array!.map { json in
      let prompt = try Prompt(
        tokens: json["tokens"]!.ints, labels: labels.map { .token($0) },
        answer: .token(labels[json["answer"]!.int!]), tokenizer: nil)
      #expect(prompt.labelPositions == json["label_positions"]!.array!.map(\.ints))
      #expect(prompt.target == json["target"]!.int!)
      return prompt
    }
  }

  @Test("Predictions and probabilities")
  func evaluation() throws {
    for experiment in experiments {
      for run in experiment["runs"]!.array! {
        let prompts = try prompts(run, labels: experiment["label_tokens"]!.ints)
        let evaluation = try Evaluation(of: prompts, by: decoder)
        for (row, json) in zip(evaluation.rows, run["prompts"]!.array!) {
          #expect(row.gold == json["answer"]!.int!)
          #expect(row.prediction.predicted == json["predicted"]!.int!)
          for (found, expected) in zip(row.prediction.probabilities, json["probabilities"]!.doubles)
          {
            #expect(close(found, expected, 1e-5))
          }
        }
        let right = evaluation.rows.count { $0.gold == $0.prediction.predicted }
        #expect(evaluation.accuracy == Double(right) / Double(prompts.count))
        #expect(evaluation.confusion.joined().reduce(0, +) == prompts.count)
      }
    }
  }

  @Test("Saliency profiles: S_wp, S_pq, S_ww and their relative sizes")
  func saliency() throws {
    for experiment in experiments {
      for run in experiment["runs"]!.array! {
        let prompts = try prompts(run, labels: experiment["label_tokens"]!.ints)
        let profile = try SaliencyProfile(of: decoder, over: prompts)
        #expect(profile.samples == prompts.count)
        for part in ["wp", "pq", "ww"] {
          let mean = run["mean"]![part]!.doubles
          let largest = mean.compactMap { $0 }.max() ?? 0
          for (layer, found) in profile.layers.enumerated() {
            let value = ["wp": found.wp, "pq": found.pq, "ww": found.ww][part]
            let relative = found.relative
            let share = ["wp": relative.wp, "pq": relative.pq, "ww": relative.ww][part]
            #expect(close(value, mean[layer] ?? 0, 1e-4 * largest))
            #expect(close(share, run["relative"]![part]!.doubles[layer], 1e-4))
          }
        }
      }
    }
  }

  @Test("Label attention, AUCROC and R")
  func attention() throws {
    for experiment in experiments {
      for run in experiment["runs"]!.array! {
        let prompts = try prompts(run, labels: experiment["label_tokens"]!.ints)
        let attention = try LabelAttention(of: decoder, over: prompts)
        for (scores, json) in zip(attention.scores, run["prompts"]!.array!) {
          for (found, expected) in zip(scores, json["label_attention"]!.array!) {
            #expect(zip(found, expected.doubles).allSatisfy { close($0, $1, 1e-5) })
          }
        }
        let auc = attention.auc
        #expect(zip(auc, run["auc"]!.doubles).allSatisfy { close($0, $1, 1e-9) })
        let r = LabelAttention.cumulativeShare(auc)
        #expect(zip(r, run["r"]!.doubles).allSatisfy { close($0, $1, 1e-6) })
      }
    }
  }

  @Test("Analyses without prompts, labels or demonstrations say what is missing")
  func missing() throws {
    #expect(throws: AnalysisError.noPrompts) { try Evaluation(of: [], by: decoder) }
    #expect(throws: AnalysisError.noPrompts) { try SaliencyProfile(of: decoder, over: []) }
    let bare = try Prompt(
      tokens: [1, 2, 3], labels: [.token(7), .token(8)], answer: .token(7), tokenizer: nil)
    #expect(throws: AnalysisError.noLabelPositions) {
      try SaliencyProfile(of: decoder, over: [bare])
    }
    #expect(throws: AnalysisError.noLabelPositions) {
      try LabelAttention(of: decoder, over: [bare])
    }
  }
}
