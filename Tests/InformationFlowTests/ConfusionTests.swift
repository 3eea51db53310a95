import Files
import Foundation
import InContext
import Testing
import Transformer

@testable import InformationFlow

/// Confusion and calibration on tiny random models and rows of TREC, against PyTorch, scikit-learn and
/// SciPy; see Tests/Goldens/confusion.
@Suite("Confusion and calibration agree with scikit-learn")
struct ConfusionTests {
  private static let folder = FlowGoldens.folder.deletingLastPathComponent()
    .appendingPathComponent("confusion")
  private let experiments: [JSONValue]

  init() throws {
    let json = try MappedFile(Self.folder.appendingPathComponent("confusion.json")).json()
    experiments = json["experiments"]!.array!
    #expect(experiments.count == 2)
  }

  private func decoder(_ json: JSONValue) throws -> Decoder {
    try Decoder(folder: Self.folder.appendingPathComponent(json["checkpoint"]!.string!))
  }

  private func prompt(_ tokens: [Int], _ json: JSONValue, answer: Int? = nil) throws -> Prompt {
    let labels = json["label_tokens"]!.ints
    return try Prompt(
      tokens: tokens, labels: labels.map { .token($0) }, answer: answer.map { .token(labels[$0]) },
      tokenizer: nil)
  }

  private func answered(_ json: JSONValue) throws -> [Prompt] {
    try json["answered"]!.array!.map {
      try prompt($0["tokens"]!.ints, json, answer: $0["answer"]!.int!)
    }
  }

  @Test("Predicted and measured confusion, and their rank correlation")
  func confusion() throws {
    for json in experiments {
      let decoder = try decoder(json)
      let layer = json["layer"]!.int!
      #expect(LabelConfusion.usualLayer(of: decoder.architecture.layers) == layer)
      let prompts = DiagnosisPrompts(
        answered: try answered(json),
        queried: try json["queried"]!.array!.map { try prompt($0.ints, json) }, pool: 16)
      let confusion = try LabelConfusion(
        of: decoder, over: prompts, layer: layer, components: json["components"]!.int!)
      let predicted = try #require(confusion.predicted)
      expectClose(
        predicted.flatMap { $0 }, json["predicted"]!.array!.flatMap(\.doubles), 1e-4)
      expectClose(
        confusion.measured.flatMap { $0 }, json["auc"]!.array!.flatMap(\.doubles), 1e-9)
      #expect(close(confusion.correlation, json["correlation"]?.double, 1e-9))
      expectClose(confusion.shares, json["shares"]!.doubles, 1e-5)
    }
  }

  @Test("Another layer, and fewer directions, predict something else")
  func choices() throws {
    let json = experiments[0]
    let decoder = try decoder(json)
    let prompts = DiagnosisPrompts(
      answered: try answered(json),
      queried: try json["queried"]!.array!.map { try prompt($0.ints, json) }, pool: 16)
    let maps = try [(3, 10), (0, 10), (3, 1)].map { layer, components in
      try LabelConfusion(of: decoder, over: prompts, layer: layer, components: components).predicted
    }
    #expect(maps[0] != maps[1] && maps[0] != maps[2])
  }

  @Test("Accuracy by class, macro F1, and probabilities divided by those of texts that say nothing")
  func calibration() throws {
    for json in experiments {
      let decoder = try decoder(json)
      let contentFree = try json["content_free"]!.array!.map { try prompt($0.ints, json) }
      let prompts = try answered(json)
      let calibrated = try Evaluation(of: prompts, by: decoder, calibratedBy: contentFree)
      let bias = try #require(calibrated.calibration?.bias)
      expectClose(bias, json["bias"]!.doubles, 1e-6)
      try expect(calibrated, json["calibrated"]!)
      try expect(Evaluation(of: prompts, by: decoder), json["plain"]!)
      #expect(
        close(calibrated.uncalibratedAccuracy, json["plain"]!["accuracy"]?.double, 1e-12))
    }
  }

  private func expect(_ evaluation: Evaluation, _ json: JSONValue) throws {
    expectClose(
      evaluation.rows.flatMap(\.prediction.probabilities),
      json["probabilities"]!.array!.flatMap(\.doubles), 1e-5)
    #expect(close(evaluation.accuracy, json["accuracy"]?.double, 1e-12))
    #expect(close(evaluation.macroF1, json["macro_f1"]?.double, 1e-9))
    #expect(evaluation.confusion == json["confusion"]!.array!.map(\.ints))
    // scikit-learn gives 0 to a class without rows.
    let recall = evaluation.classScores.map { $0.recall ?? 0 }
    expectClose(recall, json["recall"]!.doubles, 1e-9)
  }

  @Test("A pair without rows has no AUC, and what does not differ predicts nothing")
  func undefined() {
    let confusion = LabelConfusion(
      classes: ["a", "b", "c"], keys: [[1, 0], [0, 1], [1, 1]], queries: [[1, 2], [1, 2]],
      components: 10, logits: [[0, 1, 2], [3, 1, 0]], gold: [0, 1])
    #expect(confusion.predicted == nil)
    #expect(confusion.measured[0][1] == 0)
    #expect(confusion.measured[0][2] == nil)
    #expect(confusion.correlation == nil)
    #expect(confusion.pairs.count == 3)
  }

  @Test("A class without a label word, and a layer that there is not, are errors")
  func missing() throws {
    let json = experiments[0]
    let decoder = try decoder(json)
    let label = json["label_tokens"]!.ints[0]
    // All label words but one of the first class are taken out.
    func bare(_ answer: Int?) throws -> Prompt {
      let others = json["answered"]!.array![0]["tokens"]!.ints
        .filter { !json["label_tokens"]!.ints.contains($0) }
      return try prompt([label] + others, json, answer: answer)
    }
    let prompts = DiagnosisPrompts(
      answered: [try bare(0)], queried: [try bare(nil), try bare(nil)], pool: 1)
    #expect(throws: AnalysisError.noLabelPositions) {
      try LabelConfusion(of: decoder, over: prompts, layer: 0, components: 2)
    }
    let layers = decoder.architecture.layers
    for layer in [-1, layers] {
      #expect(throws: AnalysisError.layerOutOfRange(layer, layers: layers)) {
        try LabelConfusion(of: decoder, over: prompts, layer: layer, components: 2)
      }
    }
  }

  @Test("A bias of zero leaves numbers")
  func zeroBias() {
    let calibration = Calibration([Prediction(logits: [800, 0], probabilities: [1, 0])])
    let answer = calibration.calibrated(Prediction(logits: [1, 0], probabilities: [0.7, 0.3]))
    #expect(answer.predicted == 1)
    #expect(answer.probabilities.allSatisfy { $0.isFinite })
  }
}
