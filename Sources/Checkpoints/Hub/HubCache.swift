import Files
import Foundation

/// Models that Fathom or Hugging Face's own tools have fetched to this machine:
/// `models--ORGANISATION--NAME/snapshots/COMMIT` in one folder.
public struct HubCache: Sendable {
  public let folder: URL

  /// The cache that `HF_HUB_CACHE` or `HF_HOME` name, else the usual one in the home folder.
  public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    func place(_ key: String, _ rest: String = "") -> URL? {
      guard let path = environment[key], !path.isEmpty else { return nil }
      let expanded = path.hasPrefix("~") ? NSString(string: path).expandingTildeInPath : path
      return URL(fileURLWithPath: expanded + rest)
    }
    folder =
      place("HF_HUB_CACHE") ?? place("HUGGINGFACE_HUB_CACHE") ?? place("HF_HOME", "/hub")
      ?? place("XDG_CACHE_HOME", "/huggingface/hub")
      ?? URL(fileURLWithPath: NSHomeDirectory() + "/.cache/huggingface/hub")
  }

  /// The files of a model, `organisation/name` or `name`: those of its main branch, else of the
  /// snapshot whose name comes last; nil if it was not downloaded.
  public func snapshot(of name: String) -> URL? {
    guard let parts = Self.parts(of: name), (1...2).contains(parts.count) else { return nil }
    let model = folder(of: name)
    let snapshots = model.appendingPathComponent("snapshots")
    let found = Self.children(of: snapshots).filter {
      Self.isModel(snapshots.appendingPathComponent($0))
    }
    let main = try? String(contentsOf: model.appendingPathComponent("refs/main"), encoding: .utf8)
    let commit = main?.trimmingCharacters(in: .whitespacesAndNewlines)
    return (found.first { $0 == commit } ?? found.last).map(snapshots.appendingPathComponent)
  }

  /// Whether a text can be the name of a model on the Hub: `organisation/name`.
  public static func isModelName(_ text: String) -> Bool { parts(of: text)?.count == 2 }

  /// Whether all weights of a model are in its folder.
  public static func isComplete(_ folder: URL) -> Bool { WeightFormat.isComplete(in: folder) }

  /// Whether a folder is a model's: it holds config.json, or a GGUF file.
  public static func isModel(_ folder: URL) -> Bool {
    FileManager.default.fileExists(atPath: folder.appendingPathComponent("config.json").path)
      || !Checkpoint.ggufNames(in: folder).isEmpty
  }

  /// Where everything of a model is.
  func folder(of name: String) -> URL {
    folder.appendingPathComponent("models--" + name.replacing("/", with: "--"))
  }

  private static func parts(of name: String) -> [String]? {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    return parts.allSatisfy(isName) ? parts : nil
  }

  /// The names of all models whose files are here, in alphabetical order.
  public var names: [String] {
    Self.children(of: folder).compactMap { child -> String? in
      guard child.hasPrefix("models--") else { return nil }
      let name = String(child.dropFirst("models--".count)).replacing("--", with: "/")
      return snapshot(of: name) == nil ? nil : name
    }
  }

  private static func children(of folder: URL) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
  }

  /// Whether a text is a part of a model's name, which is safe as a file's name.
  static func isName(_ text: String) -> Bool {
    !text.isEmpty && !text.hasPrefix(".")
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
          UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }
}
