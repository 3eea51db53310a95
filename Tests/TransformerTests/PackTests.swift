import Testing

@testable import Transformer

/// Short passes that run together give what each gives alone.
@Suite("Packs of short passes")
struct PackTests {
  private static let everyKind = GoldenCase.all.filter { $0.name != "single" }

  @Test("Short prompts give what each gives alone", arguments: everyKind)
  func together(golden: GoldenCase) throws {
    let setting = try KeyValueCacheTests.Setting(golden)
    let architecture = setting.decoder.architecture
    let passes = (0..<9).map { number in
      var pass = Pass(
        tokens: (0...number % 5).map { setting.tokens[($0 * 3 + number) % setting.tokens.count] },
        labels: setting.labels, captures: number == 4 ? [.lens] : [.logits, .targetAttention])
      if number % 2 == 0 {
        pass.interventions = [
          .ablation(heads: [number % architecture.heads], layers: [0]),
          Intervention(.block, edges: [Edge(from: 0, to: pass.tokens.count - 1)]),
        ]
      }
      return pass
    }
    let packs = PackRunner.packs(of: passes, workers: 2, batch: nil)
    #expect(packs == [0..<5, 5..<9])
    let together = try setting.decoder.run(passes, threads: 2) { $1 }
    for (pass, trace) in zip(passes, together) {
      let alone = try setting.decoder.run(pass, threads: 1)
      #expect(isClose(trace.logits, alone.logits))
      #expect(isClose(trace.labelLogits, alone.labelLogits))
      #expect(trace.targetAttention.count == alone.targetAttention.count)
      for (a, b) in zip(trace.targetAttention, alone.targetAttention) { #expect(isClose(a, b)) }
      #expect(trace.lens.count == alone.lens.count)
      for (a, b) in zip(trace.lens, alone.lens) { #expect(isClose(a, b)) }
    }
  }

  @Test(
    "Packs behind a common beginning", arguments: [GoldenCase.named("mistral"), .named("phi3")])
  func behindPrefix(golden: GoldenCase) throws {
    let setting = try KeyValueCacheTests.Setting(golden)
    let passes = (0..<7).map { number in
      Pass(
        tokens: setting.tokens.prefix(12) + [number + 1] + setting.tokens.prefix(number),
        labels: setting.labels, captures: [.logits, .targetAttention])
    }
    let together = try setting.decoder.run(passes, threads: 2) { $1 }
    for (pass, trace) in zip(passes, together) {
      let alone = try setting.decoder.run(pass, threads: 1)
      #expect(trace.tokens == pass.tokens)
      #expect(isClose(trace.logits, alone.logits))
      for (a, b) in zip(trace.targetAttention, alone.targetAttention) { #expect(isClose(a, b)) }
    }
  }

  @Test("Packs are filled in order, with no more than a worker's share")
  func partition() {
    func packs(
      _ lengths: [Int], _ captures: Captures = .logits, workers: Int = 1, batch: Int? = nil
    )
      -> [Range<Int>]
    {
      PackRunner.packs(
        of: lengths.map { Pass(tokens: Array(repeating: 1, count: $0), captures: captures) },
        workers: workers, batch: batch)
    }
    let most = PackRunner.longestPass
    #expect(packs([10, 10, 10]) == [0..<3])
    #expect(packs([10, 10, 10], workers: 2) == [0..<2, 2..<3])
    #expect(packs([10, 10, 10, 10], workers: 2, batch: 2) == [0..<1, 1..<2, 2..<3, 3..<4])
    #expect(packs([10, 10, 10, 10], workers: 2, batch: 4) == [0..<2, 2..<4])
    #expect(packs([most, most, most]) == [0..<2, 2..<3])
    #expect(packs([most + 1, 10]) == [0..<1, 1..<2])
    #expect(packs([10, 10], .saliency) == [0..<1, 1..<2])
    #expect(packs([10, 10], [.logits, .hidden]) == [0..<1, 1..<2])
    #expect(packs([]) == [])
  }
}
