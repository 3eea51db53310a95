import Checkpoints
import CommandLanguage
import Foundation
import Tokenizers
import Transformer

/// Lists models.
struct ModelsCommand: Command {
  static let group = "models"
  static let summary = "The embedded model and the model folders and .gguf files that are near."
  static let discussion = """
    A model folder holds a config.json, or is a .gguf file or a folder of one. Without an input, the \
    current folder, models/ and Hugging Face's cache are looked at; sizes are those of the weight files. \
    The note says what keeps a model from being loaded, or from reading texts.
    """
  static let examples = ["models", #"models "~/models""#]

  @Input("A folder of model folders.") var folder: FilePath?

  func run(in session: Session) throws -> Table {
    var places = EmbeddedModel.names.compactMap { name in
      EmbeddedModel.folder(name: name).map { Place(name: name, folder: $0) }
    }
    if let folder, !FileManager.default.fileExists(atPath: folder.url.path) {
      throw ModelNotFound(source: folder.text, isPath: true)
    }
    for parent in folder.map({ [$0] }) ?? [FilePath("."), FilePath("models")] {
      places += Self.modelFolders(in: parent)
    }
    if folder == nil {
      let cache = HubCache()
      places += cache.names.compactMap { name in
        cache.snapshot(of: name).map { Place(name: name, folder: $0, isCached: true) }
      }
    }
    let rows = try places.map { place in
      try session.checkInterrupt()
      return Self.row(place)
    }
    return Table(columns: ["name", "family", "parameters", "size", "weights", "note"], rows: rows)
  }

  private struct Place {
    let name: String
    let folder: URL
    /// Whether it is in Hugging Face's cache.
    var isCached = false
  }

  /// The folder itself, if it is a model's, and the folders and files in it that are.
  private static func modelFolders(in parent: FilePath) -> [Place] {
    func isModel(_ url: URL) -> Bool { url.pathExtension == "gguf" || HubCache.isModel(url) }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: parent.url.path)) ?? []
    let prefix = parent.text == "." ? "" : parent.text + "/"
    let children = names.sorted().map {
      Place(name: prefix + $0, folder: parent.url.appendingPathComponent($0))
    }
    // Files of its own make a folder no model: they are listed one by one.
    let isOne = FileManager.default.fileExists(
      atPath: parent.url.appendingPathComponent("config.json").path)
    let itself = isOne ? [Place(name: parent.text, folder: parent.url)] : []
    return itself + children.filter { isModel($0.folder) }
  }

  private static func row(_ place: Place) -> [Value] {
    do {
      let checkpoint = try Checkpoint(folder: place.folder)
      let family = (try? checkpoint.config.string("model_type")) ?? ""
      let bytes = checkpoint.tensors.values.reduce(0) { $0 + $1.bytes.count }
      let types = Set(checkpoint.tensors.values.map(\.type.rawValue)).sorted()
      return [
        place.name.value, family.value, Model.short(checkpoint.parameterCount).value,
        ByteCount.text(bytes).value, types.joined(separator: ", ").value,
        note(on: checkpoint, at: place.folder, family: family).value,
      ]
    } catch CheckpointError.noWeights(_, instead: nil) {
      let family = (try? ConfigFile(folder: place.folder).string("model_type")) ?? ""
      let note = "no weights" + (place.isCached ? ": load fetches them" : "")
      return [place.name.value, family.value, "".value, "".value, "".value, note.value]
    } catch {
      let note = "broken: \(named(error, in: place.folder))"
      return [place.name.value, "".value, "".value, "".value, "".value, note.value]
    }
  }

  /// An error with the files of a folder called by their names; the row says which folder it is.
  private static func named(_ error: any Error, in folder: URL) -> String {
    String(describing: error).replacing(folder.path + "/", with: "")
  }

  /// What is wrong with a model whose files can be read.
  private static func note(on checkpoint: Checkpoint, at place: URL, family: String) -> String {
    guard Family.all.contains(where: { $0.modelType == family }) else {
      return "this family is not computed yet"
    }
    do { _ = try Decoder(folder: place) } catch {
      return "broken: \(named(error, in: checkpoint.folder))"
    }
    do {
      _ = try Tokenizer.of(checkpoint)
      return ""
    } catch .noTokenizer {
      return "no tokenizer: token ids only"
    } catch {
      return "broken tokenizer, token ids only: \(named(error, in: checkpoint.folder))"
    }
  }
}

/// Sizes in bytes for people.
enum ByteCount {
  /// `10.4 MB`, in powers of ten.
  static func text(_ bytes: Int) -> String {
    switch Double(bytes) {
    case 1e9...: "\((Double(bytes) / 1e9).text(digits: 3)) GB"
    case 1e6...: "\((Double(bytes) / 1e6).text(digits: 3)) MB"
    case 1e3...: "\((Double(bytes) / 1e3).text(digits: 3)) kB"
    default: "\(bytes) B"
    }
  }
}
