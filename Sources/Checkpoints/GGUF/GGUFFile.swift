import Files
import Foundation

/// One `.gguf` file, mapped into memory and checked against the rules of the format before anything is
/// read from it.
public struct GGUFFile: Sendable {
  /// The tensors, by their names in the file.
  public let tensors: [String: TensorEntry]
  /// What the file says of the model and of its tokenizer.
  public let metadata: [String: GGUFValue]
  /// The whole file.
  public let file: MappedFile
  /// The bytes before the tensors' data.
  let headerCount: Int

  /// Maps and checks a file.
  ///
  /// - Throws: ``CheckpointError/file(_:)`` if it cannot be read and
  ///   ``CheckpointError/invalidGGUF(path:_:)`` if it breaks a rule of the format or has tensors of a
  ///   type that is not read.
  public init(_ url: URL) throws(CheckpointError) {
    let file: MappedFile
    do {
      file = try MappedFile(url)
    } catch {
      throw .file(error)
    }
    do throws(GGUFViolation) {
      let header = try GGUFHeader(parsing: file)
      var tensors: [String: TensorEntry] = [:]
      for entry in header.entries {
        tensors[entry.name] = TensorEntry(
          name: entry.name, shape: entry.shape, type: entry.type, owner: file, range: entry.range)
      }
      self.tensors = tensors
      metadata = header.metadata
      headerCount = header.end
    } catch {
      throw .invalidGGUF(path: url.path, error)
    }
    self.file = file
  }

  /// Whether a file starts as one of these does. Its name need not end with `.gguf`: Ollama's do not.
  public static func isOne(_ url: URL) -> Bool {
    (try? MappedFile(url))?.bytes.starts(with: "GGUF".utf8) ?? false
  }
}
