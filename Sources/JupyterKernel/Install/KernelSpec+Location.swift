import Foundation

extension KernelSpec {
  /// The installation of Jupyter that is to find a kernel.
  public enum Location: Sendable, Equatable {
    /// The person's own, as `jupyter kernelspec install --user`.
    case user
    /// `PREFIX/share/jupyter`, for example with `/usr/local`.
    case prefix(URL)
    /// The Python environment that is active, as `--sys-prefix`.
    case activeEnvironment

    /// The data folder of Jupyter: kernels are in its `kernels`.
    ///
    /// - Throws: ``KernelSpecError/noEnvironment`` if no Python environment is active.
    public func dataFolder(
      environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(KernelSpecError) -> URL {
      func folder(_ variable: String) -> URL? {
        guard let path = environment[variable], !path.isEmpty else { return nil }
        return URL(fileURLWithPath: path, isDirectory: true)
      }
      let share = "share/jupyter"
      switch self {
      case .prefix(let prefix): return prefix.appendingPathComponent(share)
      case .activeEnvironment:
        // A virtual environment can be active inside a conda one, hardly the other way round.
        guard let prefix = folder("VIRTUAL_ENV") ?? folder("CONDA_PREFIX") else {
          throw .noEnvironment
        }
        return prefix.appendingPathComponent(share)
      case .user:
        if let data = folder("JUPYTER_DATA_DIR") { return data }
        let home = folder("HOME") ?? FileManager.default.homeDirectoryForCurrentUser
        #if os(macOS)
          return home.appendingPathComponent("Library/Jupyter")
        #else
          if let data = folder("XDG_DATA_HOME") { return data.appendingPathComponent("jupyter") }
          return home.appendingPathComponent(".local/share/jupyter")
        #endif
      }
    }
  }
}
