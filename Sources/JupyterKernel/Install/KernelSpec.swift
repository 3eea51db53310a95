import Foundation

/// What Jupyter has to know to start a kernel: the folder with `kernel.json` and its logos.
///
/// See "Kernel specs" in the documentation of jupyter_client.
public struct KernelSpec: Sendable, Equatable {
  /// The command that starts the kernel; one argument has to hold `{connection_file}`.
  public var arguments: [String]
  /// The name that people see.
  public var displayName: String
  /// The name of the language.
  public var language: String
  /// Variables added to the environment of the kernel.
  public var environment: [String: String]
  public var metadata: [String: JSON]
  /// Files to put beside `kernel.json`, by name, as `logo-64x64.png`.
  public var files: [String: Data]

  public init(
    arguments: [String], displayName: String, language: String,
    environment: [String: String] = [:], metadata: [String: JSON] = [:],
    files: [String: Data] = [:]
  ) {
    self.arguments = arguments
    self.displayName = displayName
    self.language = language
    self.environment = environment
    self.metadata = metadata
    self.files = files
  }

  /// The names of logos that front ends look for.
  public static let logoNames = ["logo-32x32.png", "logo-64x64.png", "logo-svg.svg"]

  /// Takes those logos that are in a folder.
  public mutating func addLogos(from folder: URL) {
    for name in Self.logoNames {
      if let data = try? Data(contentsOf: folder.appendingPathComponent(name)) {
        files[name] = data
      }
    }
  }

  /// The text of `kernel.json`. Interrupts are asked for by message.
  public var json: Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let text = try? encoder.encode(
      File(
        argv: arguments, displayName: displayName, language: language,
        interruptMode: "message", protocolVersion: ProtocolVersion.text,
        env: environment.isEmpty ? nil : environment, metadata: metadata))
    return (text ?? Content.empty) + Data("\n".utf8)
  }

  /// Writes the kernel spec, in place of one that has the same name.
  ///
  /// - Parameters:
  ///   - name: ASCII letters, digits, `-`, `.` and `_`. Jupyter does not look at case.
  ///   - location: the installation of Jupyter that is to find it.
  /// - Returns: the folder that was written.
  /// - Throws: ``KernelSpecError``
  @discardableResult
  public func install(as name: String, in location: Location) throws(KernelSpecError) -> URL {
    guard Self.isValid(name: name) else { throw .invalidName(name) }
    guard arguments.contains(where: { $0.contains("{connection_file}") }) else {
      throw .noConnectionFile
    }
    // Jupyter compares names in lower case, and so do some file systems.
    let folder = try location.dataFolder().appendingPathComponent("kernels/\(name.lowercased())")
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      for (file, data) in files {
        try data.write(to: folder.appendingPathComponent(file), options: .atomic)
      }
      // Last: Jupyter takes a folder for a kernel as soon as this file is there.
      try json.write(to: folder.appendingPathComponent("kernel.json"), options: .atomic)
    } catch {
      throw .unwritable(path: folder.path, reason: error.localizedDescription)
    }
    return folder
  }

  /// Removes a kernel spec, and says whether there was one.
  public static func uninstall(_ name: String, from location: Location) throws(KernelSpecError)
    -> Bool
  {
    guard isValid(name: name) else { throw .invalidName(name) }
    let folder = try location.dataFolder().appendingPathComponent("kernels/\(name.lowercased())")
    guard FileManager.default.fileExists(atPath: folder.path) else { return false }
    do {
      try FileManager.default.removeItem(at: folder)
    } catch {
      throw .unwritable(path: folder.path, reason: error.localizedDescription)
    }
    return true
  }

  /// Whether Jupyter takes a name for the name of a kernel.
  public static func isValid(name: String) -> Bool {
    let isDots = name.utf8.allSatisfy { $0 == UInt8(ascii: ".") }
    return !isDots
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
          UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }

  private struct File: Encodable {
    let argv: [String]
    let displayName: String
    let language: String
    let interruptMode: String
    let protocolVersion: String
    let env: [String: String]?
    let metadata: [String: JSON]

    enum CodingKeys: String, CodingKey {
      case argv, language, env, metadata
      case displayName = "display_name"
      case interruptMode = "interrupt_mode"
      case protocolVersion = "kernel_protocol_version"
    }
  }
}

/// Why a kernel spec could not be installed.
public enum KernelSpecError: Error, Sendable, Equatable, CustomStringConvertible {
  case invalidName(String)
  case noConnectionFile
  case noEnvironment
  case unwritable(path: String, reason: String)

  public var description: String {
    switch self {
    case .invalidName(let name):
      "'\(name)' is no name for a kernel: use ASCII letters, digits, '-', '.' and '_'"
    case .noConnectionFile: "no argument of the kernel's command holds {connection_file}"
    case .noEnvironment:
      "there is no Python environment to install into: neither VIRTUAL_ENV nor CONDA_PREFIX is set"
    case .unwritable(let path, let reason): "cannot write the kernel spec in \(path): \(reason)"
    }
  }
}
