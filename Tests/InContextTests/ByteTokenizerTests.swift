import Foundation
import LinearAlgebra
import Testing
import Tokenizers

@testable import InContext

@Suite("Tokenizers to which a blank is a token")
struct ByteTokenizerTests {
  /// A tokenizer whose tokens are bytes, as GPT-2's alphabet writes them.
  private func tokenizer() throws -> Tokenizer {
    var next: UInt32 = 256
    let entries = (0..<256).map { byte -> String in
      let isShown = (33...126).contains(byte) || (161...172).contains(byte) || byte >= 174
      let scalar = isShown ? UInt32(byte) : next
      if !isShown { next += 1 }
      return "\"\\u\(String(scalar + 0x10000, radix: 16).dropFirst())\": \(byte)"
    }
    let json = """
      {"model": {"type": "BPE", "vocab": {\(entries.joined(separator: ", "))}, "merges": []},
       "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false},
       "decoder": {"type": "ByteLevel"}, "added_tokens": []}
      """
    return try Fixtures.withFiles(["tokenizer.json": Array(json.utf8)]) {
      try Tokenizer(folder: $0)
    }
  }

  @Test("The blank before label words then belongs to the template, and a query ends in it")
  func movedBlank() throws {
    let tokenizer = try tokenizer()
    let builder = try PromptBuilder(Fixtures.dataset("sst2"), tokenizer: tokenizer)
    let prompt = try builder.prompt(shots: 1, seed: 42)
    let usual = try PromptBuilder(Fixtures.dataset("sst2"), tokenizer: Fixtures.gpt2.get())
      .prompt(shots: 1, seed: 42)
    #expect(prompt.text == usual.text + " ")
    #expect(prompt.labelTokens.map(tokenizer.piece) == ["N", "P"])
    for (id, positions) in prompt.labelPositions.enumerated() {
      #expect(positions.count == 1 && prompt.tokens[positions[0]] == prompt.labelTokens[id])
    }
  }

  @Test("Of a raw prompt the words are to be written without the blank, which works")
  func raw() throws {
    let tokenizer = try tokenizer()
    let words = [Prompt.RawLabel.word(" Bad"), .word(" Good")]
    #expect(throws: PromptError.sameBlank(" Bad", " Good")) {
      try Prompt(raw: "fine:", labels: words, tokenizer: tokenizer)
    }
    let prompt = try Prompt(
      raw: "fine: ", labels: [.word("Bad"), .word("Good")], tokenizer: tokenizer)
    #expect(prompt.labelTokens.map(tokenizer.piece) == ["B", "G"])
  }

  @Test("Words that begin with one letter are still refused")
  func sameLetter() throws {
    let dataset = try Fixtures.dataset("sst2")
    let template = try dataset.template.with(labelWords: [" bad", " better"])
    #expect(throws: PromptError.self) {
      try PromptBuilder(dataset.with(template: template), tokenizer: tokenizer())
    }
  }

  @Test("Writing prompts can be stopped between two of them")
  func interruptible() throws {
    let asked = Locked(0)
    let monitor = Monitor(isCancelled: {
      asked.withLock { count in
        count += 1
        return count > 3
      }
    })
    let builder = try PromptBuilder(
      Fixtures.dataset("sst2"), tokenizer: Fixtures.gpt2.get(), monitor: monitor)
    #expect(throws: Cancelled.self) { try builder.fixed(shots: 1, samples: 100, seed: 42) }
    #expect(asked.withLock { $0 } == 4)
    #expect(throws: Cancelled.self) { try builder.redrawn(shots: 1, samples: 100, seed: 42) }
    #expect(throws: Cancelled.self) { try builder.diagnosis(pool: 2, samples: 100, seed: 42) }
  }
}
