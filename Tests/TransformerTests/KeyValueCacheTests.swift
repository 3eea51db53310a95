import LinearAlgebra
import Testing

@testable import Transformer

/// A pass that begins with cached keys and values is the rest of the whole pass.
@Suite("Cached keys and values")
struct KeyValueCacheTests {
  /// The longest prompt of a case, its decoder, and what the whole prompt gives.
  struct Setting {
    let decoder: Decoder
    let tokens: [Int]
    let labels: [Int]

    init(_ golden: GoldenCase) throws {
      decoder = try Decoder(folder: golden.checkpoint)
      // The last but one of over a thousand tokens.
      let prompt = try #require(golden.prompts.last { $0.name != "t1024" })
      tokens = try Reference(golden, prompt).tokens
      labels = prompt.labels
    }

    func whole(_ captures: Captures, _ interventions: [Intervention] = []) throws -> Trace {
      try decoder.run(
        Pass(tokens: tokens, labels: labels, interventions: interventions, captures: captures))
    }

    func cache(of count: Int, _ interventions: [Intervention] = []) throws -> KeyValueCache {
      let pass = Pass(
        tokens: Array(tokens.prefix(count)), interventions: interventions, captures: .cache)
      return try #require(try decoder.run(pass).cache)
    }

    func rest(
      after cache: KeyValueCache, dropping count: Int, _ captures: Captures,
      _ interventions: [Intervention] = [], start: Int? = nil
    ) throws -> Trace {
      var pass = Pass(
        tokens: Array(tokens.dropFirst(count)), labels: labels, interventions: interventions,
        captures: captures)
      pass.cache = cache
      pass.start = start
      return try decoder.run(pass)
    }
  }

  private static let deep = GoldenCase.named("deep")
  /// Learned positions, rotary, ALiBi, windows, shared keys and values, norms of queries and keys.
  private static let everyKind = GoldenCase.all.filter { $0.name != "single" }

