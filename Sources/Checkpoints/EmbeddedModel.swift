import Files
import Foundation

/// The models that are shipped with the program.
public enum EmbeddedModel {
  /// Their names.
  public static let names = ["mini"]

  /// The folder of a shipped model; nil if there is none of that name, or if the program was
  /// moved away from its resources.
  public static func folder(name: String) -> URL? {
    guard names.contains(name), let resources = BundledResources.folder(target: "Checkpoints")
    else { return nil }
    let folder = resources.appendingPathComponent(name, isDirectory: true)
    return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
  }
}
