import Files
import Foundation
import Testing
import Transformer

@testable import InContext
@testable import InformationFlow

/// Experiments on rows of SST-2 against `transformers`, on tiny models of two families.
@Suite("Experiments on SST-2 agree with PyTorch")
struct AnchorTests {
  struct Experiment {
    let decoder: Decoder
    let json: JSONValue
    let prompts: [Prompt]
  }

  let experiments: [Experiment]

  init() throws {
    let folder = FlowGoldens.folder.deletingLastPathComponent().appendingPathComponent("anchors")
    let json = try MappedFile(folder.appendingPathComponent("experiments.json")).json()
    experiments = try json["experiments"]!.array!.map { json in
      let labels = json["label_tokens"]!.ints
      let prompts = try json["prompts"]!.array!.map { prompt in
        try Prompt(
          tokens: prompt["tokens"]!.ints, labels: labels.map { .token($0) },
          answer: .token(labels[prompt["answer"]!.int!]), tokenizer: nil)
      }
      let checkpoint = folder.appendingPathComponent(json["checkpoint"]!.string!)
      return Experiment(decoder: try Decoder(folder: checkpoint), json: json, prompts: prompts)
    }
  }

  @Test("Label positions and targets")
  func positions() {
    #expect(experiments.count == 2)
    for experiment in experiments {
      for (prompt, json) in zip(experiment.prompts, experiment.json["prompts"]!.array!) {
        #expect(prompt.labelPositions == json["label_positions"]!.array!.map(\.ints))
        #expect(prompt.target == json["target"]!.int!)
      }
    }
  }

  @Test("S_wp, S_pq, S_ww, AUCROC and R")
  func flow() throws {
    for experiment in experiments {
      let (decoder, json) = (experiment.decoder, experiment.json)
      let profile = try SaliencyProfile(of: decoder, over: experiment.prompts)
      let parts: [(String, (SaliencyProfile.Layer) -> Double)] = [
        ("wp", { $0.wp }), ("pq", { $0.pq }), ("ww", { $0.ww }),
      ]
      for (name, part) in parts {
        let mean = json["mean"]![name]!.doubles
        let largest = mean.compactMap { $0 }.max() ?? 0
        for (layer, found) in profile.layers.enumerated() {
          #expect(close(part(found), mean[layer], 1e-4 * largest))
          #expect(close(part(found.relative), json["relative"]![name]!.doubles[layer], 1e-4))
        }
      }
      let auc = try LabelAttention(of: decoder, over: experiment.prompts).auc
      expectClose(auc, json["auc"]!.doubles, 1e-9)
      expectClose(LabelAttention.cumulativeShare(auc), json["r"]!.doubles, 1e-6)
    }
  }

  private func expect(_ answers: [Answer], _ json: JSONValue) {
    #expect(answers.count == json.array!.count)
    for (found, expected) in zip(answers, json.array!) {
      #expect(found.prediction.predicted == expected["predicted"]!.int!)
      #expect(found.words == expected["words"]!.ints)
      expectClose(
        found.prediction.logits.map(Double.init), expected["label_logits"]!.doubles, 1e-4)
    }
  }

  @Test("Isolation of label words and of random tokens: answers, loyalties, accuracy")
  func isolation() throws {
    for experiment in experiments {
      for json in experiment.json["isolations"]!.array! {
        let isRandom = json["what"]!.string! == "random"
        func isolate(words: Int) throws -> Isolation {
          try Isolation(
            of: experiment.decoder, over: experiment.prompts,
            isolating: isRandom ? .random(seed: json["seed"]!.int!) : .labelWords,
            layers: json["layers"]!.ints, exact: json["exact"]!.bool!, words: words)
        }
        let found = try isolate(words: 5)
        expect(found.reference, experiment.json["answers"]!)
        expect(found.isolated, json["answers"]!)
        #expect(close(found.loyalty.label, json["label_loyalty"]!.double!, 1e-9))
        #expect(close(found.loyalty.word, json["word_loyalty_5"]!.double!, 1e-9))
        #expect(close(found.accuracyIsolated, json["accuracy"]!.double!, 1e-9))
        let one = try isolate(words: 1)
        #expect(close(one.loyalty.word, json["word_loyalty_1"]!.double!, 1e-9))
      }
    }
  }