  @Test("The rest of a prompt gives what the whole prompt gives", arguments: everyKind)
  func rest(golden: GoldenCase) throws {
    let setting = try Setting(golden)
    let captures: Captures = [
      .logits, .hidden, .queriesKeysValues, .attention, .targetAttention, .lens, .attribution,
    ]
    let whole = try setting.whole(captures)
    let (T, H) = (setting.tokens.count, setting.decoder.architecture.heads)
    let C = setting.decoder.architecture.width
    for P in Set([1, T / 2, T - 1]) {
      let cache = try setting.cache(of: P)
      guard cache.serves(tokens: T) else {
        // A longer prompt turns its keys otherwise.
        #expect(throws: ModelError.cacheOfAnotherLength(P, tokens: T)) {
          try setting.rest(after: cache, dropping: P, captures)
        }
        continue
      }
      let rest = try setting.rest(after: cache, dropping: P, captures)
      #expect(isClose(rest.logits, whole.logits))
      for layer in 0..<setting.decoder.architecture.layers {
        let hidden = Array(whole.hidden[layer + 1].dropFirst(P * C))
        #expect(isClose(rest.hidden[layer + 1], hidden))
        let attention = whole.attention[layer]
        var rows: [Float] = []
        for head in 0..<H { rows += attention[(head * T + P) * T..<(head + 1) * T * T] }
        #expect(isClose(rest.attention[layer], rows))
        #expect(isClose(rest.targetAttention[layer], whole.targetAttention[layer]))
        #expect(isClose(rest.headAttribution[layer], whole.headAttribution[layer]))
        #expect(isClose(rest.lens[layer], whole.lens[layer]))
      }
    }
  }

  @Test("Token by token a cache grows to what one pass makes", arguments: [deep, .named("qwen3")])
  func growing(golden: GoldenCase) throws {
    let setting = try Setting(golden)
    let whole = try setting.cache(of: setting.tokens.count)
    var cache = try setting.cache(of: 1)
    let first = cache
    for token in setting.tokens.dropFirst() {
      var pass = Pass(tokens: [token], captures: .cache)
      pass.cache = cache
      cache = try #require(try setting.decoder.run(pass).cache)
    }
    #expect(cache.positions == whole.positions)
    for layer in 0..<setting.decoder.architecture.layers {
      #expect(isClose(cache.keys(layer: layer), whole.keys(layer: layer)))
      #expect(isClose(cache.values(layer: layer), whole.values(layer: layer)))
    }
    #expect(first.count == 1)
  }

  @Test("A cache that two texts go on from is changed by neither")
  func forking() throws {
    let setting = try Setting(Self.deep)
    let cache = try setting.cache(of: 10)
    let keys = cache.keys(layer: 2)
    func logits(_ token: Int, after cache: KeyValueCache) throws -> Trace {
      var pass = Pass(tokens: [token], captures: [.logits, .cache])
      pass.cache = cache
      return try setting.decoder.run(pass)
    }
    let one = try logits(3, after: cache)
    let two = try logits(4, after: cache)
    let oneAgain = try logits(3, after: cache)
    #expect(one.logits == oneAgain.logits)
    #expect(one.logits != two.logits)
    #expect(cache.keys(layer: 2) == keys)
    // Both went on in memory of their own.
    #expect(
      try logits(5, after: #require(one.cache)).logits
        == logits(5, after: #require(oneAgain.cache)).logits)
  }

  @Test(
    "Entries left out are as if no later token could see them",
    arguments: [deep, .named("llama"), .named("bloom"), .named("gpt_neo"), .named("qwen3")])
  func selection(golden: GoldenCase) throws {
    let setting = try Setting(golden)
    let (T, P) = (setting.tokens.count, 20)
    let isKept: (Int) -> Bool = { $0 % 3 == 0 || $0 == 19 }
    let selection = try setting.cache(of: P).keeping(where: isKept)
    #expect(selection.positions == (0..<P).filter(isKept))
    let hidden = (0..<P).filter { !isKept($0) }
    let blocked = (P..<T).flatMap { to in hidden.map { Edge(from: $0, to: to) } }
    let expected = try setting.whole(.logits, [Intervention(.block, edges: blocked)])
    let rest = try setting.rest(after: selection, dropping: P, .logits)
    #expect(isClose(rest.logits, expected.logits))
    // Where the position of the query matters, another is another text.
    let moved = try setting.rest(after: selection, dropping: P, .logits, start: P - 7)
    #expect(largestDifference(moved.logits, rest.logits) > 1e-3)
  }

  @Test("Interventions on what is not cached are those of the whole prompt")
  func interventions() throws {
    let setting = try Setting(Self.deep)
    let (T, P) = (setting.tokens.count, 12)
    let early = Intervention(.block, edges: (0..<5).map { Edge(from: $0, to: 5) }, layers: [0, 1])
    let late = [
      Intervention(.scale(0), edges: [2, 15, 20].map { Edge(from: $0, to: T - 1) }),
      Intervention(.block, edges: [Edge(from: 3, to: 14), Edge(from: 12, to: 14)], heads: [1]),
      Intervention.ablation(heads: [2], layers: [3]),
    ]
    let whole = try setting.whole([.logits, .targetAttention], [early] + late)
    let cache = try setting.cache(of: P, [early, late[2]])
    let rest = try setting.rest(after: cache, dropping: P, [.logits, .targetAttention], late)
    #expect(isClose(rest.logits, whole.logits))
    #expect(isClose(rest.targetAttention[4], whole.targetAttention[4]))
    let plain = try setting.whole(.logits)
    #expect(largestDifference(plain.logits, whole.logits) > 1e-3)
  }

  @Test("Gradients of the rest of a prompt are rows of those of the whole", arguments: everyKind)
  func gradients(golden: GoldenCase) throws {
    let setting = try Setting(golden)
    let (T, H) = (setting.tokens.count, setting.decoder.architecture.heads)
    let scaled = Intervention(
      .scale(1.5), edges: [Edge(from: 1, to: T - 1), Edge(from: T - 1, to: T - 1)], heads: [0])
    for interventions in [[], [scaled]] {
      var pass = Pass(
        tokens: setting.tokens, labels: setting.labels, answer: 0, interventions: interventions,
        captures: [.attentionGradient, .saliency])
      let whole = try setting.decoder.run(pass)
      for P in [T - 1, T - 3] {
        let cache = try setting.cache(of: P)
        guard cache.serves(tokens: T) else { continue }
        pass.tokens = Array(setting.tokens.dropFirst(P))
        pass.cache = cache
        let rest = try setting.decoder.run(pass)
        for layer in 0..<setting.decoder.architecture.layers {
          var rows: [Float] = []
          for head in 0..<H {
            rows += whole.attentionGradient[layer][(head * T + P) * T..<(head + 1) * T * T]
          }
          #expect(isClose(rest.attentionGradient[layer], rows))
          #expect(isClose(rest.saliency[layer], Array(whole.saliency[layer].dropFirst(P * T))))
        }
      }
    }
  }

  @Test("Passes whose prompts are read but for the last token give what whole ones give")
  func reading() throws {
    for golden in [Self.deep, .named("llama"), .named("phi3_long")] {
      let setting = try Setting(golden)
      let texts = [setting.tokens, setting.tokens.dropLast(3) + [5, 6]]
      let passes = texts.map { tokens in
        Pass(
          tokens: tokens, labels: setting.labels,
          interventions: [
            Intervention(.block, edges: [Edge(from: 1, to: 4)]),
            Intervention(.scale(2), edges: [Edge(from: 3, to: tokens.count - 1)]),
          ], captures: .logits)
      }
      let shared = try setting.decoder.readingCommonBeginning(of: passes)
      let read = try setting.decoder.readingAllButLast(of: shared)
      for (pass, rest) in zip(passes, read) {
        let whole = try setting.decoder.run(pass)
        #expect(isClose(try setting.decoder.run(rest).logits, whole.logits))
        if golden.name != "phi3_long" { #expect(rest.tokens.count == 1) }
      }
      #expect(shared.allSatisfy { $0.tokens.count < 10 } || golden.name == "phi3_long")
    }
  }

  @Test("What cannot be computed over a cache is an error that says so")
  func refused() throws {
    let setting = try Setting(Self.deep)
    let cache = try setting.cache(of: 10)
    var pass = Pass(tokens: [1, 2], labels: setting.labels, answer: 0)
    pass.cache = cache
    func error(_ change: (inout Pass) -> Void) -> ModelError? {
      var changed = pass
      change(&changed)
      return #expect(throws: ModelError.self) { try setting.decoder.run(changed) }
    }
    #expect(error { $0.start = -1 } == .startOutOfRange(-1, context: 64))
    #expect(error { $0.start = .max } == .startOutOfRange(.max, context: 64))
    #expect(error { $0.start = 63 } == .promptTooLong(tokens: 65, context: 64))
    let edge = Intervention(.block, edges: [Edge(from: 2, to: 9)])
    #expect(error { $0.interventions = [edge] }?.description.contains("cached") == true)
    let other = try Setting(.named("plain"))
    #expect(throws: ModelError.cacheOfAnotherModel) { try other.decoder.run(pass) }
  }

  @Test(
    "Text grows token by token as if all of it were read for each",
    arguments: [deep, .named("llama"), .named("bloom"), .named("mistral"), .named("phi3_long")])
  func generation(golden: GoldenCase) throws {
    // In phi3_long it grows past the length at which keys are turned otherwise.
    let setting = try Setting(golden)
    var tokens = Array(setting.tokens.prefix(6))
    let added = try setting.decoder.generate(tokens, count: 40)
    for next in added {
      let logits = try setting.decoder.run(Pass(tokens: tokens, captures: .logits)).logits
      #expect(logits.firstIndex(of: logits.max()!) == next)
      tokens.append(next)
    }
    #expect(added.count == 40)
  }

  // MARK: - Runs that share a beginning

  @Test(
    "Prompts of a run that begin alike give what each gives alone",
    arguments: [deep, .named("llama"), .named("bloom"), .named("mistral"), .named("qwen3")])
  func sharing(golden: GoldenCase) throws {
    let setting = try Setting(golden)
    let change = [
      Intervention(.block, edges: (0..<6).map { Edge(from: $0, to: 6) }),
      .ablation(heads: [1], layers: [0]),
    ]
    for interventions in [[], change] {
      let passes = (1...6).map { number in
        Pass(
          tokens: setting.tokens.prefix(20) + [number] + setting.tokens.suffix(number),
          labels: setting.labels, interventions: interventions,
          captures: [.logits, .targetAttention, .lens])
      }
      let shared = try #require(
        SharedPrefix.pass(sharedBy: passes, setting.decoder.architecture))
      #expect(shared.tokens == Array(setting.tokens.prefix(20)))
      let together = try setting.decoder.run(passes, threads: 2) { $1 }
      for (pass, trace) in zip(passes, together) {
        let alone = try setting.decoder.run(pass, threads: 1)
        #expect(trace.tokens == pass.tokens)
        #expect(isClose(trace.logits, alone.logits))
        for (a, b) in zip(trace.targetAttention, alone.targetAttention) { #expect(isClose(a, b)) }
        for (a, b) in zip(trace.lens, alone.lens) { #expect(isClose(a, b)) }
      }
    }
  }

  @Test("Nothing is shared that one prompt needs for itself")
  func notShared() throws {
    let setting = try Setting(Self.deep)
    let architecture = setting.decoder.architecture
    func isShared(_ change: (Int, inout Pass) -> Void) -> Bool {
      let passes = (0..<3).map { number in
        var pass = Pass(
          tokens: setting.tokens.prefix(20) + [number], labels: setting.labels, answer: 0)
        change(number, &pass)
        return pass
      }
      return SharedPrefix.pass(sharedBy: passes, architecture) != nil
    }
    #expect(isShared { _, _ in })
    #expect(!isShared { _, pass in pass.captures = .saliency })
    #expect(!isShared { _, pass in pass.captures = .hidden })
    #expect(!isShared { number, pass in pass.tokens[3] = number })
    let early = Intervention(.block, edges: [Edge(from: 1, to: 3)])
    #expect(isShared { _, pass in pass.interventions = [early] })
    #expect(!isShared { number, pass in pass.interventions = number == 1 ? [early] : [] })
    #expect(
      isShared { number, pass in
        pass.tokens += Array(repeating: 1, count: number)
        pass.interventions = [
          Intervention(.block, edges: .between(Array(pass.tokens.indices), and: [3, 20 + number]))
        ]
      })
    #expect(
      isShared { number, pass in
        pass.interventions = [Intervention(.block, edges: [Edge(from: number, to: 20)])]
      })
  }
}

/// Whether both are one result, computed in another order.
func isClose(_ a: [Float], _ b: [Float]) -> Bool {
  largestDifference(a, b) <= 1e-5 * max(1, size(b))
}
