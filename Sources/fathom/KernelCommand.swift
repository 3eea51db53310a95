import ArgumentParser
import Foundation
import JupyterKernel

/// Serves a notebook. Jupyter starts this; see `kernel.json`.
struct KernelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernel", abstract: "Serve a Jupyter client (Jupyter itself starts this).")

  @Argument(help: "The connection file that Jupyter has written.", completion: .file())
  var connectionFile: String

  func run() throws {
    let connection = try ConnectionFile(contentsOf: URL(fileURLWithPath: connectionFile))
    try Kernel(connection: connection, interpreter: FathomInterpreter()).run()
  }
}
