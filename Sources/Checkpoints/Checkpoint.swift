import Files
import Foundation
import Synchronization

/// A model's folder: config.json and the weights, mapped into memory: safetensors files or, where
/// there are none, what `torch.save` wrote. Or a GGUF file, which holds both.
///
/// Opening checks the headers; weights are read when they are touched. The mapping lives as long
/// as the checkpoint or any ``TensorEntry`` of it.
public final class Checkpoint: Sendable {
  /// The folder that holds config.json: the one given, or the snapshot within it if that was a
  /// model's folder in the cache of the Hugging Face Hub.
  public let folder: URL
  /// What config.json says or, of a GGUF file, would say.
  public let config: ConfigFile
  /// The tensors, by the names that `transformers` gives them.
  public let tensors: [String: TensorEntry]

  /// The GGUF file that is the model, if it is one.
  public let gguf: GGUFFile?

  private let files: [MappedFile]
  private let storedFingerprint = Mutex<String?>(nil)

  /// Opens the model in a folder, or a GGUF file.
  ///
  /// - Parameter given: a folder with config.json and weights, or with one GGUF file and no other
  ///   weights; a model's folder in the cache of the Hugging Face Hub; or a GGUF file.
  /// - Throws: ``CheckpointError``, which names the file and says what would help.
  public init(folder given: URL) throws(CheckpointError) {
    let found = Self.snapshot(of: given)
    if let file = try Self.ggufFile(at: found) {
      let gguf = try GGUFFile(file)
      do throws(GGUFViolation) {
        let model = try GGUFModel(gguf)
        tensors = model.tensors
        config = ConfigFile(values: model.config, path: file.path)
      } catch {
        throw .invalidGGUF(path: file.path, error)
      }
      folder = file.deletingLastPathComponent()
      files = [gguf.file]
      self.gguf = gguf
      return
    }
    folder = found
    gguf = nil
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

  /// SHA-256 of config.json, if it is not a GGUF file, and of all weight files in the order of their
  /// names, hexadecimal.
  ///
  /// - Complexity: the first use reads every byte of the checkpoint; later ones are free.
  public var fingerprint: String {
    storedFingerprint.withLock { stored in
      if let stored { return stored }
      let config =
        gguf == nil ? try? MappedFile(folder.appendingPathComponent("config.json")) : nil
      let result = Fingerprint.sha256(ofPieces: ([config].compactMap { $0 } + files).map(\.bytes))
      stored = result
      return result
    }
  }
}

extension Checkpoint {
  /// What says of what kind the model is: the bytes of config.json, or of what comes before the weights
  /// in a GGUF file.
  public var configBytes: [UInt8] {
    if let gguf { return Array(gguf.file.bytes[..<gguf.headerCount]) }
    let config = try? MappedFile(folder.appendingPathComponent("config.json"))
    return config.map { Array($0.bytes) } ?? []
  }

  /// The GGUF file that a place means: a file, whatever it is, or the one in a folder that has no other
  /// weights.
  private static func ggufFile(at place: URL) throws(CheckpointError) -> URL? {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: place.path, isDirectory: &isFolder) else {
      return nil
    }
    guard isFolder.boolValue else { return place }
    let names = ggufNames(in: place)
    guard !names.isEmpty, !WeightFormat.isThere(in: place) else { return nil }
    guard names.count == 1 else { throw .severalGGUF(path: place.path, names: names) }
    return place.appendingPathComponent(names[0])
  }

  /// The names of the GGUF files in a folder, in alphabetical order.
  public static func ggufNames(in folder: URL) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasSuffix(".gguf") }.sorted()
  }

  /// The folder itself, or the snapshot that `refs/main` names if it is a model's folder in the
  /// cache of the Hugging Face Hub.
  private static func snapshot(of folder: URL) -> URL {
    let reference = folder.appendingPathComponent("refs/main")
    guard let text = try? String(contentsOf: reference, encoding: .utf8) else { return folder }
    let revision = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard isFileName(revision) else { return folder }
    let snapshot = folder.appendingPathComponent("snapshots/\(revision)", isDirectory: true)
    return HubCache.isModel(snapshot) ? snapshot : folder
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
    let endings = [".safetensors", ".bin", ".pt", ".pth", ".ckpt", ".h5", ".msgpack"]
    for ending in endings {
      let found = names.filter { $0.hasSuffix(ending) && $0 != "training_args.bin" }
      if let name = found.min() { return name }
    }
    return nil
  }
}
