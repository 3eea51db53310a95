import Testing

@testable import Transformer

/// Passes with gradients that begin alike share what the beginning's activations are.
@Suite("Held prefixes")
struct HeldPrefixTests {
  private static let everyKind = GoldenCase.all.filter { $0.name != "single" }
  private static let captures: Captures = [
    .logits, .hidden, .queriesKeysValues, .targetAttention, .attentionGradient, .saliency, .lens,
    .attribution, .cache,
  ]

  private func beginning(_ setting: KeyValueCacheTests.Setting) -> [Int] {
    (0..<20).map { setting.tokens[$0 % setting.tokens.count] }
  }

  /// Six prompts of different length that begin alike.
  private func passes(
    _ setting: KeyValueCacheTests.Setting, _ captures: Captures,
    _ interventions: [Intervention] = []
  ) -> [Pass] {
    (1...6).map { number in
      Pass(
        tokens: beginning(setting) + [number] + setting.tokens.suffix(number - 1),
        labels: setting.labels, answer: 0, interventions: interventions, captures: captures)
    }
  }

  @Test("Prompts that begin alike give the gradients that each gives alone", arguments: everyKind)
  func gradients(golden: GoldenCase) throws {
    let change = [
      Intervention(.block, edges: [Edge(from: 2, to: 6), Edge(from: 2, to: 20)]),
      Intervention(.scale(0.5), edges: [Edge(from: 3, to: 9), Edge(from: 4, to: 20)]),
      .ablation(heads: [1], layers: [0]),
    ]
    for (captures, change) in [(Self.captures, []), (.saliency, change)] {
      let setting = try KeyValueCacheTests.Setting(golden)
      let passes = passes(setting, captures, change)
      let first = try setting.decoder.run(passes, threads: 1) { $1.labelLogits }
      #expect(heldTokens(of: setting.decoder) == beginning(setting))
      let together = try setting.decoder.run(passes, threads: 2) { $1 }
      #expect(first == together.map(\.labelLogits))
      for (pass, trace) in zip(passes, together) {
        let alone = try setting.decoder.run(pass, threads: 1)
        for part in [\Trace.logits, \.labelLogits] {
          #expect(isClose(trace[keyPath: part], alone[keyPath: part]))
        }
        let layers: [KeyPath<Trace, [[Float]]>] = [
          \.hidden, \.queries, \.keys, \.values, \.targetAttention, \.attentionGradient, \.saliency,
          \.lens, \.headAttribution, \.mlpAttribution,
        ]
        for part in layers {
          #expect(trace[keyPath: part].count == alone[keyPath: part].count)
          for (a, b) in zip(trace[keyPath: part], alone[keyPath: part]) { #expect(isClose(a, b)) }
        }
      }
    }
  }

  @Test("A run over other prompts does not begin with what an earlier one left")
  func otherPrompts() throws {
    let setting = try KeyValueCacheTests.Setting(.named("deep"))
    _ = try setting.decoder.run(passes(setting, .saliency), threads: 1) { $1 }
    let other = Pass(
      tokens: setting.tokens.prefix(24).reversed(), labels: setting.labels, answer: 0,
      captures: .saliency)
    let again = try setting.decoder.run(other, threads: 1).saliency
    let fresh = try KeyValueCacheTests.Setting(.named("deep")).decoder.run(other, threads: 1)
    #expect(again == fresh.saliency)
  }

  @Test("Nothing is held where a pass needs more, or where there is no gradient")
  func notHeld() throws {
    let setting = try KeyValueCacheTests.Setting(.named("deep"))
    func isHeld(_ change: (Int, inout Pass) -> Void) -> Bool {
      var passes = passes(setting, .saliency)
      for index in passes.indices { change(index, &passes[index]) }
      return HeldPrefix(of: passes, in: setting.decoder) != nil
    }
    #expect(isHeld { _, _ in })
    #expect(!isHeld { _, pass in pass.captures.insert(.attention) })
    #expect(!isHeld { _, pass in pass.captures = .logits })
    #expect(!isHeld { index, pass in pass.tokens[3] = index })
    let early = Intervention(.block, edges: [Edge(from: 1, to: 3)])
    #expect(!isHeld { index, pass in pass.interventions = index == 1 ? [early] : [] })
  }

  /// What the workspace of the last run holds.
  private func heldTokens(of decoder: Decoder) -> [Int]? {
    decoder.workspaces.idle.withLock { $0.last?.held?.pass.tokens }
  }
}
