import Files
import Foundation
import Testing

@testable import Checkpoints

/// Files written by Tests/Goldens/pytorch/make.py.
@Suite("Files of torch.save")
struct PyTorchFileTests {
  private static let goldens = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Goldens")

  private static func golden(_ name: String) -> URL {
    goldens.appendingPathComponent("pytorch/" + name)
  }

  @Test(
    "Every element type and order of elements is read as PyTorch means it",
    arguments: ["odd.bin", "odd_protocol4.bin", "odd_wide.bin"])
  func odd(name: String) throws {
    let found = try PyTorchFile(Self.golden(name)).tensors
    let expected = try SafetensorsFile(Self.golden("odd.safetensors")).tensors
    #expect(Set(found.keys) == Set(expected.keys))
    for (name, tensor) in expected {
      let other = try #require(found[name])
      #expect(other.name == name && other.type == tensor.type && other.shape == tensor.shape)
      #expect(other.bytes.elementsEqual(tensor.bytes), "\(name)")
    }
  }

  @Test("A tensor whose elements stand in order is a view into the mapped file")
  func views() throws {
    let file = try PyTorchFile(Self.golden("odd.bin"))
    func isMapped(_ name: String) throws -> Bool {
      let start = try #require(file.tensors[name]?.bytes.baseAddress)
      let mapped = try #require(file.file.bytes.baseAddress)
      return start >= mapped && start < mapped + file.file.count
    }
    for name in ["base", "rows", "one_row", "scalar", "half", "parameter"] {
      #expect(try isMapped(name), "\(name)")
    }
    for name in ["transposed", "columns", "every", "permuted", "brain"] {
      #expect(try !isMapped(name), "\(name)")
    }
    // What PyTorch has aligned is used in place.
    #expect(file.tensors["base"]?.floats != nil)
  }

  @Test(
    "A model in this form is the model that its safetensors are",
    arguments: ["gpt2", "gpt2_shards"])
  func model(folder: String) throws {
    let found = try Checkpoint(folder: Self.golden(folder))
    let expected = try Checkpoint(
      folder: Self.goldens.appendingPathComponent("gpt2/checkpoints/plain"))
    for (name, tensor) in expected.tensors where tensor.type == .float32 {
      let name = found.tensor(name) == nil ? "transformer." + name : name
      #expect(found.tensor(name)?.bytes.elementsEqual(tensor.bytes) == true, "\(name)")
    }
    #expect(found.fingerprint.count == 64)
  }

  @Test("safetensors are preferred where both are there")
  func preferred() throws {
    let workshop = try Workshop()
    defer { workshop.remove() }
    try workshop.put("{}", "config.json")
    try workshop.put("no weights", "pytorch_model.bin")
    try SafetensorsWriter.write(
      [.init("a", shape: [1], floats: [1])], to: workshop.place("model.safetensors"))
    #expect(try Checkpoint(folder: workshop.folder).tensors.count == 1)
  }

  private static let refused: [(String, PyTorchViolation)] = [
    ("before_1_6", .beforeArchives), ("compressed", .entryCompressed(entry: "odd/data.pkl")),
    ("big_endian", .bigEndian), ("call", .global(name: "posix.getcwd")),
    ("nested", .notTensor(name: "state_dict", found: "a dictionary")),
    ("tensor", .notNamedTensors(found: "a tensor")),
    ("float8", .global(name: "torch._utils._rebuild_tensor_v3")),
    ("repeated", .repeatedElements(tensor: "a")),
  ]

  @Test("What is no list of tensors is refused, and nothing of it is run", arguments: refused)
  func refusals(name: String, violation: PyTorchViolation) throws {
    let url = Self.golden("refused_\(name).bin")
    #expect(throws: CheckpointError.invalidPyTorch(path: url.path, violation)) {
      try PyTorchFile(url)
    }
    #expect(violation.description.contains("save_pretrained"))
  }

  @Test("A file that is something else says what")
  func strange() throws {
    let workshop = try Workshop()
    defer { workshop.remove() }
    let cases: [(String, PyTorchViolation)] = [
      ("<html>", .strange(.webPage)), ("Not Found", .strange(.text(start: "Not Found"))),
      ("version https://git-lfs.github.com/spec/v1\n", .strange(.largeFilePointer)),
      ("", .noArchive), ("\u{0}\u{1}", .noArchive), ("PK", .noDirectory),
      ("PK\u{3}\u{4}", .noDirectory),
    ]
    for (text, violation) in cases {
      try workshop.put(text, "a.bin")
      #expect(throws: CheckpointError.invalidPyTorch(path: workshop.place("a.bin").path, violation))
      {
        try PyTorchFile(workshop.place("a.bin"))
      }
    }
    let whole = try Data(contentsOf: Self.golden("odd.bin"))
    try workshop.put([UInt8](whole.dropLast(1)), "a.bin")
    #expect(
      throws: CheckpointError.invalidPyTorch(path: workshop.place("a.bin").path, .noDirectory)
    ) { try PyTorchFile(workshop.place("a.bin")) }
  }

  @Test("A pickle that wants to grow without end is stopped", arguments: hostilePickles)
  func hostile(pickle: HostilePickle) {
    #expect(throws: pickle.violation) {
      try pickle.bytes.withUnsafeBytes { bytes in _ = try PickleReader.read(bytes) }
    }
  }

  struct HostilePickle: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
    let violation: PyTorchViolation

    init(_ description: String, _ bytes: [UInt8], _ violation: PyTorchViolation) {
      testDescription = description
      self.bytes = bytes
      self.violation = violation
    }
  }

  private static let hostilePickles: [HostilePickle] = [
    HostilePickle(
      "a million values", [UInt8](repeating: 0x4E, count: 1_000_000), .tooMuch(offset: 100_000)),
    HostilePickle(
      "a million marks", [UInt8](repeating: 0x28, count: 1_000_000), .tooMuch(offset: 100_000)),
    HostilePickle(
      "a tower of tuples", [0x29] + [UInt8](repeating: 0x85, count: 1_000_000), .tooMuch(offset: 8)),
    HostilePickle("a text longer than the file", [0x58, 0xFF, 0xFF, 0xFF, 0xFF], .pickleEnds),
    HostilePickle(
      "an integer of 255 bytes", [0x8A, 0xFF] + [UInt8](repeating: 1, count: 255),
      .tooMuch(offset: 0)),
    HostilePickle("nothing", [], .pickleEnds),
    HostilePickle("an end with nothing there", [0x2E], .operand(offset: 0)),
    HostilePickle("a value across a mark", [0x4E, 0x28, 0x2E], .operand(offset: 2)),
    HostilePickle("a value never remembered", [0x68, 0], .operand(offset: 0)),
    HostilePickle("a call of what is no function", [0x4E, 0x29, 0x52], .operand(offset: 2)),
    HostilePickle("a module without end", Array("cposix".utf8), .pickleEnds),
    HostilePickle(
      "another module's function", Array("cbuiltins\neval\n".utf8), .global(name: "builtins.eval")),
    HostilePickle(
      "a class by an unknown instruction", [0x81], .instruction(code: 0x81, offset: 0)),
  ]
}
