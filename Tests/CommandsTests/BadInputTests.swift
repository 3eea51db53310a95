import CommandLanguage
import Foundation
import Testing

@testable import Commands

@Suite("Bad input")
struct BadInputTests {
  let shell: Shell
  init() throws {
    shell = try Shell()
    shell.run("kept = 7")
  }

  /// Whether a cell fails with a name and all of these parts, and the session lives on.
  private func expect(
    _ cell: String, _ name: String, _ parts: String...,
    at location: SourceLocation = #_sourceLocation
  ) {
    let error = shell.error(cell)
    #expect(error.hasPrefix(name + ": "), "\(cell): \(error)", sourceLocation: location)
    for part in parts {
      #expect(error.contains(part), "\(cell): \(error)", sourceLocation: location)
    }
    #expect(shell.text("kept") == "7", sourceLocation: location)
  }

  @Test("Files that are not there")
  func missing() {
    expect("load \"$/none\"", "ModelError", "there is no folder", "config.json")
    expect("load gpt3", "ModelError", "no model 'gpt3'", "mini", "Hub")
    expect("load \"$\"", "ModelError", "there is no config.json in")
    expect("dataset \"$/none.csv\"", "DataError", "there is no file")
    expect("dataset sst3", "DataError", "did you mean 'sst2'?")
    expect("models \"$/none\"", "ModelError", "there is no folder")
  }

  @Test("A truncated checkpoint")
  func truncated() throws {
    try shell.copyOfMini("cut", changing: "model.safetensors") { $0.prefix(100_000) }
    expect("load \"$/cut\"", "ModelError", "model.safetensors", "missing at the end", "fetch")
  }

  @Test("A family that is not computed")
  func family() throws {
    try shell.copyOfMini("other", changing: "config.json") { data in
      Data(
        String(decoding: data, as: UTF8.self)
          .replacingOccurrences(of: "\"gpt_neox\"", with: "\"mamba\"").utf8)
    }
    expect("load \"$/other\"", "ModelError", "mamba", "gpt_neox")
  }

  @Test("A tokenizer of an unknown kind leaves a model that takes token ids")
  func tokenizer() throws {
    try shell.copyOfMini("odd", changing: "tokenizer.json") { data in
      Data(
        String(decoding: data, as: UTF8.self)
          .replacingOccurrences(of: "\"BPE\"", with: "\"Unigram\"").utf8)
    }
    shell.run("odd = load \"$/odd\"")
    expect("prompt sst2 model=odd", "ModelError", "odd cannot read a text", "Unigram", "tokens=[")
    shell.run("generate odd (prompt tokens=[5, 6]) tokens=2")
  }

  @Test("Data without the columns that are asked for")
  func columns() throws {
    try shell.write("utterance,intent\nhi,a\nho,b\n", to: "b.csv")
    expect("dataset \"$/b.csv\"", "DataError", "no column 'text'", "say text=utterance")
    expect("dataset \"$/b.csv\" text=utterance", "DataError", "no column 'label'", "label=intent")
    expect(
      #"dataset "$/b.csv" text=utterance label=intent labels=["a", "c"]"#, "DataError", "'b'")
  }

  @Test("A prompt that is longer than the context")
  func tooLong() {
    expect("prompt agnews shots=64", "DataError", "tokens; mini takes 2048", "Reduce shots")
    shell.run(
      "long = prompt tokens=[\(Array(repeating: "5", count: 2_100).joined(separator: ","))]")
    expect("generate mini long", "DataError", "2100 tokens; mini takes 2048")
  }

  @Test("Label words that begin with the same token")
  func sameToken() {
    expect(
      #"prompt sst2 labels=[" greet", " greek"]"#, "DataError", "begin with the same token")
    expect(#"prompt sst2 labels=[" good", " good"]"#, "DataError", "two classes have the label")
    expect(#"prompt sst2 labels=[" a", " b", " c"]"#, "DataError")
  }

  @Test("Verbs, options and values that do not exist")
  func unknown() {
    expect("laod mini", "NameError", "did you mean 'load'?")
    expect("prompt sst2 shot=1", "ArgumentError", "did you mean 'shots'?")
    expect("prompt sst2 shots=99", "ArgumentError", "shots=99 is outside 0...64")
    expect("prompt sst2 shots=two", "TypeError", "a whole number")
    expect("prompt sst2 query=872", "DataError", "872")
    expect("prompt", "ArgumentError", "a data set, text= or tokens=")
    expect(#"prompt text="x" tokens=[1]"#, "ArgumentError", "both given")
    expect("prompt tokens=[-1]", "DataError", "negative")
    expect("show mimi", "NameError", "did you mean 'mini'?")
    expect("plot mini", "TypeError", "a model has no figure")
    expect("table 5", "TypeError", "no table")
    expect("set theme=drak", "ArgumentError", "did you mean 'dark'?")
    expect("template \"x{text}\"", "DataError", "no {label}")
    expect("generate mini hello", "NameError", "a text in quotes")
    expect(#"prompt sst2 text="so " answer=neutral"#, "ArgumentError", "negative, positive")
    expect(
      #"prompt text="x:" labels=[" a", " b"] answer=" c""#, "DataError", "none of the labels")
  }
}
