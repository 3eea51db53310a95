import Foundation
import Testing

@testable import JupyterKernel

@Suite("Frames and signatures")
struct WireTests {
  let wire = Wire(key: "secret")

  /// The frames of a decent request, signed with the kernel's key.
  func frames() -> [Data] {
    var message = Message.reply(
      .kernelInfoReply, JSON.object(["a": "ü"]), to: .make("kernel_info_request"))
    message.identities = [Data("x".utf8), Data("y".utf8)]
    return wire.seal(message)
  }

  func error(_ parts: [Data]) -> WireError? {
    do {
      _ = try wire.open(parts, from: .shell)
      return nil
    } catch {
      return error
    }
  }

  @Test("What is sealed can be opened, once")
  func roundTrip() throws {
    let parts = frames()
    let request = try wire.open(parts, from: .shell)
    #expect(request.identities == [Data("x".utf8), Data("y".utf8)])
    #expect(request.header.type == "kernel_info_reply")
    #expect(request.header.version == "5.5")
    #expect(Content.decode(JSON.self, from: request.content)?["a"] == "ü")
    #expect(error(parts) == .replayed)
  }

  @Test("A signature is that of the published HMAC-SHA256")
  func publishedSignature() {
    // printf '{}{}{}{}' | openssl dgst -sha256 -hmac secret
    let empty = Data("{}".utf8)
    let frames = Frames(
      identities: [], header: empty, parentHeader: empty, metadata: empty, content: empty)
    #expect(
      String(decoding: Signer(key: "secret").signature(of: frames), as: UTF8.self)
        == "34982f0bfec60e7b933ffde06c1ecab0fba073717a95ab943d1dd06f82c2d5e4")
  }

  @Test("A signature that is altered in any way is refused")
  func alteredSignatures() {
    let parts = frames()
    let signature = parts[3]
    let alterations: [Data] = [
      Data(), signature.dropLast(), signature + Data("00".utf8), signature.prefix(32),
      Data(repeating: 0x30, count: 64), Data(repeating: 0xff, count: 64),
      Data(String(decoding: signature, as: UTF8.self).uppercased().utf8),
    ]
    for altered in alterations where altered != signature {
      var changed = parts
      changed[3] = altered
      #expect(error(changed) == .badSignature)
    }
    #expect(error(parts) == nil)
  }

  @Test("A refused message leaves no trace in the memory for replays")
  func replayMemoryHoldsOnlyVerified() {
    var changed = frames()
    let good = changed
    changed[7] = Data("{ }".utf8)
    #expect(error(changed) == .badSignature)
    #expect(error(good) == nil)
  }

  @Test("Too few and too many frames are refused")
  func frameCounts() {
    let parts = frames()
    #expect(error([]) == .noDelimiter)
    #expect(error([Data()]) == .noDelimiter)
    for count in 3..<8 { #expect(error(Array(parts.prefix(count))) == .tooFewFrames(count - 3)) }
    #expect(error(Array(repeating: Data(), count: Frames.limit + 1)) == .tooManyFrames)
  }

  @Test("Without a key nothing is signed and nothing is a replay")
  func withoutKey() throws {
    let open = Wire(key: "")
    let parts = open.seal(.status(.idle, for: .none))
    #expect(parts[2].isEmpty)
    _ = try open.open(parts, from: .shell)
    _ = try open.open(parts, from: .shell)
  }

  @Test(
    "A header that is not a JSON object in UTF-8 with an id and a type is refused",
    arguments: [
      "", "!", "[]", "{}", "{\"msg_id\": \"x\"}", "{\"msg_id\": 1, \"msg_type\": \"x\"}",
      String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000),
      String(repeating: "{\"a\":", count: 100_000),
    ])
  func malformedHeaders(header: String) {
    let open = Wire(key: "")
    let empty = Data("{}".utf8)
    for text in [Data(header.utf8), header.data(using: .utf16LittleEndian) ?? Data()] {
      #expect(throws: WireError.malformedHeader) {
        try open.open([Frames.delimiter, Data(), text, empty, empty, empty], from: .shell)
      }
    }
  }

  @Test("Random frames are refused and nothing worse")
  func randomFrames() {
    var generator = SystemRandomNumberGenerator()
    let good = frames()
    for _ in 0..<2_000 {
      var parts = good
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let index = Int.random(in: 0..<parts.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0 where parts.count > 1: parts.remove(at: index)
        case 1: parts.insert(Data([UInt8.random(in: 0...255)]), at: index)
        case 2: parts[index].append(UInt8.random(in: 0...255, using: &generator))
        default: parts.swapAt(index, parts.count - 1)
        }
      }
      // What the signature covers may be whole after all: identities and buffers are not covered.
      if let delimiter = parts.firstIndex(of: Frames.delimiter),
        parts[delimiter...].prefix(6) == good[2...].prefix(6)
      {
        continue
      }
      #expect(error(parts) != nil)
    }
  }

  @Test("The oldest signatures are forgotten first")
  func replayMemory() {
    var memory = ReplayMemory(capacity: 2)
    let signatures = (0..<3).map { Data([$0]) }
    let answers = [0, 1, 2, 1, 2, 0].map { memory.insert(signatures[$0]) }
    #expect(answers == [true, true, true, false, false, true])
  }

  @Test("Points in time are written as ISO 8601 in UTC")
  func timestamps() {
    #expect(Timestamp.text(seconds: 0, microseconds: 7) == "1970-01-01T00:00:00.000007Z")
    #expect(
      Timestamp.text(seconds: 951_782_400, microseconds: 999_999) == "2000-02-29T00:00:00.999999Z")
  }
}
