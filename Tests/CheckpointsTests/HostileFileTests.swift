import Checkpoints
import Files
import Foundation
import Testing

@Suite("Hostile safetensors files")
struct HostileFileTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
    let violation: SafetensorsViolation?

    init(_ description: String, _ bytes: [UInt8], _ violation: SafetensorsViolation?) {
      testDescription = description
      self.bytes = bytes
      self.violation = violation
    }

    init(
      _ description: String, _ header: String, data: Int = 0, _ violation: SafetensorsViolation?
    ) {
      self.init(description, Workshop.file(header, data: data), violation)
    }
  }

  private static func entry(
    _ type: String = "F32", _ shape: String = "[1]", _ offsets: String = "[0,4]"
  ) -> String {
    Workshop.entry("a", type, shape, offsets)
  }

  static let frame: [Case] = [
    Case("an empty file", [], .noHeaderLength(fileSize: 0)),
    Case("seven bytes", [UInt8](repeating: 0, count: 7), .noHeaderLength(fileSize: 7)),
    Case("a header of no length", Workshop.length(0), .headerStart(byte: 0)),
    Case(
      "a header of 100,000,001 bytes", Workshop.length(100_000_001),
      .headerTooLong(length: 100_000_001)),
    Case("a header of 2^64 - 1 bytes", Workshop.length(.max), .headerTooLong(length: .max)),
    Case(
      "a header longer than the file", Workshop.length(3) + [0x7B, 0x7D],
      .headerBeyondFile(length: 3, fileSize: 10)),
    Case(
      "a web page", Array("\n<!DOCTYPE html>\n<html>".utf8), .strange(.webPage)),
    Case(
      "a pointer of Git LFS", Array("version https://git-lfs.github.com/spec/v1\noid".utf8),
      .strange(.largeFilePointer)),
    Case("a note", Array("Not Found".utf8), .strange(.text(start: "Not Found"))),
    Case("a short note", Array("<p>".utf8), .strange(.webPage)),
    Case("a header that starts with a space", " {}", .headerStart(byte: 0x20)),
    Case("a header that is an array", "[]", .headerStart(byte: 0x5B)),
    Case("a header with spaces at its end", "{}      ", nil),
    Case("no tensor at all", "{}", nil),
  ]

  static let syntax: [Case] = [
    Case("a header without end", "{", nil),
    Case("a byte zero as padding", "{}\0", nil),
    Case("text after the header", "{}{}", nil),
    Case("a trailing comma", "{\(entry()),}", data: 4, nil),
    Case("a name that occurs twice", "{\(entry()),\(entry())}", data: 4, nil),
    Case("two metadata", "{\"__metadata__\":{},\"__metadata__\":{}}", nil),
    Case("invalid UTF-8", Workshop.length(7) + [0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D], nil),
    Case("half a surrogate pair", "{\"\\ud800\":1}", nil),
    Case("deep nesting", "{\"a\":" + String(repeating: "[", count: 1000), nil),
  ]

  static let entries: [Case] = [
    Case("metadata that is a number", "{\"__metadata__\":1}", .metadataNotText),
    Case("metadata that holds a number", "{\"__metadata__\":{\"a\":1}}", .metadataNotText),
    Case("an entry that is null", "{\"a\":null}", .entryNotObject(tensor: "a")),
    Case(
      "no dtype", "{\"a\":{\"shape\":[],\"data_offsets\":[0,4]}}", data: 4,
      .memberMissing(tensor: "a", member: "dtype")),
    Case(
      "no shape", "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", data: 4,
      .memberMissing(tensor: "a", member: "shape")),
    Case(
      "no offsets", "{\"a\":{\"dtype\":\"F32\",\"shape\":[]}}", data: 4,
      .memberMissing(tensor: "a", member: "data_offsets")),
    Case(
      "an unknown dtype", "{\(entry("F33"))}", data: 4, .unknownType(tensor: "a", type: "F33")),
    Case("a negative size", "{\(entry("F32", "[-1]"))}", data: 4, .shape(tensor: "a")),
    Case("a size with a fraction", "{\(entry("F32", "[1.0]"))}", data: 4, .shape(tensor: "a")),
    Case(
      "a size beyond 64 bits", "{\(entry("F32", "[18446744073709551616]"))}", data: 4,
      .shape(tensor: "a")),
    Case("a shape that is a number", "{\(entry("F32", "1"))}", data: 4, .shape(tensor: "a")),
    Case(
      "a product beyond 64 bits", "{\(entry("F32", "[4294967296,4294967296]"))}", data: 4,
      .sizeOverflow(tensor: "a")),
    Case(
      "a number of bytes beyond 64 bits", "{\(entry("F32", "[4611686018427387904]"))}", data: 4,
      .sizeOverflow(tensor: "a")),
    Case(
      "half a byte", "{\(entry("F4", "[3]", "[0,2]"))}", data: 2, .partialByte(tensor: "a")),
    Case("one offset", "{\(entry("F32", "[1]", "[0]"))}", data: 4, .offsets(tensor: "a")),
    Case("three offsets", "{\(entry("F32", "[1]", "[0,4,4]"))}", data: 4, .offsets(tensor: "a")),
    Case(
      "an end before the begin", "{\(entry("F32", "[1]", "[4,0]"))}", data: 4, .offsets(tensor: "a")
    ),
    Case(
      "a negative offset", "{\(entry("F32", "[1]", "[-4,0]"))}", data: 4, .offsets(tensor: "a")),
    Case(
      "bytes that do not fit the shape", "{\(entry("F32", "[2]"))}", data: 4,
      .sizeMismatch(tensor: "a", declared: 4, needed: 8)),
  ]

  static let cover: [Case] = [
    Case("a file cut short", "{\(entry())}", data: 3, .truncated(missing: 1)),
    Case("a byte too many", "{\(entry())}", data: 5, .trailingBytes(1)),
    Case(
      "a gap at the start", "{\(entry("F32", "[1]", "[4,8]"))}", data: 8,
      .gap(tensor: "a", bytes: 4)),
    Case(
      "a gap in the middle",
      "{\(entry()),\(Workshop.entry("b", "U8", "[1]", "[5,6]"))}", data: 6,
      .gap(tensor: "b", bytes: 1)),
    Case(
      "two tensors in one place", "{\(entry()),\(Workshop.entry("b", "F32", "[1]", "[0,4]"))}",
      data: 4, .overlap(tensor: "b")),
    Case(
      "two tensors that overlap", "{\(entry()),\(Workshop.entry("b", "F32", "[1]", "[3,7]"))}",
      data: 7, .overlap(tensor: "b")),
    Case(
      "names that Unicode holds to be the same",
      "{\(Workshop.entry("\u{E9}", "U8", "[1]", "[0,1]")),"
        + "\(Workshop.entry("e\u{301}", "U8", "[1]", "[1,2]"))}", data: 2,
      .equivalentNames(tensor: "e\u{301}")),
  ]

  @Test("Each broken rule is named", arguments: frame + entries + cover)
  func rules(_ hostile: Case) throws {
    let workshop = try Workshop()
    defer { workshop.remove() }
    try workshop.put(hostile.bytes, "a.safetensors")
    var found: SafetensorsViolation?
    do {
      _ = try SafetensorsFile(workshop.place("a.safetensors"))
    } catch CheckpointError.invalid(_, let violation) {
      found = violation
    }
    #expect(found == hostile.violation)
    #expect(found?.description.isEmpty != true)
  }

  @Test("A header that is no JSON is refused with its place", arguments: syntax)
  func headerSyntax(_ hostile: Case) throws {
    let workshop = try Workshop()
    defer { workshop.remove() }
    try workshop.put(hostile.bytes, "a.safetensors")
    let error = #expect(throws: CheckpointError.self) {
      try SafetensorsFile(workshop.place("a.safetensors"))
    }
    guard case .invalid(_, .headerSyntax) = error else {
      Issue.record("\(hostile.testDescription): \(String(describing: error))")
      return
    }
  }
}
