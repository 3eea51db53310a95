import Files
import Foundation
import Testing

@testable import Checkpoints

/// Writes GGUF files, right ones and wrong ones.
struct GGUFMaker {
  var version: UInt32 = 3
  var metadata: [(key: String, type: UInt32, value: [UInt8])] = []
  var tensors: [(name: String, shape: [UInt64], type: UInt32, offset: UInt64)] = []
  var data = 0
  var alignment = 32

  static func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }

  static func string(_ text: String) -> [UInt8] { little(UInt64(text.utf8.count)) + text.utf8 }

  mutating func add(_ key: String, _ text: String) { metadata.append((key, 8, Self.string(text))) }
  mutating func add(_ key: String, _ number: UInt32) {
    metadata.append((key, 4, Self.little(number)))
  }

  var bytes: [UInt8] {
    var bytes = Array("GGUF".utf8) + Self.little(version)
    bytes += Self.little(UInt64(tensors.count)) + Self.little(UInt64(metadata.count))
    for (key, type, value) in metadata { bytes += Self.string(key) + Self.little(type) + value }
    for tensor in tensors {
      bytes += Self.string(tensor.name) + Self.little(UInt32(tensor.shape.count))
      // The fastest axis first.
      bytes += tensor.shape.reversed().flatMap(Self.little)
      bytes += Self.little(tensor.type) + Self.little(tensor.offset)
    }
    while bytes.count % alignment != 0 { bytes.append(0) }
    return bytes + [UInt8](repeating: 0, count: data)
  }
}

@Suite("GGUF files")
struct GGUFTests {
  private let workshop: Workshop
  init() throws { workshop = try Workshop() }

  static let goldens = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Goldens/gguf/checkpoints")

  /// What is wrong with a file, if anything.
  private func violation(of read: () throws -> Void) -> GGUFViolation? {
    do {
      try read()
      return nil
    } catch {
      guard let error = error as? CheckpointError, case .invalidGGUF(_, let violation) = error
      else {
        Issue.record("\(error)")
        return nil
      }
      #expect(!violation.description.isEmpty)
      return violation
    }
  }

  private func violation(_ bytes: [UInt8]) throws -> GGUFViolation? {
    try workshop.put(bytes, "x.gguf")
    return violation { _ = try GGUFFile(workshop.place("x.gguf")) }
  }

  private func violation(_ change: (inout GGUFMaker) -> Void) throws -> GGUFViolation? {
    var maker = GGUFMaker()
    maker.tensors = [("a", [4, 32], 8, 0), ("b", [8], 0, 160)]
    maker.data = 192
    change(&maker)
    return try violation(maker.bytes)
  }

  @Test("A sound file is read, the slowest axis first")
  func sound() throws {
    defer { workshop.remove() }
    #expect(try violation { _ in } == nil)
    let file = try GGUFFile(workshop.place("x.gguf"))
    #expect(file.tensors["a"]?.shape == [4, 32])
    #expect(file.tensors["a"]?.type == .q80)
    #expect(file.tensors["a"]?.bytes.count == 4 * 34)
    #expect(try violation { $0.version = 2 } == nil)
  }

  @Test(
    "A scale that is no number makes a block so",
    arguments: [(8, 0), (6, 0), (2, 0), (12, 2), (13, 2), (14, 208)])
  func notFinite(type: UInt32, scale: Int) throws {
    defer { workshop.remove() }
    var maker = GGUFMaker()
    maker.tensors = [("a", [2, 256], type, 0)]
    maker.data = 1024
    var bytes = maker.bytes
    try workshop.put(bytes, "x.gguf")
    #expect(try GGUFFile(workshop.place("x.gguf")).tensors["a"]?.nonFiniteCount == 0)
    let start = bytes.count - 1024 + scale
    bytes.replaceSubrange(start..<start + 2, with: [0x00, 0x7E])
    try workshop.put(bytes, "x.gguf")
    let tensor = try #require(try GGUFFile(workshop.place("x.gguf")).tensors["a"])
    #expect(tensor.nonFiniteCount == tensor.type.block.count)
  }

