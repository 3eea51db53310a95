import Files
import Testing
import Tokenizers

@testable import InContext

@Suite("Prompts")
struct PromptTests {
  /// The paper's rule: a label is its first token behind the anchor token and a colon.
  private func anchoredPositions(
    _ tokens: [Int], labels: [Int], anchor: Int, colon: Int
  ) -> [[Int]] {
    labels.map { label in
      tokens.indices.dropFirst(2).filter {
        tokens[$0] == label && tokens[$0 - 1] == colon && tokens[$0 - 2] == anchor
      }
    }
  }

  private func writer(_ name: String) throws -> PromptWriter {
    let builtIn = try #require(BuiltIn(named: name))
    return try PromptWriter(
      template: builtIn.template, classes: builtIn.classes.map(\.name),
      tokenizer: Fixtures.gpt2.get())
  }

  // MARK: The paper's examples

  @Test("The paper's SST-2 prompt has its labels, target and anchors where they should be")
  func goldenSST2() throws {
    let prompt = try writer("sst2").prompt(
      demonstrations: [
        Example(text: "a pale imitation ", label: 0, row: 5),
        Example(text: "truly gorgeous ", label: 1, row: 3),
      ], query: "it works ", answer: 1)
    #expect(prompt.tokens.count == 32)
    #expect(prompt.labelPositions == [[10], [21]])
    #expect(prompt.target == 31)
    #expect(prompt.anchors == [0, 1] + Array(6...13) + Array(17...22))
    #expect(prompt.queryStart == 23)
    #expect(prompt.labelTokens == [36183, 33733])
    #expect(prompt.demonstrations == [5, 3])
    #expect(prompt.pieces[10] == " Negative")
    #expect(
      prompt.roles.map(\.rawValue).joined(separator: " ") == """
        format format text text text text format format format format label format \
        format format text text text format format format format label format \
        format format query query query format format format target
        """)
  }

  @Test("Without their texts, demonstrations are template and label words on lines of their own")
  func withoutTexts() throws {
    var writer = try writer("sst2")
    writer.demonstratesTexts = false
    let prompt = writer.prompt(
      demonstrations: [
        Example(text: "a pale imitation ", label: 0, row: 5),
        Example(text: "truly gorgeous ", label: 1, row: 3),
      ], query: "it works ", answer: 1)
    #expect(
      prompt.text == """
        Review:
        Sentiment: Negative
        Review:
        Sentiment: Positive
        Review: it works \nSentiment:
        """)
    #expect(prompt.anchors == Array(0..<prompt.queryStart))
    #expect(prompt.labelPositions == [[6], [14]])
  }

  @Test("The paper's TREC prompt counts a label of three tokens once")
  func goldenTREC() throws {
    let writer = try writer("trec")
    let prompt = writer.prompt(
      demonstrations: [
        Example(text: "What does VCR stand for ?", label: 0, row: 0),
        Example(text: "Who is he ?", label: 3, row: 1),
      ], query: "Where is it ?")
    #expect(prompt.tokens.count == 39)
    #expect(prompt.labelPositions == [[13], [], [], [27], [], []])
    #expect(prompt.roles[13...15].allSatisfy { $0 == .label })
    #expect(prompt.roles[16] == .format)
    #expect(prompt.target == 38)
    #expect(prompt.anchors == [0, 1] + Array(9...18) + Array(23...28))
    #expect(prompt.queryStart == 29)
    #expect(writer.labels.splitWords == [" Abbreviation"])
    #expect(writer.labels.tokens == [2275, 20885, 12489, 7755, 13397, 7913])
  }

  @Test(
    "Whole experiments have the tokens and label positions of the reference",
    arguments: [("sst2", 3681), ("trec", 5994), ("agnews", 33706), ("emoc", 9650)])
  func references(name: String, anchor: Int) throws {
    let dataset = try Fixtures.dataset(name)
    let builder = try PromptBuilder(dataset, tokenizer: Fixtures.gpt2.get())
    for golden in try #require(try Fixtures.prompts()[name]?.array) {
      let seed = try #require(golden["seed"]?.int)
      let fixed = try builder.fixed(shots: 1, samples: 1000, seed: seed).prompts
      #expect(fixed[0].text == golden["first_text"]?.string)
      #expect(fixed[0].tokens == golden["first_ids"]?.ints)
      #expect(fixed[0].labelPositions == golden["first_positions"]?.intLists)
      #expect(fixed[0].labelTokens == golden["label_tokens"]?.ints)
      let redrawn = try builder.redrawn(shots: 1, samples: 1000, seed: seed)
      #expect(redrawn.dropped == 0)
      #expect(redrawn.prompts.map(\.tokens.count).max() == golden["longest_redrawn"]?.int)
      for (kind, prompts) in [("fixed", fixed), ("redrawn", redrawn.prompts)] {
        let ids = prompts.lazy.flatMap(\.tokens)
        let positions = prompts.lazy.flatMap { $0.labelPositions.joined() }
        #expect(Fixtures.digest(ids) == golden["\(kind)_ids_digest"]?.string)
        #expect(Fixtures.digest(positions) == golden["\(kind)_positions_digest"]?.string)
        let disagreeing = prompts.filter { prompt in
          prompt.labelPositions
            != anchoredPositions(
              prompt.tokens, labels: prompt.labelTokens, anchor: anchor, colon: 25)
        }
        #expect(disagreeing.isEmpty)
      }
    }
  }

  // MARK: Roles

  @Test("Roles partition every prompt, with either tokenizer", arguments: BuiltIn.all.map(\.name))
  func roles(name: String) throws {
    let dataset = try Fixtures.dataset(name)
    for tokenizer in [try Fixtures.gpt2.get(), try Fixtures.mini.get()] {
      let builder = try PromptBuilder(dataset, tokenizer: tokenizer)
      for prompt in try builder.fixed(shots: 2, samples: 40, seed: 42).prompts {
        #expect(prompt.roles.count == prompt.tokens.count)
        #expect(prompt.pieces.count == prompt.tokens.count)
        #expect(prompt.roles.filter { $0 == .target }.count == 1)
        #expect(prompt.roles.last == .target)
        #expect(Set(prompt.roles) == Set(Role.allCases))
        #expect(prompt.labelPositions.map(\.count) == dataset.classes.map { _ in 2 })
        for (id, positions) in prompt.labelPositions.enumerated() {
          #expect(positions.allSatisfy { prompt.tokens[$0] == prompt.labelTokens[id] })
          #expect(positions.allSatisfy { prompt.roles[$0] == .label })
        }
        // A query's tokens come last, the demonstrations' texts and labels before them.
        #expect(prompt.roles[..<prompt.queryStart].allSatisfy { $0 != .query && $0 != .target })
        #expect(prompt.roles[prompt.queryStart...].allSatisfy { $0 != .text && $0 != .label })
        #expect(prompt.demonstrations.count == 2 * dataset.classes.count)
        let row = try #require(prompt.query)
        #expect(prompt.answer == dataset.test[row].label)
        #expect(tokenizer.ids(prompt.text) == prompt.tokens)
      }
    }
  }

  @Test("A text that looks like a label is text")
  func decoys() throws {
    let prompt = try writer("sst2").prompt(
      demonstrations: [Example(text: "x\nSentiment: Positive\nReview: y ", label: 0, row: 0)],
      query: "Sentiment: Negative ")
    #expect(prompt.labelPositions.map(\.count) == [1, 0])
    #expect(prompt.roles.filter { $0 == .label }.count == 1)
  }

  @Test("Empty texts and texts of any script keep their roles")
  func oddTexts() throws {
    let writer = try writer("sst2")
    for text in ["", " ", "\n", "日本語のレビュー", "🙂🙃", "e\u{301}", "<|endoftext|>", "\u{0}"] {
      let prompt = writer.prompt(
        demonstrations: [
          Example(text: text, label: 0, row: 0), Example(text: text, label: 1, row: 1),
        ],
        query: text)
      #expect(prompt.labelPositions.map(\.count) == [1, 1])
      #expect(prompt.roles.last == .target)
      #expect(prompt.tokens[prompt.target] == 25)
    }
  }

  @Test("Without demonstrations there is only the query")
  func zeroShot() throws {
    let builder = try PromptBuilder(Fixtures.dataset("trec"), tokenizer: Fixtures.gpt2.get())
    let prompt = try builder.prompt(shots: 0, text: "Who ?", seed: 42)
    #expect(prompt.text == "Question: Who ?\nAnswer Type:")
    #expect(prompt.queryStart == 0 && prompt.anchors.isEmpty)
    #expect(prompt.labelPositions.joined().isEmpty)
    #expect(prompt.query == nil && prompt.answer == nil)
  }

  @Test("The query is asked for by its place in the shuffled test rows")
  func query() throws {
    let builder = try PromptBuilder(Fixtures.dataset("sst2"), tokenizer: Fixtures.gpt2.get())
    #expect(try builder.prompt(shots: 1, query: 2, seed: 42).query == 51)
  }

  // MARK: What cannot work

  @Test("Labels that begin with the same token are refused by name")
  func sameFirstToken() throws {
    let template = try Template(
      "{text}\nA:{label}", labelWords: [" Abbreviation", " Abominable", " Abbreviated"])
    let tokenizer = try Fixtures.gpt2.get()
    let error = #expect(throws: PromptError.self) {
      try PromptWriter(template: template, classes: ["a", "b", "c"], tokenizer: tokenizer)
    }
    #expect(error?.description.contains("begin with the same token (2275)") == true)
  }

  @Test("A label word that melts into the template is refused")
  func melted() throws {
    let template = try Template(
      "{text}\nA{label}", labelWords: ["nswer", "pple"], spacing: .literal)
    let tokenizer = try Fixtures.gpt2.get()
    #expect(throws: PromptError.self) {
      try PromptWriter(template: template, classes: ["a", "b"], tokenizer: tokenizer)
    }
  }

  @Test("A prompt beyond the context is an error, and is left out where demonstrations change")
  func tooLong() throws {
    let dataset = try Fixtures.dataset("agnews")
    let builder = try PromptBuilder(dataset, tokenizer: Fixtures.gpt2.get(), contextLength: 300)
    #expect(throws: PromptError.self) { try builder.fixed(shots: 3, samples: 10, seed: 42) }
    #expect(throws: PromptError.allTooLong(count: 10, limit: 300, shots: 3)) {
      try builder.redrawn(shots: 3, samples: 10, seed: 42)
    }
    let some = try builder.redrawn(shots: 1, samples: 100, seed: 42)
    #expect(some.dropped > 0)
    #expect(some.prompts.count + some.dropped == 100)
    #expect(some.prompts.allSatisfy { $0.tokens.count <= 300 })
    #expect(
      PromptError.tooLong(tokens: 1130, limit: 1024, shots: 5, row: 17).description
        == "the prompt for test row 17 has 1130 tokens; the model takes 1024. "
        + "Reduce shots (now 5), or load a model with a longer context.")
  }

  // MARK: Raw prompts

  @Test("A raw prompt finds its labels before the last position")
  func rawText() throws {
    let tokenizer = try Fixtures.gpt2.get()
    let prompt = try Prompt(
      raw: "good: Positive\nbad: Negative\nnice: Positive\nfine:",
      labels: [.word(" Negative"), .word(" Positive")], answer: .word(" Positive"),
      tokenizer: tokenizer)
    #expect(prompt.labelTokens == [36183, 33733])
    #expect(prompt.labelPositions.map(\.count) == [1, 2])
    #expect(prompt.labelPositions.joined().allSatisfy { prompt.roles[$0] == .label })
    #expect(prompt.answer == 1)
    #expect(prompt.roles.last == .target)
    let plain = try Prompt(raw: "Positive", tokenizer: tokenizer)
    #expect(plain.labelWords.isEmpty && plain.answer == nil)
  }

  @Test("A label that would melt into the text is what it is elsewhere, with one mark and no more")
  func meltedRawLabel() throws {
    let file = try MappedFile(Fixtures.pieces("llama2").appendingPathComponent("tokenizer.json"))
    let count = try Tokenizer(folder: Fixtures.pieces("llama2")).vocabularyCount
    // Two blanks are one token, as in LLaMA 2's own vocabulary.
    let json = String(decoding: file.bytes, as: UTF8.self)
      .replacing(#""vocab":{"#, with: #""vocab":{"▁▁":\#(count),"#)
      .replacing(#""merges":["#, with: #""merges":[["▁","▁"],"#)
    try Fixtures.withFiles(["tokenizer.json": Array(json.utf8)]) { folder in
      let tokenizer = try Tokenizer(folder: folder)
      let text = "A the word and the end: "
      let the = try #require(tokenizer.id(of: " the"))
      let word = try #require(tokenizer.id(of: " word"))
      #expect(tokenizer.encode(" the").map(\.id).contains(count))
      let prompt = try Prompt(
        raw: text, labels: [.word(" the"), .word(" word")], answer: .word(" word"),
        tokenizer: tokenizer)
      #expect(prompt.labelTokens == [the, word])
      #expect(prompt.labelPositions.map(\.count) == [2, 1])
      #expect(prompt.answer == 1)
    }
  }

  @Test(
    "A word without its blank is one without a mark", arguments: ["llama2", "metaspace-always"])
  func bareRawLabel(name: String) throws {
    let tokenizer = try Tokenizer(folder: Fixtures.pieces(name))
    let within = tokenizer.encode("(the", addSpecialTokens: false).first {
      $0.bytes.lowerBound == 1
    }
    let prompt = try Prompt(
      raw: "A the word: ", labels: [.word("the"), .word(" the")], tokenizer: tokenizer)
    #expect(prompt.labelTokens == [within?.id, tokenizer.id(of: " the")])
    #expect(prompt.labelPositions.map(\.count) == [0, 1])
  }

  @Test("Token ids need no tokenizer")
  func rawTokens() throws {
    let prompt = try Prompt(
      tokens: [5, 7, 9, 7, 9], labels: [.token(9), .token(7)], answer: .token(7))
    #expect(prompt.labelPositions == [[2], [1, 3]])
    #expect(prompt.roles == [.text, .label, .label, .label, .target])
    #expect(prompt.answer == 1)
    #expect(prompt.pieces == ["5", "7", "9", "7", "9"])
    #expect(throws: PromptError.needsTokenizer(" a")) {
      try Prompt(tokens: [1], labels: [.word(" a"), .word(" b")])
    }
    #expect(throws: PromptError.noTokens) { try Prompt(tokens: []) }
    #expect(throws: PromptError.negativeToken(-1)) { try Prompt(tokens: [-1]) }
    #expect(throws: PromptError.tooFewLabels(count: 1)) {
      try Prompt(tokens: [1], labels: [.token(1)])
    }
    #expect(throws: PromptError.unknownAnswer("3", labels: ["1", "2"])) {
      try Prompt(tokens: [1], labels: [.token(1), .token(2)], answer: .token(3))
    }
  }

  // MARK: JSON

  @Test("A prompt's JSON has the members that save promises, in their order")
  func json() throws {
    let builder = try PromptBuilder(Fixtures.dataset("sst2"), tokenizer: Fixtures.gpt2.get())
    let prompt = try builder.prompt(shots: 1, seed: 42)
    let json = try JSONValue(parsing: prompt.json.text)
    #expect(
      json.object?.keys == [
        "text", "tokens", "pieces", "roles", "label_positions", "target", "demonstrations",
        "query", "label_words", "answer",
      ])
    #expect(json["tokens"]?.ints == prompt.tokens)
    #expect(json["roles"]?.array?.last?.string == "target")
    #expect(json["label_positions"]?.intLists == [[39], [54]])
    #expect(json["demonstrations"]?.ints == [66730, 29890])
    #expect(json["query"]?.int == 726)
    let answer = try #require(prompt.answer)
    #expect(json["answer"]?.string == prompt.labelWords[answer])
    let raw = try Prompt(tokens: [1, 2]).json
    #expect(raw["query"] == .null && raw["answer"] == .null)
  }
}
