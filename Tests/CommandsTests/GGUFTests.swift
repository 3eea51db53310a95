import Files
import Foundation
import Testing
import Tokenizers

@testable import Commands

@Suite("GGUF files in the language")
struct GGUFTests {
  static let folder = Shell.repository.appendingPathComponent("Tests/Goldens/gguf")
  static func file(_ name: String) -> URL {
    folder.appendingPathComponent("checkpoints/\(name).gguf")
  }

  let shell: Shell
  init() throws { shell = try Shell() }

  @Test(
    "The tokenizer in the file gives the ids of the library it comes from",
    arguments: ["llama", "gpt2"])
  func tokenizer(name: String) throws {
    let tokenizer = try #require(try Model(folder: Self.file(name)).tokenizer)
    let cases = try MappedFile(Self.folder.appendingPathComponent("cases.json")).json()
    let golden = cases["cases"]?.array?.first { $0["name"]?.string == "gguf " + name }
    let hashes = try #require(golden?["hostile_ids"]?.array)
    let texts = try MappedFile(
      Shell.repository.appendingPathComponent("Tests/Goldens/tokenizer/hostile.json")
    ).json()["texts"]?.array
    var compared = 0
    for (text, hash) in zip(try #require(texts).compactMap(\.string), hashes) {
      // SentencePiece takes these for text; a decoder of prompts must not.
      if name == "llama", ["<s>", "</s>", "<unk>"].contains(where: text.contains) { continue }
      #expect(Self.hash(tokenizer.ids(text)) == hash.string, "\(text.debugDescription)")
      compared += 1
    }
    #expect(compared > 100)
    #expect(tokenizer.decode(tokenizer.ids("a good film")).hasSuffix("a good film"))
    #expect(tokenizer.endOfText == (name == "llama" ? 2 : 0))
  }

  /// FNV-1a over ids as four bytes, little-endian.
  private static func hash(_ ids: [Int]) -> String {
    var value: UInt64 = 0xCBF2_9CE4_8422_2325
    for id in ids {
      for shift in [0, 8, 16, 24] {
        value = (value ^ UInt64(truncatingIfNeeded: id >> shift & 0xFF)) &* 0x100_0000_01B3
      }
    }
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  @Test("load takes a file or its folder; describe, models and analyses know it")
  func verbs() throws {
    try FileManager.default.createDirectory(
      at: shell.url("tiny"), withIntermediateDirectories: true)
    try FileManager.default.copyItem(at: Self.file("llama"), to: shell.url("tiny/small.Q4.gguf"))
    shell.run("m = load \"$/tiny/small.Q4.gguf\"")
    #expect(shell.text("m.name") == "\"small.Q4\"")
    let text = shell.text("describe m")
    for part in ["llama", "Q4_K", "Q8_0", "400 tokens", "metadata", "</s> (2)"] {
      #expect(text.contains(part), "\(part) in \(text)")
    }
    shell.run("n = load \"$/tiny\"")
    #expect(shell.text("m.fingerprint") == shell.text("n.fingerprint"))
    let models = shell.text("models \"$/tiny\"")
    #expect(models.contains("small.Q4.gguf") && models.contains("Q6_K"))
    #expect(!models.contains("broken"))
    #expect(
      shell.text("describe m prompt=(prompt text=\"a good film\" model=m)").contains("weights"))
    #expect(shell.text("describe m check=true").contains("pass"))
    shell.run("predict m (prompt text=\"a good film\" model=m)")
  }

  @Test("A tokenizer.json beside the file is preferred")
  func beside() throws {
    try FileManager.default.copyItem(at: Self.file("gpt2"), to: shell.url("m.gguf"))
    let mini = Shell.mini.appendingPathComponent("tokenizer.json")
    try FileManager.default.copyItem(at: mini, to: shell.url("tokenizer.json"))
    let beside = try #require(try Model(folder: shell.url("m.gguf")).tokenizer)
    #expect(beside.ids("a good film") == (try Tokenizer(folder: Shell.mini)).ids("a good film"))
  }

  @Test("A file that cannot be used says why")
  func refused() throws {
    #expect(shell.error("load \"$/none.gguf\"").contains("holds no .gguf file"))
    try shell.write("<html>", to: "page.gguf")
    #expect(shell.error("load \"$/none.gguf\"").contains("its folder holds page.gguf"))
    #expect(shell.error("load \"$/page.gguf\"").contains("web page"))
    try shell.write("{}", to: "config.json")
    #expect(shell.error("load \"$/config.json\"").contains("it is a text"))
    // Without a tokenizer the model takes token ids.
    try FileManager.default.copyItem(at: Self.file("qwen3"), to: shell.url("q.gguf"))
    #expect(shell.error("prompt text=\"a\" model=(load \"$/q.gguf\")").contains("tokenizer.json"))
    shell.run("predict (load \"$/q.gguf\") (prompt tokens=[1, 2, 3])")
  }
}
