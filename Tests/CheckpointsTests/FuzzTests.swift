import Checkpoints
import Files
import Foundation
import Fuzzing
import Testing

@Suite("Fuzzed weight files", .serialized)
struct FuzzTests {
  private static let tests = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent()

  /// What a refusal and the reader's own tables may take beyond twice the file.
  private static let allowance = 4 << 20

  private func files(_ names: [String]) throws -> [[UInt8]] {
    try names.map {
      [UInt8](try Data(contentsOf: Self.tests.appendingPathComponent("Goldens/" + $0)))
    }
  }

  private func check(_ report: FuzzRun.Report) {
    #expect(report.slowest < 1, "\(report)")
    #expect(report.memory < Self.allowance, "\(report)")
    #expect(report.accepted > 0 && report.accepted < report.cases, "\(report)")
  }

  /// Touches all that a reader says is there.
  private func use(_ tensors: some Sequence<TensorEntry>) {
    for tensor in tensors {
      precondition(
        tensor.bytes.count == tensor.count / tensor.type.block.count * tensor.type.block.bytes)
      _ = try? tensor.floatArray()
      _ = tensor.bytes.reduce(0) { $0 &+ Int($1) }
    }
  }

  @Test("safetensors: any bytes are refused or read")
  func safetensors() throws {
    let originals = try files([
      "pytorch/odd.safetensors", "gpt2/checkpoints/half/model.safetensors",
    ])
    check(
      try FuzzRun.run("bytes.safetensors") { number, mutator in
        let original = originals[number % 2]
        // In half of the files the header is all there is, else most cases were in the data.
        let header = 8 + Int(original[0]) + 256 * Int(original[1])
        return mutator.mutate(original, donor: originals[(number + 1) % 2], focus: 0..<header)
      } read: {
        use(try SafetensorsFile($0).tensors.values)
      })
  }

  @Test("safetensors: any header in valid JSON is refused or read")
  func safetensorsHeader() throws {
    let original = try files(["pytorch/odd.safetensors"])[0]
    let length = Int(original[0]) + 256 * Int(original[1])
    let header = try JSONValue(parsing: Array(original[8..<8 + length]))
    check(
      try FuzzRun.run("header.safetensors") { _, mutator in
        Workshop.file(mutator.mutate(header).text, data: Array(original[(8 + length)...]))
      } read: {
        use(try SafetensorsFile($0).tensors.values)
      })
  }

  @Test("pytorch_model.bin: any bytes are refused or read")
  func archives() throws {
    let originals = try files([
      "pytorch/odd.bin", "pytorch/odd_wide.bin",
      "pytorch/gpt2_shards/pytorch_model-00002-of-00002.bin",
    ])
    check(
      try FuzzRun.run("bytes.bin") { number, mutator in
        let original = originals[number % 3]
        // The pickle is at the start, the directory at the end.
        let focus = number % 2 == 0 ? 0..<2_500 : original.count - 1_200..<original.count
        return mutator.mutate(original, donor: originals[(number + 1) % 3], focus: focus)
      } read: {
        use(try PyTorchFile($0).tensors.values)
      })
  }

  @Test("pytorch_model.bin: any pickle in a sound archive is refused or read")
  func pickles() throws {
    let names = ["odd", "odd_protocol4"]
    let archives = try names.map { try StoredArchive(Self.tests, "Goldens/pytorch/\($0).bin") }
    check(
      try FuzzRun.run("pickle.bin") { number, mutator in
        let archive = archives[number % 2]
        return archive.bytes(
          replacingPickle: mutator.mutate(archive.pickle, donor: archives[(number + 1) % 2].pickle))
      } read: {
        use(try PyTorchFile($0).tensors.values)
      })
  }

