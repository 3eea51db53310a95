import Foundation
import Testing

@testable import JupyterKernel

@Suite("Connection files")
struct ConnectionFileTests {
  static let good: [String: JSON] = [
    "transport": "tcp", "ip": "127.0.0.1", "shell_port": 1, "control_port": 2, "iopub_port": 3,
    "stdin_port": 4, "hb_port": 5, "key": "k", "signature_scheme": "hmac-sha256", "extra": [1],
  ]

  func error(_ changes: [String: JSON] = [:], without key: String = "") -> ConnectionFileError? {
    var members = Self.good.merging(changes) { _, new in new }
    members[key] = nil
    do {
      _ = try ConnectionFile(json: Content.encode(JSON.object(members)))
      return nil
    } catch {
      return error
    }
  }

  @Test("A good file is read, and says where to listen")
  func good() throws {
    let connection = try ConnectionFile(json: Content.encode(JSON.object(Self.good)))
    #expect(connection.address(port: connection.shellPort) == "tcp://127.0.0.1:1")
    #expect(connection.address(port: 0) == "tcp://127.0.0.1:*")
    #expect(
      ConnectionFile(transport: .ipc, ip: "/run/k").address(port: 3) == "ipc:///run/k-3")
    #expect(ConnectionFile(ip: "::1").address(port: 3) == "tcp://[::1]:3")
  }

  @Test("What is wrong is said of the key that is wrong")
  func errors() {
    let port = "a whole number from 0 to 65535"
    #expect(error(without: "shell_port") == .missing(key: "shell_port"))
    #expect(error(without: "key") == .missing(key: "key"))
    #expect(error(["hb_port": "5"]) == .invalid(key: "hb_port", expected: port))
    #expect(error(["hb_port": 65_536]) == .invalid(key: "hb_port", expected: port))
    #expect(error(["hb_port": -1]) == .invalid(key: "hb_port", expected: port))
    #expect(error(["ip": 7]) == .invalid(key: "ip", expected: "a string"))
    #expect(error(["transport": "udp"]) == .unsupportedTransport("udp"))
    #expect(error(["signature_scheme": "hmac-md5"]) == .unsupportedScheme("hmac-md5"))
    #expect(throws: ConnectionFileError.notAnObject) { try ConnectionFile(json: Data("[".utf8)) }
    #expect(throws: ConnectionFileError.self) {
      try ConnectionFile(contentsOf: URL(fileURLWithPath: "/no/such/file.json"))
    }
  }

  @Test("A kernel chooses the ports that were left open, writes them back, and ends when told to")
  func openPorts() throws {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("connection-\(UUID().uuidString).json")
    defer { try? FileManager.default.removeItem(at: file) }
    var members = Self.good
    for key in ["shell_port", "control_port", "iopub_port", "stdin_port", "hb_port"] {
      members[key] = 0
    }
    try Content.encode(JSON.object(members)).write(to: file)
    let kernel = Kernel(
      connection: try ConnectionFile(contentsOf: file), interpreter: EchoInterpreter())
    kernel.stop(.requested(restart: true))
    #expect(try kernel.run() == .requested(restart: true))
    let written = try ConnectionFile(contentsOf: file)
    #expect(!written.hasOpenPorts)
    #expect(Content.decode(JSON.self, from: try Data(contentsOf: file))?["extra"] == [1])
    let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
    #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
  }

  @Test("An address in use is named")
  func addressInUse() throws {
    let context = try SocketContext()
    let first = try Socket(.router, in: context, maximumBytes: 1_000, linger: 0)
    let second = try Socket(.router, in: context, maximumBytes: 1_000, linger: 0)
    let address = try first.bind("tcp://127.0.0.1:*")
    #expect { try second.bind(address) } throws: { "\($0)".contains("listen at \(address)") }
    first.close()
    second.close()
    context.terminate()
  }
}
