import Checkpoints
import CommandLanguage
import Files
import Foundation
import InContext
import Testing

@testable import Commands

@Suite("What save writes")
struct SaveTests {
  let shell: Shell
  init() throws { shell = try Shell() }

  @Test("A prompt as JSON has the members that the language promises")
  func promptJSON() throws {
    shell.run("p = prompt sst2; save p \"$/p.json\"")
    let json = try shell.json("p.json")
    #expect(
      json.object?.keys == [
        "text", "tokens", "pieces", "roles", "label_positions", "target", "demonstrations", "query",
        "label_words", "answer",
      ])
    let prompt = try #require(shell.session[variable: "p"]?.object(PromptObject.self)).prompt
    #expect(json["tokens"]?.array?.compactMap(\.int) == prompt.tokens)
    #expect(json["text"]?.string == prompt.text)
  }

  @Test("Tables are written in full, quoted where they must be")
  func csv() throws {
    shell.run("tokens mini \"a, \\\"b\\\"\" | save \"$/t.csv\"")
    let lines = try shell.read("t.csv").split(separator: "\n")
    #expect(lines[0] == "position,id,piece,start,end")
    #expect(lines.contains { $0.contains("\",\"") || $0.contains("\"\"") })
    shell.run("save (table (tokens mini \"a b\")) \"$/t.json\"")
    #expect(try shell.json("t.json").array?.first?["piece"]?.string == "a")
  }

  @Test("A grid is written with one column a list before those of its results")
  func grid() throws {
    shell.run("generate mini \"The\" temperature=1 seed=1..2 tokens=2 | save \"$/g.csv\"")
    let lines = try shell.read("g.csv").split(separator: "\n")
    #expect(lines[0] == "seed,position,id,piece")
    #expect(lines.contains { $0.hasPrefix("2,") })
  }

  @Test("A figure is SVG in the theme and width that plot was told")
  func svg() throws {
    shell.run("prompt sst2 | plot theme=dark width=500 title=\"Mine\" | save \"$/p.svg\"")
    let text = try shell.read("p.svg")
    #expect(text.hasPrefix("<svg") && text.contains("500") && text.contains("Mine"))
    shell.run("set theme=dark width=500\nprompt sst2 | save \"$/q.svg\"")
    #expect(try shell.read("q.svg").hasPrefix("<svg"))
  }

  @Test("A script makes the value again")
  func script() throws {
    shell.run("q = prompt trec seed=7; save q \"$/q.fathom\"")
    let text = try shell.read("q.fathom")
    #expect(text.contains("\nload mini fingerprint=") && text.contains("# data trec"))
    let again = Fathom.session().execute(text).value.object(PromptObject.self)
    let first = shell.session[variable: "q"]?.object(PromptObject.self)
    #expect(again?.prompt.tokens == first?.prompt.tokens)
  }

  @Test("A script stops where another model has taken the place of the one it was made with")
  func otherModel() throws {
    let folder = shell.url("model")
    try FileManager.default.copyItem(at: Shell.mini, to: folder)
    shell.run("m = load \"$/model\"; prompt sst2 model=m | save \"$/p.fathom\"")
    let script = try shell.read("p.fathom")
    #expect(Fathom.session().execute(script).failure == nil)
    let config = folder.appendingPathComponent("config.json")
    var text = String(decoding: try Data(contentsOf: config), as: UTF8.self)
    text += "\n"
    try Data(text.utf8).write(to: config)
    let failure = Fathom.session().execute(script).failure
    #expect(failure?.name == "ModelError", "\(failure?.message ?? "")")
    #expect(failure?.message.hasPrefix("model has the fingerprint") == true)
    let mini = try #require(shell.run("load mini").value.object(Model.self))
    shell.run("load mini fingerprint=\"\(mini.fingerprint)\"")
    #expect(shell.error("load mini fingerprint=\"0123456789ab\"").contains("not 0123456789ab"))
  }

  @Test("What is no fingerprint is refused, and does not skip the comparison")
  func noFingerprint() throws {
    let mini = try #require(shell.run("load mini").value.object(Model.self))
    shell.run(
      "load mini fingerprint=\"\(mini.fingerprint.uppercased())\"; load mini fingerprint=any")
    for text in ["", "none", "any", "abc", mini.fingerprint + "0", "0123456789ag", "０１２３"] {
      let error = shell.error("load mini fingerprint=\"\(text)\"")
      #expect(
        error.hasPrefix("TypeError: fingerprint= wants a fingerprint, 12 hexadecimal digits"),
        "\(error)")
    }
  }

  @Test("A saliency profile is saved as tensors, that of one prompt with its flow")
  func saliency() throws {
    shell.run("s = saliency mini sst2 samples=3; save s \"$/s.safetensors\"")
    let file = try SafetensorsFile(shell.url("s.safetensors"))
    #expect(
      Set(file.tensors.keys)
        == ["wp", "pq", "ww", "wp_relative", "pq_relative", "ww_relative"])
    let result = try #require(shell.session[variable: "s"]?.object(SaliencyResult.self))
    #expect(try file.tensors["pq"]?.floatArray() == result.profile.layers.map { Float($0.pq) })
    shell.run("p = saliency mini (prompt sst2); save p \"$/p.safetensors\"")
    let one = try SafetensorsFile(shell.url("p.safetensors"))
    let tokens = try #require(one.tensors["tokens"]).integerArray()
    #expect(one.tensors["saliency.1"]?.shape == [tokens.count, tokens.count])
    #expect(try one.tensors["layers.1"]?.integerArray() == [4, 5, 6, 7])
    #expect(shell.text("help save").contains("saliency.0"))
  }

  @Test("Plain values are JSON, too")
  func values() throws {
    shell.run(#"save {"a": [1, 2.5], "b": "x"} "$/v.json""#)
    #expect(try shell.json("v.json")["a"]?.array?[1].double == 2.5)
  }

  @Test("What cannot be written says what can, and leaves nothing behind")
  func refusals() throws {
    shell.run("p = prompt sst2")
    #expect(
      shell.error("save p \"$/p.docx\"")
        == "ArgumentError: a prompt is not saved as .docx; it can be saved as .svg, .csv, .json, "
        + ".fathom.")
    #expect(shell.error("save p \"$/p\"").contains("has no extension"))
    #expect(shell.error("save p \"$/no/p.json\"").hasPrefix("FileError: cannot write"))
    #expect(shell.error("save p \"$/p.safetensors\"").hasPrefix("ArgumentError"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: shell.folder.path).isEmpty)
  }

  @Test("Displays carry their recipe, figures a picture and a text")
  func displays() throws {
    let display = try #require(shell.run("prompt sst2").display)
    #expect(display["image/svg+xml"]?.hasPrefix("<svg") == true)
    #expect(display.plain.contains("94 tokens"))
    guard case .map(let recipe)? = display.metadata["fathom"] else {
      Issue.record("no recipe")
      return
    }
    #expect(recipe["version"]?.word == Fathom.version)
    #expect(recipe["command"]?.word?.hasPrefix("prompt dataset=sst2 shots=1 seed=42") == true)
  }

  @Test("cite names the paper, the data set and Fathom")
  func cite() {
    let text = shell.text("cite (prompt sst2)")
    #expect(text.contains("wang2023label") && text.contains("socher2013recursive"))
    #expect(!shell.text("cite").contains("socher"))
  }

  @Test("version names Fathom, OpenBLAS and its core")
  func version() {
    let text = shell.text("version")
    #expect(text.contains(Fathom.version) && text.contains("OpenBLAS core"))
  }
}
