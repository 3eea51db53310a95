import Checkpoints
import Foundation
import Testing

@Suite("Tensors")
struct TensorTests {
  /// A file with one tensor.
  private func tensor(
    _ type: String, _ shape: String, _ data: [UInt8], padding: Int = 0
  ) throws -> TensorEntry {
    let workshop = try Workshop()
    defer { workshop.remove() }
    let header =
      "{\(Workshop.entry("a", type, shape, "[0,\(data.count)]"))}"
      + String(repeating: " ", count: padding)
    try workshop.put(Workshop.file(header, data: data), "a.safetensors")
    let file = try SafetensorsFile(workshop.place("a.safetensors"))
    return try #require(file.tensors["a"])
  }

  private func littleEndian(_ values: some Sequence<UInt16>) -> [UInt8] {
    values.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
  }

  /// The value of a half-precision number, by the definition of IEEE 754.
  private func value(half bits: UInt16) -> Float {
    let exponent = Int(bits >> 10) & 31
    let fraction = Double(bits & 1023) / 1024
    let magnitude: Double =
      switch exponent {
      case 31: fraction == 0 ? .infinity : .nan
      case 0: fraction * 0x1p-14
      default: (1 + fraction) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
      }
    return Float(bits >> 15 == 1 ? -magnitude : magnitude)
  }

  @Test("Each of the 65,536 half-precision numbers is widened exactly, aligned or not")
  func halves() throws {
    for padding in 0...1 {
      let all = try tensor("F16", "[65536]", littleEndian(0...UInt16.max), padding: padding)
        .floatArray()
      for bits in 0...UInt16.max {
        let expected = value(half: bits)
        let found = all[Int(bits)]
        if expected.isNaN ? !found.isNaN : found.bitPattern != expected.bitPattern {
          Issue.record("half \(bits) became \(found) instead of \(expected)")
        }
      }
    }
  }

  @Test("A bfloat16 is the upper half of a Float")
  func brains() throws {
    let all = try tensor("BF16", "[65536]", littleEndian(0...UInt16.max)).floatArray()
    #expect((0...UInt16.max).allSatisfy { all[Int($0)].bitPattern == UInt32($0) << 16 })
  }

  @Test("Some elements can be copied by themselves")
  func part() throws {
    let tensor = try tensor("F16", "[4,256]", littleEndian((0..<1024).map { UInt16($0) }))
    var some = [Float](repeating: -1, count: 102)
    try some.withUnsafeMutableBufferPointer { buffer in
      try tensor.copy(300..<400, into: try #require(buffer.baseAddress) + 1)
    }
    #expect(some.first == -1)
    #expect(some.last == -1)
    #expect(Array(some[1...100]) == (300..<400).map { value(half: UInt16($0)) })
  }

  @Test("Floats are used in place where they are aligned, and copied where they are not")
  func inPlace() throws {
    let numbers: [Float] = [1, -2, .infinity, 4]
    let bytes = numbers.withUnsafeBytes { Array($0) }
    var places = 0
    for padding in 0..<4 {
      let tensor = try tensor("F32", "[2,2]", bytes, padding: padding)
      #expect(try tensor.floatArray() == numbers)
      if let floats = tensor.floats {
        places += 1
        #expect((0..<4).allSatisfy { floats[$0] == numbers[$0] })
      }
    }
    #expect(places == 1)
  }

  @Test("Tensors without elements and without axes are legal")
  func small() throws {
    let empty = try tensor("F32", "[3,0]", [])
    #expect(empty.count == 0)
    #expect(try empty.floatArray() == [])
    let single = try tensor("F16", "[]", [0x00, 0x3C])
    #expect(single.shape == [])
    #expect(try single.floatArray() == [1])
  }

  @Test(
    "Other element types are known, and refused by name when read",
    arguments: ElementType.allCases.filter { !$0.isReadable && !$0.hasScales })
  func otherTypes(type: ElementType) throws {
    let tensor = try tensor(
      type.rawValue, "[8]", [UInt8](repeating: 0, count: 8 / type.block.count * type.block.bytes))
    #expect(tensor.type == type)
    let error = #expect(throws: CheckpointError.self) { try tensor.floatArray() }
    #expect(error == .unreadableType(tensor: "a", type: type))
    #expect(error?.description.contains(type.rawValue) == true)
  }

  @Test("What is written is read back the same, and the same input gives the same bytes")
  func writer() throws {
    let workshop = try Workshop()
    defer { workshop.remove() }
    let tensors: [SafetensorsWriter.Tensor] = [
      .init("b", shape: [2, 2], floats: [1, 2, 3, 4]), .init("a", shape: [0, 5], floats: []),
      .init("tokens", shape: [3], integers: [464, -1, .max]),
    ]
    let metadata = ["z": "last", "a": "a \"quoted\" text"]
    try SafetensorsWriter.write(tensors, metadata: metadata, to: workshop.place("1"))
    try SafetensorsWriter.write(tensors.reversed(), metadata: metadata, to: workshop.place("2"))
    #expect(try Data(contentsOf: workshop.place("1")) == Data(contentsOf: workshop.place("2")))
    let file = try SafetensorsFile(workshop.place("1"))
    #expect(file.metadata == metadata)
    #expect(file.tensors.count == 3)
    #expect(try file.tensors["b"]?.floatArray() == [1, 2, 3, 4])
    #expect(file.tensors["a"]?.shape == [0, 5])
    let integers = try #require(file.tensors["tokens"])
    #expect(integers.type == .int64)
    #expect(
      (0..<3).map { integers.bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Int64.self) }
        == [464, -1, .max])
  }

  @Test("A shape that does not fit, and a name that occurs twice, are not written")
  func refusedByWriter() throws {
    let workshop = try Workshop()
    defer { workshop.remove() }
    let wrong: [[SafetensorsWriter.Tensor]] = [
      [.init("a", shape: [2], floats: [1])], [.init("a", shape: [-1, -1], floats: [1])],
      [.init("a", shape: [.max, 4], floats: [])], [.init("__metadata__", shape: [], floats: [1])],
      [.init("a", shape: [], floats: [1]), .init("a", shape: [], floats: [1])],
    ]
    for tensors in wrong {
      #expect(throws: CheckpointError.self) {
        try SafetensorsWriter.write(tensors, to: workshop.place("a"))
      }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: workshop.folder.path).isEmpty)
  }
}
