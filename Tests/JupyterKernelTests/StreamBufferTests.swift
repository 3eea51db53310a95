import Foundation
import Testing

@testable import JupyterKernel

@Suite("Gathering text")
struct StreamBufferTests {
  let parent = Parent(messageID: "p", header: Data("{}".utf8))

  func gather(_ emissions: [Emission]) -> [String] {
    var buffer = StreamBuffer()
    var found: [String] = []
    let send = { (message: Message) in
      found.append(message.json["text"]?.string ?? message.type.rawValue)
    }
    for emission in emissions { buffer.take(emission, send: send) }
    buffer.flush(send: send)
    return found
  }

  @Test("Text of one stream becomes one message")
  func oneMessage() {
    #expect(gather((0..<3).map { .text("\($0)", .standardOutput, parent) }) == ["012"])
  }

  @Test("The two streams keep their order")
  func streamsInOrder() {
    let streams: [Output.Stream] = [
      .standardOutput, .standardError, .standardError, .standardOutput,
    ]
    let emissions = streams.enumerated().map { Emission.text("\($0)", $1, parent) }
    #expect(gather(emissions) == ["0", "12", "3"])
  }

  @Test("Text leaves before any other message of the same cell, not for one of another request")
  func otherMessages() {
    let text = Emission.text("a", .standardOutput, parent)
    #expect(gather([text, .message(.status(.idle, for: parent))]) == ["a", "status"])
    #expect(gather([text, .message(.status(.idle, for: .none)), text]) == ["status", "aa"])
  }

  @Test("Much text does not wait")
  func muchText() {
    let long = String(repeating: "x", count: StreamBuffer.limit)
    let text = Emission.text(long, .standardOutput, parent)
    #expect(gather([text, text]) == [long, long])
  }
}
