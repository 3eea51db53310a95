import Checkpoints
import Files
import Foundation
import Testing

@Suite("Model folders")
struct CheckpointTests {
  private let workshop: Workshop

  init() throws { workshop = try Workshop() }

  private func shard(_ name: String, _ tensors: [String: [Float]]) throws {
    try SafetensorsWriter.write(
      tensors.map { .init($0.key, shape: [$0.value.count], floats: $0.value) },
      to: workshop.place(name))
  }

  @Test("A folder that is not there, and one without config or weights, say what would help")
  func missing() throws {
    defer { workshop.remove() }
    let nowhere = workshop.place("none")
    #expect(throws: CheckpointError.noFolder(path: nowhere.path)) {
      try Checkpoint(folder: nowhere)
    }
    #expect(throws: CheckpointError.noConfig(path: workshop.folder.path)) {
      try Checkpoint(folder: workshop.folder)
    }
    try workshop.put("{}", "config.json")
    #expect(throws: CheckpointError.noWeights(path: workshop.folder.path, instead: nil)) {
      try Checkpoint(folder: workshop.folder)
    }
    try workshop.put("x", "tf_model.h5")
    let error = #expect(throws: CheckpointError.self) {
      try Checkpoint(folder: workshop.folder)
    }
    #expect(error?.description.contains("save_pretrained") == true)
  }

  @Test("Shards are read as one; tensors that the index does not list do not count")
  func shards() throws {
    defer { workshop.remove() }
    try workshop.put("{}", "config.json")
    try shard("m-1.safetensors", ["a": [1], "extra": [5]])
    try shard("m-2.safetensors", ["b": [2, 3]])
    try workshop.put(
      #"{"weight_map": {"a": "m-1.safetensors", "b": "m-2.safetensors"}}"#,
      "model.safetensors.index.json")
    let checkpoint = try Checkpoint(folder: workshop.folder)
    #expect(Set(checkpoint.tensors.keys) == ["a", "b"])
    #expect(try checkpoint.tensor("b")?.floatArray() == [2, 3])
    #expect(checkpoint.parameterCount == 3)
  }

  @Test(
    "An index that leads out of the folder, or to what is not there, is refused",
    arguments: [
      #"{"weight_map": {"a": "../m-1.safetensors"}}"#, #"{"weight_map": {"a": ".."}}"#,
      #"{"weight_map": {"a": "/etc/passwd"}}"#, #"{"weight_map": {"b": "m-1.safetensors"}}"#,
      #"{"weight_map": {"a": "m-9.safetensors"}}"#, #"{"weight_map": {"a": 1}}"#,
      #"{"weight_map": {}}"#, #"{"weight_map": []}"#, "{}", "[", "",
    ])
  func hostileIndex(text: String) throws {
    defer { workshop.remove() }
    try workshop.put("{}", "config.json")
    try shard("m-1.safetensors", ["a": [1]])
    try workshop.put(text, "model.safetensors.index.json")
    #expect(throws: CheckpointError.self) { try Checkpoint(folder: workshop.folder) }
  }

  @Test("The fingerprint changes with one bit of the weights and with the config")
  func fingerprint() throws {
    defer { workshop.remove() }
    var seen: Set<String> = []
    for (config, weight) in [("{}", 1), ("{}", 1 + Float.ulpOfOne), ("{ }", 1)] {
      try workshop.put(config, "config.json")
      try shard("model.safetensors", ["a": [weight]])
      let checkpoint = try Checkpoint(folder: workshop.folder)
      #expect(checkpoint.fingerprint == (try Checkpoint(folder: workshop.folder)).fingerprint)
      seen.insert(checkpoint.fingerprint)
    }
    #expect(seen.count == 3)
  }

  @Test("Weights stay readable after the checkpoint is gone and its file is replaced")
  func lifetime() throws {
    defer { workshop.remove() }
    try workshop.put("{}", "config.json")
    try shard("model.safetensors", ["a": [1, 2, 3]])
    let tensor = try #require(try Checkpoint(folder: workshop.folder).tensor("a"))
    try shard("model.safetensors", ["a": [4]])
    #expect(try tensor.floatArray() == [1, 2, 3])
  }

  @Test("A model's folder in the Hub's cache leads to its snapshot")
  func hubCache() throws {
    defer { workshop.remove() }
    for folder in ["refs", "snapshots/abc"] {
      try FileManager.default.createDirectory(
        at: workshop.place(folder), withIntermediateDirectories: true)
    }
    try workshop.put("abc\n", "refs/main")
    try workshop.put("{}", "snapshots/abc/config.json")
    try shard("snapshots/abc/model.safetensors", ["a": [1]])
    let checkpoint = try Checkpoint(folder: workshop.folder)
    #expect(checkpoint.folder.lastPathComponent == "abc")
  }
}

@Suite("config.json")
struct ConfigFileTests {
  private func config(_ text: String) throws -> ConfigFile {
    try ConfigFile(JSONValue(parsing: text), path: "config.json")
  }

  @Test("A number may be written either way, and null is absent")
  func numbers() throws {
    let config = try config(#"{"n": 12.0, "eps": 1, "none": null, "t": true, "s": "x"}"#)
    #expect(try config.int("n") == 12)
    #expect(try config.double("eps") == 1)
    #expect(try config.int("none", default: 3) == 3)
    #expect(try config.bool("t") && config.string("s") == "x")
    #expect(try config.string("absent", default: "y") == "y")
    #expect(!config.has("none"))
    #expect(config.keys == ["n", "eps", "none", "t", "s"])
  }

  @Test("What is missing or of another kind is named with what was found")
  func errors() throws {
    let config = try config(#"{"n": 1.5, "rope": {"type": "yarn"}, "none": null}"#)
    let cases: [(String, () throws -> Void)] = [
      ("n should be a whole number, but it is 1.5", { _ = try config.int("n") }),
      ("m should be a number, but it is not there", { _ = try config.double("m") }),
      ("none should be a text, but it is null", { _ = try config.string("none") }),
      ("n should be true or false, but it is 1.5", { _ = try config.bool("n", default: true) }),
      (
        "rope.type should be a whole number, but it is \"yarn\"",
        { _ = try config.section("rope")?.int("type") }
      ),
    ]
    for (message, body) in cases {
      let error = #expect(throws: CheckpointError.self) { try body() }
      #expect(error?.description == "config.json: " + message)
    }
  }

  @Test("A config that is no object is refused", arguments: ["[]", "1", "null"])
  func notObject(text: String) throws {
    #expect(throws: CheckpointError.self) { try config(text) }
  }
}