  @Test("Each rule that a file breaks is named")
  func rules() throws {
    defer { workshop.remove() }
    #expect(try violation { $0.version = 1 } == .version(1))
    #expect(try violation { $0.version = UInt32(3).byteSwapped } == .bigEndian)
    #expect(try violation { $0.tensors[1].name = "a" } == .repeatedTensor("a"))
    #expect(try violation { $0.tensors[1].offset = 128 } == .overlap(tensor: "b"))
    #expect(try violation { $0.tensors[1].offset = 161 } == .offset(tensor: "b", offset: 161))
    #expect(try violation { $0.data = 180 } == .truncated(missing: 12))
    #expect(try violation { $0.tensors[1].offset = 1 << 40 } != nil)
    #expect(try violation { $0.tensors[1].offset = .max - 31 } == .sizeOverflow(tensor: "b"))
    #expect(
      try violation { $0.tensors[1].shape = [1 << 32, 1 << 32] } == .sizeOverflow(tensor: "b"))
    #expect(try violation { $0.tensors[1].shape = [.max] } == .sizeOverflow(tensor: "b"))
    #expect(try violation { $0.tensors[1].shape = [] } == .dimensions(tensor: "b", count: 0))
    #expect(
      try violation { $0.tensors[1].shape = [1, 1, 1, 2, 4] } == .dimensions(tensor: "b", count: 5))
    #expect(
      try violation { $0.tensors[0].type = 11 } == .unreadableType(tensor: "a", type: "Q3_K"))
    #expect(
      try violation { $0.tensors[0].shape = [4, 31] }
        == .partialBlock(tensor: "a", row: 31, type: .q80))
    #expect(
      try violation {
        $0.add("k", 1)
        $0.add("k", 2)
      } == .repeatedKey("k"))
    #expect(
      try violation { $0.metadata = [("k", 77, [])] } == .unknownValueType(key: "k", type: 77))
    #expect(try violation { $0.metadata = [("k", 7, [2])] } == .boolean(key: "k", byte: 2))
    #expect(
      try violation { $0.metadata = [("k", 10, GGUFMaker.little(UInt64.max))] }
        == .number(key: "k", value: .max))
    #expect(try violation { $0.add("general.alignment", 24) } == .alignment(24))
    #expect(try violation { $0.add("general.alignment", 0) } == .alignment(0))
    let nested = (0..<9).flatMap { _ in GGUFMaker.little(UInt32(9)) + GGUFMaker.little(UInt64(1)) }
    #expect(try violation { $0.metadata = [("k", 9, nested)] } == .nesting(key: "k"))
  }

  @Test("Lengths beyond the file are refused before anything is made")
  func lengths() throws {
    defer { workshop.remove() }
    func isBeyond(_ violation: GGUFViolation?) -> Bool {
      if case .headerBeyondFile = violation { true } else { false }
    }
    let longText = GGUFMaker.little(UInt64(1) << 62)
    #expect(isBeyond(try violation { $0.metadata = [("k", 8, longText)] }))
    for type: UInt32 in [0, 6, 8, 9, 12] {
      let list = GGUFMaker.little(type) + GGUFMaker.little(UInt64.max)
      #expect(isBeyond(try violation { $0.metadata = [("k", 9, list)] }), "\(type)")
    }
    let sound = GGUFMaker().bytes
    #expect(
      isBeyond(try violation(Array(sound[..<8]) + GGUFMaker.little(UInt64.max) + sound[16...])))
    #expect(isBeyond(try violation(Array(sound[..<16]) + GGUFMaker.little(UInt64.max))))
    for count in 4..<24 { #expect(isBeyond(try violation(Array(sound[..<count]))), "\(count)") }
  }

  @Test("What is no GGUF file at all is called what it is")
  func strange() throws {
    defer { workshop.remove() }
    #expect(try violation(Array("<!DOCTYPE html>".utf8)) == .strange(.webPage))
    #expect(
      try violation(Array("version https://git-lfs.github.com/spec/v1".utf8))
        == .strange(.largeFilePointer))
    #expect(try violation([0, 1, 2, 3]) == .magic)
    #expect(try violation([]) == .magic)
  }

  @Test("A folder with one file and no other weights is that file; with several, one must be named")
  func folders() throws {
    defer { workshop.remove() }
    let name = "phi3_long.gguf"
    try FileManager.default.copyItem(
      at: Self.goldens.appendingPathComponent(name), to: workshop.place("m.gguf"))
    let alone = try Checkpoint(folder: workshop.folder)
    let direct = try Checkpoint(folder: workshop.place("m.gguf"))
    #expect(alone.fingerprint == direct.fingerprint)
    #expect(alone.fingerprint == Fingerprint.sha256(of: try #require(alone.gguf?.file).bytes))
    #expect(try alone.config.string("model_type") == "phi3")
    #expect(alone.tensors["model.layers.1.self_attn.qkv_proj.weight"]?.shape == [96, 32])
    #expect(alone.tensors.keys.allSatisfy { !$0.hasPrefix("rope") })
    try workshop.put([], "other.gguf")
    #expect(
      throws: CheckpointError.severalGGUF(
        path: workshop.folder.path, names: ["m.gguf", "other.gguf"])
    ) { try Checkpoint(folder: workshop.folder) }
    // Weights in Hugging Face's form come first.
    try workshop.put("{}", "config.json")
    try SafetensorsWriter.write(
      [.init("a", shape: [1], floats: [1])], to: workshop.place("model.safetensors"))
    #expect(try Checkpoint(folder: workshop.folder).tensors.keys.sorted() == ["a"])
  }

  @Test("A model in Hugging Face's cache may be a GGUF file")
  func cached() throws {
    defer { workshop.remove() }
    let snapshot = workshop.place("models--org--small-gguf/snapshots/abc")
    try FileManager.default.createDirectory(at: snapshot, withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      at: Self.goldens.appendingPathComponent("qwen2.gguf"),
      to: snapshot.appendingPathComponent("m.Q4_K_M.gguf"))
    let cache = HubCache(environment: ["HF_HUB_CACHE": workshop.folder.path])
    let found = try #require(cache.snapshot(of: "org/small-gguf"))
    #expect(HubCache.isComplete(found))
    #expect(try Checkpoint(folder: found).config.string("model_type") == "qwen2")
  }

  // MARK: - What the metadata says

  private func refusal(_ golden: String, _ change: (inout GGUFMaker) -> Void) throws -> String {
    let original = try GGUFFile(Self.goldens.appendingPathComponent(golden))
    var maker = GGUFMaker()
    for (key, value) in original.metadata.sorted(by: { $0.key < $1.key }) {
      switch value {
      case .integer(let number): maker.add(key, UInt32(number))
      case .string(let text): maker.add(key, text)
      case .number(let number):
        maker.metadata.append((key, 6, GGUFMaker.little(Float(number).bitPattern)))
      case .boolean(let flag): maker.metadata.append((key, 7, [flag ? 1 : 0]))
      case .list: break
      }
    }
    change(&maker)
    try workshop.put(maker.bytes, "x.gguf")
    return violation { _ = try Checkpoint(folder: workshop.place("x.gguf")) }?.description ?? ""
  }

  @Test("A key that changes the mathematics and is not computed is named")
  func refused() throws {
    defer { workshop.remove() }
    #expect(try refusal("llama.gguf") { _ in } == "")
    #expect(try refusal("llama.gguf") { $0.add("llama.expert_count", 8) }.contains("expert_count"))
    #expect(
      try refusal("llama.gguf") { $0.add("llama.rope.scaling.type", "yarn") }.contains("yarn"))
    #expect(
      try refusal("llama.gguf") { $0.add("llama.attention.temperature", 2) }
        .contains("llama.attention.temperature"))
    #expect(
      try refusal("llama3.gguf") { $0.add("llama.rope.dimension_count_", 2) }
        .contains("dimension_count_"))
    #expect(
      try refusal("llama.gguf") { maker in
        maker.metadata.removeAll { $0.key == "llama.block_count" }
      }.contains("llama.block_count"))
    #expect(
      try refusal("llama.gguf") { maker in
        maker.metadata.removeAll { $0.key == "general.architecture" }
        maker.add("general.architecture", "mamba")
      }.contains("mamba"))
    #expect(try refusal("llama.gguf") { $0.add("split.count", 3) }.contains("3 parts"))
    #expect(
      try refusal("gpt2.gguf") { $0.add("gpt2.attention.head_count_kv", 2) }
        .contains("head_count_kv"))
  }
}