  @Test("Random positions are NumPy's, whichever layers are isolated")
  func draws() throws {
    for experiment in experiments {
      let json = experiment.json["isolations"]!.array!.first { $0["what"]!.string! == "random" }!
      let expected = json["positions"]!.array!.map { $0.array!.map(\.ints) }
      let found = try Isolation.positions(
        of: .random(seed: json["seed"]!.int!), in: experiment.prompts,
        layers: experiment.decoder.architecture.layers)
      #expect(found == expected.map(Isolation.Rows.byLayer))
    }
  }

  @Test("The first position sees only itself: isolating it changes nothing")
  func firstPosition() throws {
    for experiment in experiments {
      let labels = experiment.json["label_tokens"]!.ints
      let prompts = try experiment.prompts.map { prompt in
        // Label words at the very start alone.
        let rest = prompt.tokens.filter { !labels.contains($0) }
        return try Prompt(
          tokens: [labels[0]] + rest, labels: labels.map { .token($0) }, answer: .token(labels[1]),
          tokenizer: nil)
      }
      for exact in [false, true] {
        let isolation = try Isolation(
          of: experiment.decoder, over: prompts, isolating: .labelWords, layers: [0, 1],
          exact: exact)
        for (a, b) in zip(isolation.isolated, isolation.reference) {
          #expect(a.prediction.logits == b.prediction.logits)
          #expect(a.words == b.words)
        }
        #expect(isolation.loyalty == Loyalty(of: isolation.reference, to: isolation.reference))
      }
    }
  }

  @Test("The flow of a prompt is its saliency, and its profile the prompt's")
  func tokenFlow() throws {
    for experiment in experiments {
      let prompt = experiment.prompts[0]
      let L = experiment.decoder.architecture.layers
      let groups = [[0], Array(0..<L)]
      let flow = try TokenFlow(of: experiment.decoder, through: prompt, groups: groups)
      let trace = try experiment.decoder.run(prompt.pass(capturing: .saliency))
      let profile = try SaliencyProfile(of: experiment.decoder, over: [prompt])
      expectClose(
        flow.saliency[0].map { Double($0) }, trace.saliency[0].map { Double($0) }, 1e-6)
      for (layer, expected) in profile.layers.enumerated() {
        #expect(close(flow.profile.layers[layer].wp, expected.wp, 1e-6))
      }
      let edges = flow.edges(of: 1)
      let T = prompt.tokens.count
      #expect(edges.count == T * (T - 1) / 2)
      let labels = prompt.labelPositions.joined()
      #expect(edges.count { $0.kind == .gathering } == labels.reduce(0, +))
      #expect(edges.count { $0.kind == .answering } == labels.count)
      for edge in edges.prefix(50) {
        let mean = trace.saliency.reduce(0) { $0 + Double($1[edge.to * T + edge.from]) } / Double(L)
        #expect(close(edge.saliency, mean, 1e-6))
      }
    }
  }

  @Test("A token that two classes share gives way once")
  func sharedLabels() throws {
    let prompt = try Prompt(
      text: "", tokens: [1, 2, 3, 4, 5, 6],
      roles: [.format, .text, .text, .label, .query, .target], labelPositions: [[3], [3]],
      queryStart: 4,
      labels: LabelVocabulary(
        classes: ["a", "b"], words: ["a", "b"], tokens: [4, 5], splitWords: []), answer: 0,
      tokenizer: nil)
    #expect(Set(prompt.randomAnchors(count: 5, seed: 3)) == [[0, 1], [0, 2]])
  }

  @Test("Nobody to isolate is an error")
  func missing() throws {
    let decoder = experiments[0].decoder
    #expect(throws: AnalysisError.noPrompts) {
      try Isolation(of: decoder, over: [], isolating: .labelWords, layers: [0])
    }
    let bare = try Prompt(
      tokens: [1, 2, 3], labels: [.token(7), .token(8)], answer: .token(7), tokenizer: nil)
    for subject in [Isolation.Subject.labelWords, .random(seed: 1)] {
      #expect(throws: AnalysisError.noLabelPositions) {
        try Isolation(of: decoder, over: [bare], isolating: subject, layers: [0])
      }
    }
    #expect(throws: AnalysisError.noTokens(.query)) {
      try Isolation(of: decoder, over: [bare], isolating: .role(.query), layers: [0])
    }
  }
}