  @Test("GGUF: any bytes are refused or read")
  func gguf() throws {
    let originals = try files(
      ["llama", "phi3_long", "gemma2"].map { "gguf/checkpoints/\($0).gguf" })
    check(
      try FuzzRun.run("bytes.gguf") { number, mutator in
        let original = originals[number % 3]
        // The model's keys come first, then its tokenizer, then the tensors.
        let focus = number % 2 == 0 ? 0..<1_500 : 0..<original.count / 6
        return mutator.mutate(original, donor: originals[(number + 1) % 3], focus: focus)
      } read: {
        let file = try GGUFFile($0)
        for value in file.metadata.values {
          if case .list(let list) = value {
            _ = list.strings ?? list.integers.map { _ in [] } ?? list.numbers.map { _ in [] }
          }
        }
        use(try Checkpoint(folder: $0).tensors.values)
      })
  }

  @Test("An index of shards, whatever it says, is refused or read")
  func index() throws {
    let folder = Self.tests.appendingPathComponent("Goldens/pytorch/gpt2_shards")
    let name = "pytorch_model.bin.index.json"
    let original = try files(["pytorch/gpt2_shards/" + name])[0]
    let json = try JSONValue(parsing: original)
    let workshop = try Workshop()
    defer { workshop.remove() }
    for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) where file != name
    {
      try FileManager.default.copyItem(
        at: folder.appendingPathComponent(file), to: workshop.place(file))
    }
    let place = workshop.place(name)
    check(
      try FuzzRun.run(name) { number, mutator in
        number % 2 == 0
          ? mutator.mutate(original, donor: original) : Array(mutator.mutate(json).text.utf8)
      } read: { url in
        unlink(place.path)
        symlink(url.path, place.path)
        use(try Checkpoint(folder: workshop.folder).tensors.values)
      })
  }
}

/// The entries of a file of `torch.save`, to be put together again with another pickle.
private struct StoredArchive {
  let pickle: [UInt8]
  private let storages: [(name: String, content: [UInt8])]

  /// Reads by the order in which `torch.save` writes: a local header before each entry.
  init(_ folder: URL, _ path: String) throws {
    let bytes = [UInt8](try Data(contentsOf: folder.appendingPathComponent(path)))
    func number(_ offset: Int, _ width: Int) -> Int {
      (0..<width).reversed().reduce(0) { $0 << 8 | Int(bytes[offset + $1]) }
    }
    // The directory follows from the record that ends the file.
    var position = number(bytes.count - 6, 4)
    var entries: [(name: String, content: [UInt8])] = []
    for _ in 0..<number(bytes.count - 12, 2) {
      let (size, local) = (number(position + 24, 4), number(position + 42, 4))
      let nameEnd = position + 46 + number(position + 28, 2)
      let start = local + 30 + number(local + 26, 2) + number(local + 28, 2)
      entries.append(
        (
          String(decoding: bytes[position + 46..<nameEnd], as: UTF8.self),
          Array(bytes[start..<start + size])
        ))
      position = nameEnd + number(position + 30, 2) + number(position + 32, 2)
    }
    pickle = try #require(entries.first { $0.name.hasSuffix("/data.pkl") }).content
    storages = entries.filter { $0.name.contains("/data/") }
  }

  func bytes(replacingPickle pickle: [UInt8]) -> [UInt8] {
    let folder = storages[0].name.prefix { $0 != "/" }
    var bytes: [UInt8] = []
    var directory: [UInt8] = []
    func little(_ values: (Int, Int)...) -> [UInt8] {
      values.flatMap { value, width in
        (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
      }
    }
    for (name, content) in [("\(folder)/data.pkl", pickle)] + storages {
      let sizes = little((content.count, 4), (content.count, 4), (name.utf8.count, 2), (0, 2))
      directory += little((0x0201_4B50, 4), (0, 16)) + sizes + little((0, 10), (bytes.count, 4))
      directory += name.utf8
      bytes += little((0x0403_4B50, 4), (0, 14)) + sizes + Array(name.utf8) + content
    }
    let count = storages.count + 1
    return bytes + directory
      + little(
        (0x0605_4B50, 4), (0, 4), (count, 2), (count, 2), (directory.count, 4), (bytes.count, 4),
        (0, 2))
  }
}
