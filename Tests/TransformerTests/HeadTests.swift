import Foundation
import Testing

@testable import Transformer

@Suite("Heads as checkpoints write them")
struct HeadTests {
  @Test("A tied head that is written as another matrix is an error that says what to set")
  func anotherHead() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("fathom-\(UUID().uuidString)")
    try FileManager.default.copyItem(at: GoldenCase.named("pythia").checkpoint, to: folder)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("config.json")
    let text = try String(contentsOf: file, encoding: .utf8)
    let tied = text.replacingOccurrences(
      of: "\"tie_word_embeddings\": false", with: "\"tie_word_embeddings\": true")
    #expect(tied != text)
    try tied.write(to: file, atomically: true, encoding: .utf8)
    #expect {
      try Decoder(folder: folder)
    } throws: {
      "\($0)".contains("set it to false")
    }
  }
}
