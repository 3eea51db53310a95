import ArgumentParser
import Foundation
import JupyterKernel

/// Tells Jupyter of this executable.
struct InstallCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "install", abstract: "Make Fathom known to Jupyter.",
    discussion: """
      Without an option that says where, the kernel is installed for this user. Jupyter starts \
      this very executable: install again after it has moved.
      """)

  @Flag(help: "Install for this user (the default).")
  var user = false

  @Option(
    help: ArgumentHelp("Install under this prefix, as /usr/local.", valueName: "folder"),
    completion: .directory)
  var prefix: String?

  @Flag(help: "Install into the active Python environment.")
  var sysPrefix = false

  @Option(help: "The name of the kernel, in `jupyter --kernel NAME`.")
  var name = "fathom"

  @Option(help: ArgumentHelp("The name that people see.", valueName: "text"))
  var displayName = "Fathom"

  func validate() throws {
    if (user ? 1 : 0) + (prefix == nil ? 0 : 1) + (sysPrefix ? 1 : 0) > 1 {
      throw ValidationError("Say one of --user, --prefix and --sys-prefix.")
    }
    guard KernelSpec.isValid(name: name) else {
      throw ValidationError(KernelSpecError.invalidName(name).description)
    }
  }

  func run() throws {
    let spec = KernelSpec(
      arguments: [try Self.executable().path, "kernel", "{connection_file}"],
      displayName: displayName, language: FathomInterpreter.language, files: Logos.files)
    let folder = try spec.install(as: name, in: location)
    print("Installed the kernel \(name) in \(folder.path)")
  }

  private var location: KernelSpec.Location {
    if let prefix { return .prefix(URL(fileURLWithPath: prefix, isDirectory: true)) }
    return sysPrefix ? .activeEnvironment : .user
  }

  /// This executable with links resolved: where its resources are.
  private static func executable() throws -> URL {
    #if os(Linux)
      let path = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      return URL(fileURLWithPath: path)
    #else
      guard let url = Bundle.main.executableURL else {
        throw ValidationError("The path of this executable cannot be found out.")
      }
      return url.resolvingSymlinksInPath()
    #endif
  }
}
