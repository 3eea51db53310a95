import Foundation

/// Where a kernel listens and the key it signs with, as a client has written it to a file.
///
/// See "Connection files" in the documentation of jupyter_client.
public struct ConnectionFile: Sendable, Equatable {
  public enum Transport: String, Sendable {
    case tcp, ipc
  }

  public var transport: Transport
  /// For tcp the address to listen at; for ipc the beginning of the sockets' paths.
  public var ip: String
  public var shellPort: Int
  public var controlPort: Int
  public var iopubPort: Int
  public var stdinPort: Int
  public var heartbeatPort: Int
  /// The key of the signatures; empty if messages are not signed.
  public var key: String
  /// Where the connection was read from; ports that it left open are written back there.
  public var file: URL?

  public init(
    transport: Transport = .tcp, ip: String = "127.0.0.1", shellPort: Int = 0,
    controlPort: Int = 0, iopubPort: Int = 0, stdinPort: Int = 0, heartbeatPort: Int = 0,
    key: String = ""
  ) {
    self.transport = transport
    self.ip = ip
    self.shellPort = shellPort
    self.controlPort = controlPort
    self.iopubPort = iopubPort
    self.stdinPort = stdinPort
    self.heartbeatPort = heartbeatPort
    self.key = key
  }

  /// Reads a connection file.
  ///
  /// - Throws: ``ConnectionFileError``, which says what is wrong with which key.
  public init(contentsOf file: URL) throws(ConnectionFileError) {
    let data: Data
    do {
      data = try Data(contentsOf: file)
    } catch {
      throw .unreadable(path: file.path, reason: error.localizedDescription)
    }
    try self.init(json: data)
    self.file = file
  }

  /// Reads the JSON text of a connection file.
  public init(json data: Data) throws(ConnectionFileError) {
    guard case .object(let members) = Content.decode(JSON.self, from: data) else {
      throw .notAnObject
    }
    let fields = Fields(members)
    let scheme = try fields.text("signature_scheme", default: "hmac-sha256")
    guard scheme == "hmac-sha256" else { throw .unsupportedScheme(scheme) }
    let transport = try fields.text("transport", default: "tcp")
    guard let transport = Transport(rawValue: transport) else {
      throw .unsupportedTransport(transport)
    }
    self.init(
      transport: transport, ip: try fields.text("ip", default: "127.0.0.1"),
      shellPort: try fields.port("shell_port", transport),
      controlPort: try fields.port("control_port", transport),
      iopubPort: try fields.port("iopub_port", transport),
      stdinPort: try fields.port("stdin_port", transport),
      heartbeatPort: try fields.port("hb_port", transport), key: try fields.text("key"))
    guard !ip.isEmpty else { throw .invalid(key: "ip", expected: "an address or a path") }
  }

  /// The address of a socket, as ZeroMQ wants it.
  func address(port: Int) -> String {
    switch transport {
    case .ipc: "ipc://\(ip)-\(port)"
    case .tcp:
      "tcp://\(ip.utf8.contains(UInt8(ascii: ":")) ? "[\(ip)]" : ip):\(port == 0 ? "*" : "\(port)")"
    }
  }
}

/// The members of a connection file, taken one by one with a word about what is wrong.
private struct Fields {
  let members: [String: JSON]

  init(_ members: [String: JSON]) {
    self.members = members
  }

  func text(_ key: String, default standard: String? = nil) throws(ConnectionFileError) -> String {
    switch members[key] {
    case .string(let text): return text
    case nil:
      guard let standard else { throw .missing(key: key) }
      return standard
    default: throw .invalid(key: key, expected: "a string")
    }
  }

  func port(_ key: String, _ transport: ConnectionFile.Transport) throws(ConnectionFileError) -> Int
  {
    guard let value = members[key] else { throw .missing(key: key) }
    // The number of an ipc socket is part of a path that the client has to know beforehand.
    let range = transport == .tcp ? 0...65_535 : 1...Int(Int32.max)
    guard case .integer(let port) = value, range.contains(port) else {
      throw .invalid(
        key: key, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return port
  }
}

/// What is wrong with a connection file.
public enum ConnectionFileError: Error, Sendable, Equatable, CustomStringConvertible {
  case unreadable(path: String, reason: String)
  case unwritable(path: String, reason: String)
  case notAnObject
  case missing(key: String)
  case invalid(key: String, expected: String)
  case unsupportedScheme(String)
  case unsupportedTransport(String)

  public var description: String {
    switch self {
    case .unreadable(let path, let reason): "cannot read the connection file \(path): \(reason)"
    case .unwritable(let path, let reason):
      "cannot write the chosen ports into the connection file \(path): \(reason)"
    case .notAnObject: "the connection file is no JSON object"
    case .missing(let key): "the connection file has no '\(key)'"
    case .invalid(let key, let expected): "'\(key)' in the connection file is not \(expected)"
    case .unsupportedScheme(let scheme):
      "the connection file asks for signature_scheme '\(scheme)'; this kernel signs with hmac-sha256"
    case .unsupportedTransport(let transport):
      "the connection file asks for transport '\(transport)'; this kernel knows tcp and ipc"
    }
  }
}
