import Files
import Foundation
import InContext
import LinearAlgebra
import Testing
import Tokenizers
import Transformer

@testable import InformationFlow

/// Goldens written by Tests/Goldens/compress/make.py on transformers, in float64, from real rows.
private enum CompressGoldens {
  static let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  static let folder = repository.appendingPathComponent("Tests/Goldens/compress")

  static let document = Result {
    try MappedFile(folder.appendingPathComponent("compress.json")).json()
  }

  static func builder(_ task: String, tokenizer folder: URL) throws -> PromptBuilder {
    let builtIn = try #require(BuiltIn(named: task))
    return try PromptBuilder(Dataset.load(builtIn), tokenizer: Tokenizer(folder: folder))
  }

  /// FNV-1a over numbers.
  static func digest(_ numbers: some Sequence<Int>) -> String {
    var value: UInt64 = 0xCBF2_9CE4_8422_2325
    for number in numbers { value = (value ^ UInt64(number)) &* 1_099_511_628_211 }
    let text = String(value, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }
}

@Suite("Compression agrees with PyTorch")
struct CompressionTests {
  /// One experiment: the prompts of a data set for a tiny random model.
  struct Experiment {
    let json: JSONValue
    let decoder: Decoder
    let builder: PromptBuilder
    let prompts: [Prompt]
    let textAnchors: [Prompt]

    init(_ json: JSONValue, samples: Int) throws {
      self.json = json
      let golden = CompressGoldens.self
      decoder = try Decoder(
        folder: golden.folder.appendingPathComponent("checkpoints/\(json["model"]!.string!)"))
      builder = try golden.builder(
        json["task"]!.string!,
        tokenizer: golden.repository.appendingPathComponent(json["tokenizer"]!.string!))
      let (shots, seed) = (json["shots"]!.int!, json["seed"]!.int!)
      prompts = try builder.fixed(shots: shots, samples: samples, seed: seed).prompts
      textAnchors = try builder.withoutTexts.fixed(shots: shots, samples: samples, seed: seed)
        .prompts
    }
  }

  let document: JSONValue
  let experiments: [Experiment]
  var options = Compression.Options()

  init() throws {
    document = try CompressGoldens.document.get()
    let samples = document["samples"]!.int!
    experiments = try document["experiments"]!.array!.map { try Experiment($0, samples: samples) }
    options.tries = document["tries"]!.int!
    options.words = document["words"]!.int!
  }

  private func expect(_ found: Compression.Outcome, _ expected: JSONValue, _ place: String) {
    for (answer, json) in zip(found.answers, expected["answers"]!.array!) {
      for (logit, value) in zip(answer.prediction.logits, json["label_logits"]!.doubles) {
        #expect(close(Double(logit), value, 1e-4 * (1 + abs(value ?? 0))), "\(place)")
      }
      #expect(answer.prediction.predicted == json["predicted"]!.int!, "\(place)")
      #expect(answer.words.sorted() == json["words"]!.ints, "\(place)")
    }
    #expect(found.answers.count == expected["answers"]!.array!.count)
    #expect(close(found.loyalty.label, expected["label_loyalty"]!.double, 1e-12), "\(place)")
    #expect(close(found.loyalty.word, expected["word_loyalty"]!.double, 1e-12), "\(place)")
    #expect(close(found.accuracy, expected["accuracy"]!.double, 1e-12), "\(place)")
  }

  @Test("Tokens, what is kept of them, and the random draws")
  func tokens() throws {
    for experiment in experiments {
      let (json, first) = (experiment.json, experiment.prompts[0])
      #expect(first.tokens == json["first_tokens"]!.ints)
      #expect(first.queryStart == json["query_start"]!.int!)
      #expect(first.anchors == json["kept"]!.ints)
      #expect(first.labelTokens == json["label_tokens"]!.ints)
      #expect(experiment.textAnchors[0].tokens == json["text_tokens"]!.ints)
      let draws = first.randomAnchors(count: options.tries, seed: json["seed"]!.int!)
      #expect(draws == json["draws"]!.array!.map(\.ints))
    }
  }

  @Test("Logits, likeliest words, loyalties and accuracy of every method")
  func outcomes() throws {
    for experiment in experiments {
      var options = options
      options.seed = experiment.json["seed"]!.int!
      let compression = try Compression(
        of: experiment.decoder, over: experiment.prompts, textAnchors: experiment.textAnchors,
        options: options)
      #expect(compression.outcomes.count == 5)
      for outcome in compression.outcomes {
        let name = outcome.method?.rawValue ?? "ICL"
        let place = "\(experiment.json["model"]!) \(experiment.json["task"]!) \(name)"
        expect(outcome, experiment.json["methods"]![name]!, place)
      }
    }
  }

