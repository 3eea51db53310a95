import Files
import Foundation
import Synchronization

/// A model's folder: config.json and the weights, mapped into memory: safetensors files or, where
/// there are none, what `torch.save` wrote.
///
/// Opening checks the headers; weights are read when they are touched. The mapping lives as long
/// as the checkpoint or any ``TensorEntry`` of it.
public final class Checkpoint: Sendable {
  /// The folder that holds config.json: the one given, or the snapshot within it if that was a
  /// model's folder in the cache of the Hugging Face Hub.
  public let folder: URL
  public let config: ConfigFile
  /// The tensors, by name.
  public let tensors: [String: TensorEntry]

  private let files: [MappedFile]
  private let storedFingerprint = Mutex<String?>(nil)

  /// Opens the model in a folder.
  ///
  /// - Throws: ``CheckpointError``, which names the file and says what would help.
  public init(folder given: URL) throws(CheckpointError) {
    folder = Self.snapshot(of: given)
    config = try ConfigFile(folder: folder)
    for format in WeightFormat.allCases {
      let single = folder.appendingPathComponent(format.fileName)
      let index = folder.appendingPathComponent(format.indexName)
      if FileManager.default.fileExists(atPath: single.path) {
        let (tensors, file) = try format.tensors(in: single)
        self.tensors = tensors
        files = [file]
        return
      }
      if FileManager.default.fileExists(atPath: index.path) {
        (tensors, files) = try Self.shards(index, format)
        return
      }
    }
    throw .noWeights(path: folder.path, instead: Self.otherWeights(in: folder))
  }

  /// The tensor of that name.
  public func tensor(_ name: String) -> TensorEntry? { tensors[name] }

  /// How many numbers the checkpoint holds.
  public var parameterCount: Int { tensors.values.reduce(0) { $0 + $1.count } }

  /// SHA-256 of config.json and of all weight files in the order of their names, hexadecimal.
  ///
  /// - Complexity: the first use reads every byte of the checkpoint; later ones are free.
  public var fingerprint: String {
    storedFingerprint.withLock { stored in
      if let stored { return stored }
      let config = try? MappedFile(folder.appendingPathComponent("config.json"))
      let result = Fingerprint.sha256(ofPieces: ([config].compactMap { $0 } + files).map(\.bytes))
      stored = result
      return result
    }
  }
}

extension Checkpoint {
  /// The folder itself, or the snapshot that `refs/main` names if it is a model's folder in the
  /// cache of the Hugging Face Hub.
  private static func snapshot(of folder: URL) -> URL {
    let reference = folder.appendingPathComponent("refs/main")
    guard let text = try? String(contentsOf: reference, encoding: .utf8) else { return folder }
    let revision = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard isFileName(revision) else { return folder }
    let snapshot = folder.appendingPathComponent("snapshots/\(revision)", isDirectory: true)
    let config = snapshot.appendingPathComponent("config.json")
    return FileManager.default.fileExists(atPath: config.path) ? snapshot : folder
  }

  /// The tensors that an index lists, each from the file it names; others there do not count.
  private static func shards(
    _ url: URL, _ format: WeightFormat
  ) throws(CheckpointError) -> ([String: TensorEntry], [MappedFile]) {
    let index = try WeightIndex(url)
    let names = index.fileNames
    var shards: [String: (tensors: [String: TensorEntry], file: MappedFile)] = [:]
    for name in names {
      shards[name] = try format.tensors(
        in: url.deletingLastPathComponent().appendingPathComponent(name))
    }
    var tensors: [String: TensorEntry] = [:]
    for (tensor, file) in index.members {
      guard let entry = shards[file]?.tensors[tensor] else {
        throw .index(path: url.path, reason: "tensor \(tensor) is not in \(file)")
      }
      tensors[tensor] = entry
    }
    return (tensors, names.compactMap { shards[$0]?.file })
  }

  /// Whether a text names a file in a folder and cannot lead out of it.
  static func isFileName(_ name: String) -> Bool {
    !name.isEmpty && name != "." && name != ".." && !name.utf8.contains(UInt8(ascii: "/"))
      && !name.utf8.contains(0)
  }

  /// A file that looks as if it held weights, in a form that is not read.
  private static func otherWeights(in folder: URL) -> String? {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let endings = [".safetensors", ".bin", ".pt", ".pth", ".ckpt", ".h5", ".msgpack", ".gguf"]
    for ending in endings {
      let found = names.filter { $0.hasSuffix(ending) && $0 != "training_args.bin" }
      if let name = found.min() { return name }
    }
    return nil
  }
}
