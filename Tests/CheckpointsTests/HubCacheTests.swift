import Foundation
import Testing

@testable import Checkpoints

@Suite("Hugging Face's cache")
struct HubCacheTests {
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("fathom-hub-\(UUID().uuidString)")

  private func write(_ text: String, to path: String) throws {
    let url = folder.appendingPathComponent(path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  @Test("A model is found by name, in the snapshot that main points at")
  func found() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    for commit in ["aaa", "bbb", "ccc"] {
      try write("{}", to: "models--org--some-model/snapshots/\(commit)/config.json")
    }
    try write("bbb\n", to: "models--org--some-model/refs/main")
    try write("{}", to: "models--gpt2/snapshots/1/config.json")
    try write("{}", to: "models--gpt2/snapshots/2/config.json")
    try write("", to: "models--org--empty/snapshots/1/README.md")
    try write("", to: "datasets--org--data/snapshots/1/config.json")
    let cache = HubCache(environment: ["HF_HUB_CACHE": folder.path])
    #expect(cache.snapshot(of: "org/some-model")?.lastPathComponent == "bbb")
    #expect(cache.snapshot(of: "gpt2")?.lastPathComponent == "2")
    #expect(cache.names == ["gpt2", "org/some-model"])
    for name in ["org/empty", "org/none", "", "/", "a/b/c", "..", "../x", "org/..", "a b", "ö"] {
      #expect(cache.snapshot(of: name) == nil, "\(name)")
    }
  }

  @Test("The variables are asked in the order of Hugging Face's tools")
  func places() {
    func path(_ environment: [String: String]) -> String {
      HubCache(environment: environment).folder.path
    }
    #expect(path(["HF_HUB_CACHE": "/a", "HF_HOME": "/b"]) == "/a")
    #expect(path(["HF_HOME": "/b", "XDG_CACHE_HOME": "/c"]) == "/b/hub")
    #expect(path(["XDG_CACHE_HOME": "/c"]) == "/c/huggingface/hub")
    #expect(path([:]).hasSuffix("/.cache/huggingface/hub"))
    #expect(HubCache(environment: ["HF_HUB_CACHE": "/nowhere"]).names.isEmpty)
  }
}