  @Test("Positions that begin at 0 again, as released for GPT-2")
  func restarting() throws {
    for experiment in experiments {
      var options = options
      options.methods = [.hiddenAnchor]
      options.restarting = true
      let compression = try Compression(
        of: experiment.decoder, over: experiment.prompts, textAnchors: experiment.textAnchors,
        options: options)
      expect(compression.outcomes[1], experiment.json["restarting"]!, "restarting")
      let first = compression.outcomes[1].answers[0].prediction.logits[0]
      let true0 = experiment.json["methods"]!["hidden_anchor"]!["answers"]!.array![0]
      #expect(!close(Double(first), true0["label_logits"]!.doubles[0], 1e-3))
    }
  }

  @Test("All tokens at their true positions are the whole prompt")
  func everything() throws {
    for experiment in experiments {
      let all = try Anchors(ofAll: experiment.prompts[0], by: experiment.decoder)
      #expect(all.tokens.count == experiment.prompts[0].queryStart)
      for prompt in experiment.prompts {
        var pass = all.pass(for: prompt)
        pass.captures = .logits
        let compressed = try experiment.decoder.run(pass).logits
        let whole = try experiment.decoder.run(prompt.pass(capturing: .logits)).logits
        let largest = whole.map(abs).max() ?? 0
        #expect(zip(compressed, whole).allSatisfy { abs($0 - $1) <= 1e-5 * largest })
      }
    }
  }

  @Test("A query without demonstrations stands behind cached ones as one with them does")
  func queries() throws {
    for experiment in experiments {
      let seed = experiment.json["seed"]!.int!
      let bare = try experiment.builder.fixed(shots: 0, samples: 12, seed: seed).prompts
      for (bare, whole) in zip(bare, experiment.prompts) {
        #expect(bare.queryTokens == whole.queryTokens)
        #expect(whole.queryTokens == Array(whole.tokens[whole.queryStart...]))
      }
    }
  }

  @Test("The kept tokens are those that the released code's window rule finds")
  func masks() throws {
    let tokenizer = CompressGoldens.repository.appendingPathComponent(
      "Tests/Goldens/tokenizer/gpt2")
    for json in document["masks"]!.array! {
      let builder = try CompressGoldens.builder(json["task"]!.string!, tokenizer: tokenizer)
      let prompts = try builder.fixed(
        shots: json["shots"]!.int!, samples: document["masked"]!.int!, seed: json["seed"]!.int!
      ).prompts
      #expect(prompts[0].anchors == json["kept"]!.ints)
      #expect(CompressGoldens.digest(prompts.flatMap(\.anchors)) == json["digest"]!.string!)
    }
    // Of one demonstration a class (spec 6.1).
    let counts = document["masks"]!.array!.filter { $0["seed"]!.int! == 43 }
      .map { [$0["task"]!.string!: $0["count"]!.int!] }
    #expect(counts == [["sst2": 16], ["trec": 50], ["agnews": 28], ["emoc": 32]])
  }

  @Test("Random draws exchange one label token for one of its own demonstration's text")
  func draws() throws {
    let prompt = experiments[1].prompts[0]
    let labels = prompt.labelPositions.joined().sorted()
    let draws = prompt.randomAnchors(count: 20, seed: 1)
    #expect(draws.count == 20 && Set(draws).count == 20)
    for draw in draws {
      #expect(draw.count == prompt.anchors.count)
      #expect(Set(draw).isDisjoint(with: labels))
      var before = -1
      for label in labels {
        #expect(draw.count { before < $0 && $0 < label && prompt.roles[$0] == .text } == 1)
        before = label
      }
    }
    #expect(prompt.randomAnchors(count: 20, seed: 1) == draws)
    #expect(prompt.randomAnchors(count: 20, seed: 2) != draws)
    #expect(prompt.randomAnchors(count: 3, seed: 1) == Array(draws.prefix(3)))
  }

  @Test("Without texts there is one draw, in which label words are left out")
  func noTexts() throws {
    let prompt = experiments[0].textAnchors[0]
    let draws = prompt.randomAnchors(count: 20, seed: 1)
    #expect(draws == [prompt.anchors.filter { !prompt.labelPositions.joined().contains($0) }])
  }

  @Test("Times are measured where asked for, and change nothing else")
  func timing() throws {
    let experiment = experiments[0]
    var options = options
    options.timed = 3
    let timed = try Compression(
      of: experiment.decoder, over: experiment.prompts, textAnchors: experiment.textAnchors,
      options: options)
    #expect(timed.timed == 3)
    #expect(timed.outcomes.allSatisfy { ($0.milliseconds ?? 0) > 0 })
    options.timed = 0
    let untimed = try Compression(
      of: experiment.decoder, over: experiment.prompts, textAnchors: experiment.textAnchors,
      options: options)
    #expect(untimed.outcomes.allSatisfy { $0.milliseconds == nil })
    #expect(timed.outcomes.map(\.loyalty) == untimed.outcomes.map(\.loyalty))
  }

