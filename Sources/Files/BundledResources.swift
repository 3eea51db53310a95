import Foundation

/// The folders of files that are shipped with the program.
///
/// The generated `Bundle.module` ends the process when its folder is missing, which a program
/// that was copied elsewhere must survive; this looks and answers nil.
public enum BundledResources {
  /// The folder with the resources of a target, or nil if there is none.
  ///
  /// Looked for, in this order, in the folder that the environment variable `FATHOM_RESOURCES`
  /// names, beside the executable, and in `../share/fathom` as seen from there.
  public static func folder(target: String) -> URL? {
    let name = "Fathom_\(target).\(suffix)"
    for place in places {
      let folder = place.appendingPathComponent(name, isDirectory: true)
      var isDirectory: ObjCBool = false
      if FileManager.default.fileExists(atPath: folder.path, isDirectory: &isDirectory),
        isDirectory.boolValue
      {
        return folder
      }
    }
    return nil
  }

  private static var places: [URL] {
    var places: [URL] = []
    if let named = ProcessInfo.processInfo.environment["FATHOM_RESOURCES"], !named.isEmpty {
      places.append(URL(fileURLWithPath: named, isDirectory: true))
    }
    if let executable {
      let folder = executable.deletingLastPathComponent()
      places.append(folder)
      places.append(folder.deletingLastPathComponent().appendingPathComponent("share/fathom"))
    }
    return places
  }

  #if os(Linux)
    private static let suffix = "resources"

    /// The executable with links resolved, so that a link in a `bin` folder finds its resources.
    private static var executable: URL? {
      guard let path = realpath("/proc/self/exe", nil) else { return nil }
      defer { free(path) }
      return URL(fileURLWithPath: String(cString: path))
    }
  #else
    private static let suffix = "bundle"

    private static var executable: URL? { Bundle.main.executableURL?.resolvingSymlinksInPath() }
  #endif
}
