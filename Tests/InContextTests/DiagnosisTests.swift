import Files
import Foundation
import Testing

@testable import InContext

@Suite("Prompts of the error diagnosis, of calibration, and of shuffled demonstrations")
struct DiagnosisTests {
  private func builder(contextLength: Int? = nil) throws -> PromptBuilder {
    try PromptBuilder(
      try Fixtures.dataset("trec"), tokenizer: try Fixtures.mini.get(),
      contextLength: contextLength)
  }

  @Test("Demonstrations take turns in class order; rows are NumPy's")
  func draw() throws {
    let file = Fixtures.goldens.appendingPathComponent("confusion/confusion.json")
    let draw = try #require(MappedFile(file).json()["draw"])
    let classes = draw["demonstrations"]!.array!.map { $0.array!.compactMap(\.int) }
    let rows = draw["rows"]!.array!.compactMap(\.int)
    let prompts = try builder().diagnosis(
      pool: draw["pool"]!.int!, samples: rows.count, seed: draw["seed"]!.int!)
    #expect(prompts.answered.map(\.query) == rows)
    #expect(prompts.answered.allSatisfy { $0.demonstrations == classes.map { $0[0] } })
    #expect(prompts.queried.map(\.query) == Array(rows.indices))
    for (index, prompt) in prompts.queried.enumerated() {
      #expect(prompt.demonstrations == classes.map { $0[index % 16] })
      #expect(prompt.labelPositions.map(\.[0]) == prompt.labelPositions.map(\.[0]).sorted())
    }
  }

  @Test("A class with few rows makes the pool smaller; what is too long is left out or an error")
  func limits() throws {
    let prompts = try builder().diagnosis(pool: 1_000, samples: 3, seed: 42)
    let dataset = try Fixtures.dataset("trec")
    #expect(prompts.pool == dataset.classCounts.min())
    #expect(throws: PromptError.self) {
      try builder(contextLength: 40).diagnosis(pool: 1_000, samples: 3, seed: 42)
    }
    // Twenty rows of a file whose demonstrations differ; some are longer than all that are answered.
    let free = try builder().diagnosis(pool: 16, samples: 20, seed: 42)
    let longest = try #require(free.answered.map(\.tokens.count).max())
    let fitting = free.queried.filter { $0.tokens.count <= longest }
    #expect(!fitting.isEmpty && fitting.count < 20)
    let limited = try builder(contextLength: longest).diagnosis(pool: 16, samples: 20, seed: 42)
    #expect(limited.queried.map(\.tokens) == fitting.map(\.tokens))
    #expect(limited.dropped == 20 - fitting.count)
  }

  @Test("Shuffled demonstrations are the drawn ones in another order, that of default_rng(seed)")
  func order() throws {
    let builder = try builder()
    let drawn = try builder.fixed(shots: 2, samples: 1, seed: 42).prompts[0].demonstrations
    let shuffled = try builder.fixed(shots: 2, samples: 1, seed: 42, order: .shuffled)
    let order = [0, 7, 6, 9, 11, 3, 5, 2, 4, 10, 1, 8]  // specification, G.2
    #expect(shuffled.prompts[0].demonstrations == order.map { drawn[$0] })
    let free = try builder.contentFree(["N/A", ""], shots: 2, seed: 42, order: .shuffled)
    #expect(free.map(\.demonstrations) == [1, 2].map { _ in order.map { drawn[$0] } })
    #expect(free[1].text.hasSuffix("\nQuestion: \nAnswer Type:"))
    #expect(free.allSatisfy { $0.answer == nil && $0.query == nil })
  }
}
