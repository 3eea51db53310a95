import Foundation

@testable import JupyterKernel

/// A toy language: a verb and the rest of the line.
final class EchoInterpreter: Interpreter {
  let information = KernelInformation(
    implementation: "echo", version: "1.0", banner: "Echo",
    language: .init(name: "echo", version: "1.0", mimeType: "text/plain", fileExtension: ".txt"))

  func execute(_ cell: Cell, output: Output) -> Outcome {
    let words = cell.code.split(separator: " ", maxSplits: 1).map(String.init)
    let rest = words.count > 1 ? words[1] : ""
    switch words.first {
    case "print": output.write(rest)
    case "warn": output.write(rest, to: .standardError)
    case "display": output.display(MIMEBundle(plain: rest), id: "it")
    case "page": output.page(MIMEBundle(plain: rest))
    case "fail": return .failure(Failure(name: "EchoError", message: rest))
    case "wait":
      while !output.isInterrupted { usleep(1_000) }
      return .interrupted
    case "ask":
      do {
        output.write(try output.ask(rest, password: true))
      } catch {
        return error == .interrupted
          ? .interrupted : .failure(Failure(name: "InputError", message: "\(error)"))
      }
    case let verb?: return .success(MIMEBundle(plain: verb))
    case nil: break
    }
    return .success(nil)
  }

  func complete(_ code: String, at cursor: Int) -> Completions {
    Completions(replacing: 0..<cursor, with: [.init("print", type: "keyword")])
  }

  func inspect(_ code: String, at cursor: Int, detail: Int) -> MIMEBundle? {
    code.isEmpty ? nil : MIMEBundle(plain: "about \(code) at \(cursor)")
  }

  func completeness(of code: String) -> Completeness { .incomplete(indent: "  ") }

  func evaluate(_ expression: String) -> Outcome { .success(MIMEBundle(plain: expression)) }
}

extension Request {
  /// A request as a client would make it, already verified.
  static func make(
    _ type: String, _ content: JSON = .object([:]), id: String = "id", on channel: Channel = .shell
  ) -> Request {
    let header = Header(messageID: id, type: type, session: "s", username: "u", date: "")
    return Request(
      channel: channel, identities: [Data("client".utf8)], header: header,
      parent: Parent(messageID: id, header: Content.encode(header)),
      content: Content.encode(content))
  }

  static func cell(_ code: String, _ options: [String: JSON] = [:]) -> Request {
    make(
      "execute_request", .object(options.merging(["code": .string(code)]) { old, _ in old }),
      id: code)
  }
}

extension Message {
  /// The content as a JSON value.
  var json: JSON { Content.decode(JSON.self, from: content) ?? .null }
}