  @Test("Runs are counted as they will be, and can be stopped")
  func progress() throws {
    let experiment = experiments[0]
    var options = options
    options.timed = 2
    let total = Compression.runs(over: experiment.prompts.count, options)
    let last = Locked((done: 0, calls: 0))
    _ = try Compression(
      of: experiment.decoder, over: experiment.prompts, textAnchors: experiment.textAnchors,
      options: options,
      monitor: Monitor(advanced: { done, of in
        #expect(of == total)
        last.withLock { $0 = (max($0.done, done), $0.calls + 1) }
      }))
    #expect(last.withLock { $0 } == (total, total))
    let count = Locked(0)
    let stops = Monitor(isCancelled: {
      count.withLock { count in
        count += 1
        return count > 40
      }
    })
    #expect(throws: Cancelled.self) {
      try Compression(
        of: experiment.decoder, over: experiment.prompts, textAnchors: experiment.textAnchors,
        monitor: stops)
    }
  }

  @Test("Draws that there are not count as done")
  func fewDraws() throws {
    let experiment = experiments[0]
    // Without their texts, demonstrations have a single draw.
    let prompts = experiment.textAnchors
    var options = Compression.Options()
    options.methods = [.hiddenRandomTop]
    let last = Locked(0)
    _ = try Compression(
      of: experiment.decoder, over: prompts, options: options,
      monitor: Monitor(advanced: { done, _ in last.withLock { $0 = max($0, done) } }))
    #expect(last.withLock { $0 } == Compression.runs(over: prompts.count, options))
  }

  @Test("Text anchors are one a prompt, where they are asked for")
  func textAnchors() throws {
    let experiment = experiments[0]
    let prompts = Array(experiment.prompts.prefix(3))
    #expect(throws: AnalysisError.textAnchors(2, prompts: 3)) {
      try Compression(
        of: experiment.decoder, over: prompts,
        textAnchors: Array(experiment.textAnchors.prefix(2)))
    }
    var options = Compression.Options()
    options.methods = [.hiddenAnchor]
    let found = try Compression(of: experiment.decoder, over: prompts, options: options)
    #expect(found.outcomes.map(\.method) == [nil, .hiddenAnchor])
  }

  @Test("Prompts without demonstrations or label words say what is missing")
  func missing() throws {
    let experiment = experiments[0]
    let bare = try experiment.builder.fixed(shots: 0, samples: 2, seed: 1).prompts
    #expect(throws: AnalysisError.noDemonstrations) {
      try Compression(of: experiment.decoder, over: bare, textAnchors: bare)
    }
    #expect(throws: AnalysisError.noPrompts) {
      try Compression(of: experiment.decoder, over: [], textAnchors: [])
    }
    let unlabelled = try Prompt(tokens: [1, 2, 3])
    #expect(throws: AnalysisError.noLabels) {
      try Compression(of: experiment.decoder, over: [unlabelled], textAnchors: [unlabelled])
    }
  }
}

@Suite("Cached demonstrations kept elsewhere")
struct KeptCacheTests {
  @Test("Keys and values taken out and put back are the same; wrong ones are refused")
  func rebuilding() throws {
    let decoder = try Decoder(
      folder: CompressGoldens.folder.appendingPathComponent("checkpoints/llama"))
    let pass = Pass(tokens: Array(1...20), captures: .cache)
    let cache = try #require(try decoder.run(pass).cache).keeping { $0 % 3 == 1 }
    let layers = 0..<decoder.architecture.layers
    let (keys, values) = (layers.map(cache.keys), layers.map(cache.values))
    let again = try KeyValueCache(
      of: decoder, positions: cache.positions, reach: cache.reach, keys: keys, values: values)
    #expect(again.positions == cache.positions && again.reach == 20)
    #expect(layers.map(again.keys) == keys && layers.map(again.values) == values)

    func refused(
      _ positions: [Int], _ reach: Int, _ keys: [[Float]], _ values: [[Float]],
      _ location: SourceLocation = #_sourceLocation
    ) {
      #expect(throws: ModelError.self, sourceLocation: location) {
        try KeyValueCache(
          of: decoder, positions: positions, reach: reach, keys: keys, values: values)
      }
    }
    let positions = cache.positions
    refused(positions, 19, keys, values)
    refused(positions, 1_025, keys, values)
    refused(positions, -1, keys, values)
    refused([Int.min] + positions.dropFirst(), 20, keys, values)
    refused([positions[1]] + positions.dropFirst(), 20, keys, values)
    refused(positions, 20, Array(keys.dropLast()), values)
    refused(positions, 20, keys, values.map { Array($0.dropLast()) })
    refused(positions, 20, keys.map { $0.map { _ in .nan } }, values)
  }
}
