import Checkpoints
import Foundation
import LinearAlgebra
import Testing

@testable import Transformer

@Suite("A model checked against itself")
struct SelfCheckTests {
  @Test("Every family passes", arguments: GoldenCase.all.filter { $0.name != "long" })
  func families(golden: GoldenCase) throws {
    let certificate = try SelfCheck(of: Decoder(folder: golden.checkpoint)).certificate()
    for line in certificate.lines {
      #expect(line.passed, "\(golden.name): \(line.name): \(line.measured ?? .nan) \(line.detail)")
    }
    #expect(certificate.lines.count == 9)
  }

  private static var mini: URL {
    get throws { try #require(EmbeddedModel.folder(name: EmbeddedModel.names[0])) }
  }

  /// "The old man walked slowly along the river" and so on, as the embedded model's tokenizer has it.
  private static let text = [
    941, 1195, 547, 6048, 3048, 335, 2913, 275, 6787, 302, 275, 4313, 14, 725, 1669, 560, 275, 1166,
    662, 387, 406,
  ]

  @Test("A model that computes something else finds a text less likely than chance")
  func wrongArchitecture() throws {
    let right = try Decoder(folder: Self.mini)
    func line(_ change: (inout Architecture) -> Void) throws -> Certificate.Line {
      var architecture = right.architecture
      change(&architecture)
      let decoder = Decoder(right, computingAs: architecture)
      return try #require(SelfCheck(of: decoder, text: Self.text).certificate().lines.last)
    }
    #expect(try line { _ in }.passed)
    for wrong in [
      try line { $0.isParallel = true }, try line { $0.normEpsilon = 1_000 },
      try line { $0.scoreScale *= -3 },
    ] {
      #expect(wrong.name.contains("likelier than chance") && !wrong.passed)
    }
  }

  @Test("Weights that are no numbers are counted and named, and nothing else passes on them")
  func notANumber() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("fathom-\(UUID().uuidString)")
    try FileManager.default.copyItem(at: GoldenCase.named("plain").checkpoint, to: folder)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("model.safetensors")
    var data = try Data(contentsOf: file)
    // The last tensor of the file.
    data.replaceSubrange(data.count - 4..<data.count, with: [0, 0, 0xC0, 0x7F])
    try data.write(to: file)
    let certificate = try SelfCheck(of: Decoder(folder: folder)).certificate()
    let first = try #require(certificate.lines.first)
    #expect(first.name == "weights are finite" && first.measured == 1 && !first.passed)
    #expect(first.detail.contains("transformer."))
    #expect(!certificate.passed && certificate.lines.dropFirst().allSatisfy(\.isSkipped))
  }

  @Test("A gradient that is five hundredths off is noticed", arguments: ["deep", "llama", "opt"])
  func wrongGradient(name: String) throws {
    let check = SelfCheck(of: try Decoder(folder: GoldenCase.named(name).checkpoint))
    let (right, _) = try check.gradient()
    let (wrong, _) = try check.gradient { trace in
      trace.attentionGradient = trace.attentionGradient.map { $0.map { $0 * 1.05 } }
    }
    #expect(right < SelfCheck.slope && wrong > SelfCheck.slope)
  }

  @Test("A difference is relative, and what is no number is different from everything")
  func difference() throws {
    let check = SelfCheck(of: try Decoder(folder: GoldenCase.named("plain").checkpoint))
    #expect(check.difference([1, -99], [1, -100]) == Double(Float(1) / 100))
    #expect(check.difference([0, 0], [0, 0]) == 0)
    #expect(!(check.difference([1, .nan, 1], [1, 1, 1]) <= 1))
    #expect(!(check.difference([1], [1, 1]) <= 1))
    let line = Certificate.Line("x", measured: .nan, tolerance: nil, detail: "", advice: "")
    #expect(!line.passed)
  }

  @Test("It can be stopped, and says how far it is")
  func stopped() throws {
    let decoder = try Decoder(folder: GoldenCase.named("plain").checkpoint)
    let done = Locked<[Int]>([])
    let stopping = Monitor(
      isCancelled: { done.withLock { $0.count == 3 } },
      advanced: { number, _ in done.withLock { $0.append(number) } })
    #expect(throws: Cancelled.self) {
      try SelfCheck(of: decoder, monitor: stopping).certificate()
    }
    #expect(done.withLock { $0 } == [1, 2, 3])
  }
}
