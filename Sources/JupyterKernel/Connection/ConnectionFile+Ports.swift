import Foundation

extension ConnectionFile {
  /// Whether a port is left for the system to choose.
  var hasOpenPorts: Bool {
    [shellPort, controlPort, iopubPort, stdinPort, heartbeatPort].contains(0)
  }

  /// Writes the ports that the system has chosen into the file that left them open.
  ///
  /// The rest of the file stays as it is, and only its owner can read it: it holds the key.
  func writeBackPorts() throws(ConnectionFileError) {
    guard let file else { return }
    do {
      var members: [String: JSON] = [:]
      if case .object(let old) = Content.decode(JSON.self, from: try Data(contentsOf: file)) {
        members = old
      }
      members["shell_port"] = .integer(shellPort)
      members["control_port"] = .integer(controlPort)
      members["iopub_port"] = .integer(iopubPort)
      members["stdin_port"] = .integer(stdinPort)
      members["hb_port"] = .integer(heartbeatPort)
      let beside = file.appendingPathExtension("new")
      let isWritten = FileManager.default.createFile(
        atPath: beside.path, contents: Content.encode(JSON.object(members)),
        attributes: [.posixPermissions: 0o600])
      guard isWritten, rename(beside.path, file.path) == 0 else {
        throw CocoaError(.fileWriteUnknown)
      }
    } catch {
      throw .unwritable(path: file.path, reason: error.localizedDescription)
    }
  }
}
