import Foundation
import Logging
import Synchronization
import Testing

@testable import JupyterKernel

/// A list that several threads may add to.
final class Collected<Element: Sendable>: Sendable {
  private let elements = Mutex<[Element]>([])
  func append(_ element: Element) { elements.withLock { $0.append(element) } }
  var all: [Element] { elements.withLock { $0 } }
}

@Suite("The kernel without sockets")
struct MessageCoreTests {
  let core = MessageCore(
    interpreter: EchoInterpreter(), limits: OutputLimits(textBytes: 100, displayBytes: 100),
    log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })

  func answer(_ request: Request) -> [Message] {
    var messages: [Message] = []
    _ = core.answer(request) { messages.append($0) }
    return messages
  }

  /// Runs a cell and returns its messages in order, text gathered.
  func run(_ request: Request) -> [Message] {
    let emissions = Collected<Emission>()
    let conclusion = core.execute(request) { emissions.append($0) }
    var buffer = StreamBuffer()
    var messages: [Message] = []
    for emission in emissions.all + conclusion.messages.map(Emission.message) {
      buffer.take(emission) { messages.append($0) }
    }
    return messages
  }

  static let requests: [String: JSON] = [
    "kernel_info_request": [:], "comm_info_request": [:], "interrupt_request": [:],
    "complete_request": ["code": "p", "cursor_pos": 1],
    "inspect_request": ["code": "p", "cursor_pos": 1], "is_complete_request": ["code": "p"],
    "history_request": ["hist_access_type": "tail", "n": 3],
    "shutdown_request": ["restart": true],
  ]

  @Test("Every request is answered between busy and idle", arguments: requests)
  func busyAndIdle(type: String, content: JSON) throws {
    let messages = answer(.make(type, content))
    #expect(messages.first?.json["execution_state"] == "busy")
    #expect(messages.last?.json["execution_state"] == "idle")
    let reply = try #require(messages.first { $0.channel == .shell })
    #expect(reply.type.rawValue == type.replacing("_request", with: "_reply"))
    #expect(reply.identities == [Data("client".utf8)])
    #expect(messages.allSatisfy { $0.parent.messageID == "id" })
  }

  @Test("A request with the wrong content is answered with an error")
  func wrongContent() throws {
    for type in ["complete_request", "inspect_request", "is_complete_request", "history_request"] {
      for content: JSON in [[], ["code": 3], "x", .null] {
        let reply = try #require(answer(.make(type, content)).first { $0.channel == .shell })
        #expect(reply.json["status"] == "error")
        #expect(reply.json["ename"] == "RequestError")
      }
    }
    let reply = run(.make("execute_request")).first { $0.channel == .shell }
    #expect(reply?.json["status"] == "error")
  }

  @Test("Unknown requests are ignored, between busy and idle")
  func unknownType() {
    #expect(answer(.make("no_such_request")).map(\.type) == [.status, .status])
  }

  @Test("Deep nesting where nobody looks is no reason to fail")
  func deepContent() {
    var request = Request.make("is_complete_request")
    let deep = String(repeating: "[", count: 400) + String(repeating: "]", count: 400)
    request.content = Data("{\"code\": \"x\", \"extra\": \(deep)}".utf8)
    #expect(answer(request)[1].json["status"] == "incomplete")
    request.content = Data(String(repeating: "[", count: 100_000).utf8)
    #expect(answer(request)[1].json["status"] == "error")
  }

  @Test("A comm for an unknown target is closed at once")
  func commOpen() {
    let messages = answer(.make("comm_open", ["comm_id": "c", "target_name": "t"]))
    #expect(messages.map(\.type) == [.status, .commClose, .status])
    #expect(messages[1].json["comm_id"] == "c")
  }

  @Test("A cursor outside the code is moved to its end")
  func cursor() {
    let request = Request.make("inspect_request", ["code": "🌊a", "cursor_pos": 99])
    #expect(answer(request)[1].json["data"]?["text/plain"] == "about 🌊a at 2")
  }

  @Test("A cell tells its input, its output, its value, and the reply comes before idle")
  func execution() {
    #expect(
      run(.cell("print hello")).map(\.type)
        == [.status, .executeInput, .stream, .executeReply, .status])
    let messages = run(.cell("value"))
    #expect(
      messages.map(\.type) == [.status, .executeInput, .executeResult, .executeReply, .status])
    #expect(messages[2].json["data"]?["text/plain"] == "value")
    #expect(messages[3].json["execution_count"] == 2)
  }

  @Test("An error is told once on iopub and in full in the reply")
  func failure() throws {
    let request = Request.cell("fail badly")
    let messages = run(request)
    #expect(messages.map(\.type) == [.status, .executeInput, .error, .executeReply, .status])
    for message in messages[2...3] {
      #expect(message.json["ename"] == "EchoError")
      #expect(message.json["evalue"] == "badly")
      #expect(message.json["traceback"] == ["EchoError: badly"])
    }
    #expect(core.execute(request) { _ in }.stopsQueue)
    let lenient = Request.cell("fail badly", ["stop_on_error": false])
    #expect(!core.execute(lenient) { _ in }.stopsQueue)
    #expect(core.abort(request)[1].json["status"] == "aborted")
  }

  @Test("A silent cell is not counted, not kept, and puts nothing out")
  func silence() {
    let messages = run(.cell("print hello", ["silent": true]))
    #expect(messages.map(\.type) == [.status, .executeReply, .status])
    #expect(messages[1].json["execution_count"] == 0)
    #expect(core.state.withLock { $0.history.entries.isEmpty })
  }

  @Test("Expressions are evaluated beside a cell that succeeds")
  func userExpressions() {
    let reply = run(.cell("print x", ["user_expressions": ["a": "b"]])).first {
      $0.type == .executeReply
    }
    #expect(reply?.json["user_expressions"]?["a"]?["data"]?["text/plain"] == "b")
  }

  @Test("What goes beyond the limit is cut between scalars, with one notice")
  func outputLimit() {
    let messages = run(.cell("print " + String(repeating: "é", count: 80)))
    let text = messages.filter { $0.type == .stream }
    #expect(text.map { $0.json["name"] } == ["stdout", "stderr"])
    #expect(text[0].json["text"] == .string(String(repeating: "é", count: 50)))
    var budget = OutputBudget(OutputLimits(textBytes: 3))
    let cut = budget.admit(.text("aéé", .standardOutput))
    let rest = budget.admit(.text("b", .standardOutput))
    #expect(cut.first == .text("aé", .standardOutput))
    #expect(cut.count == 2 && rest.isEmpty)
  }

  @Test("An interrupt stops the running cell and does not reach the next one")
  func interruption() async {
    core.interrupt()
    async let messages = Task.detached { run(.cell("wait")) }.value
    while core.running.withLock({ $0 == nil }) { usleep(500) }
    core.interrupt()
    #expect(await messages.contains { $0.json["ename"] == "KeyboardInterrupt" })
    core.interrupt()
    #expect(run(.cell("print x"))[3].json["status"] == "ok")
  }

  @Test("A question goes to the client that sent the cell, and its answer to the cell")
  func question() async {
    let emissions = Collected<Emission>()
    let core = core
    async let reply = Task.detached {
      core.execute(.cell("ask name?")) { emission in
        emissions.append(emission)
        if case .message(let message) = emission, message.channel == .stdin {
          #expect(message.json == ["prompt": "name?", "password": true])
          core.desk.deliver(.success("Ada"))
        }
      }
    }.value
    #expect(await reply.messages[0].json["status"] == "ok")
    #expect(
      emissions.all.contains { if case .text("Ada", _, _) = $0 { true } else { false } })
    let refused = run(.cell("ask name?", ["allow_stdin": false]))
    #expect(refused.contains { $0.json["ename"] == "InputError" })
  }

  @Test("Nothing passes an output that has been closed")
  func closedOutput() {
    let events = Collected<Output.Event>()
    let output = Output { events.append($0) }
    output.write("a")
    output.close()
    output.write("b")
    output.display(MIMEBundle(plain: "c"))
    output.page(MIMEBundle(plain: "d"))
    #expect(events.all == [.text("a", .standardOutput)])
    #expect(output.payloads.isEmpty)
    #expect(throws: InputError.notAllowed) { try output.ask("?") }
  }
}
