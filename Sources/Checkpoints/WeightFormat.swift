import Files
import Foundation

/// The forms in which `transformers` writes weights, the one to prefer first.
enum WeightFormat: CaseIterable {
  case safetensors, pyTorch

  /// The file that holds all weights of a model.
  var fileName: String {
    switch self {
    case .safetensors: "model.safetensors"
    case .pyTorch: "pytorch_model.bin"
    }
  }

  /// The file that says which tensor is in which of several files.
  var indexName: String { fileName + ".index.json" }

  /// Maps a file and checks it.
  func tensors(
    in url: URL
  ) throws(CheckpointError) -> (tensors: [String: TensorEntry], file: MappedFile) {
    switch self {
    case .safetensors:
      let file = try SafetensorsFile(url)
      return (file.tensors, file.file)
    case .pyTorch:
      let file = try PyTorchFile(url)
      return (file.tensors, file.file)
    }
  }

  /// Whether weights in one of the forms, or an index of such, are in a folder.
  static func isThere(in folder: URL) -> Bool {
    allCases.contains { format in
      [format.fileName, format.indexName].contains { name in
        FileManager.default.fileExists(atPath: folder.appendingPathComponent(name).path)
      }
    }
  }

  /// Whether all files of a model's weights are in a folder, in one of the forms.
  static func isComplete(in folder: URL) -> Bool {
    func has(_ name: String) -> Bool {
      FileManager.default.fileExists(atPath: folder.appendingPathComponent(name).path)
    }
    if !isThere(in: folder) { return !Checkpoint.ggufNames(in: folder).isEmpty }
    return allCases.contains { format in
      if has(format.fileName) { return true }
      let index = folder.appendingPathComponent(format.indexName)
      // A broken index counts as complete: opening says what is wrong with it.
      return has(format.indexName)
        && ((try? WeightIndex(index))?.fileNames.allSatisfy(has) ?? true)
    }
  }
}

/// An index of weight files: which tensor is in which.
struct WeightIndex {
  /// The tensors that count, each with its file, in the order of the index.
  let members: [(tensor: String, file: String)]

  /// The files, in alphabetical order.
  var fileNames: [String] { Set(members.map(\.file)).sorted() }

  /// - Throws: ``CheckpointError/file(_:)`` if it cannot be read, and
  ///   ``CheckpointError/index(path:reason:)`` if it is not what an index should be.
  init(_ url: URL) throws(CheckpointError) {
    let json: JSONValue
    do {
      json = try MappedFile(url).json()
    } catch let error as FileError {
      throw .file(error)
    } catch {
      throw .index(path: url.path, reason: "no valid JSON: \(error)")
    }
    guard let map = json["weight_map"]?.object, map.count > 0 else {
      throw .index(path: url.path, reason: "weight_map should be an object of file names")
    }
    var members: [(tensor: String, file: String)] = []
    for (tensor, value) in map.members {
      // A name with a slash could lead out of the model's folder.
      guard let file = value.string, Checkpoint.isFileName(file) else {
        throw .index(
          path: url.path,
          reason: "tensor \(tensor) should be in a file of this folder, "
            + "but its entry is \(value.text)")
      }
      members.append((tensor, file))
    }
    self.members = members
  }
}
