import Files
import Foundation

/// One `.safetensors` file, mapped into memory and checked against every rule of the format
/// before anything is read from it.
public struct SafetensorsFile: Sendable {
  /// Headers longer than this are refused, as by the format's own reader.
  public static let headerLimit = 100_000_000

  /// The tensors, by name.
  public let tensors: [String: TensorEntry]
  /// What `__metadata__` says.
  public let metadata: [String: String]
  /// The whole file.
  public let file: MappedFile

  /// Maps and checks a file.
  ///
  /// - Throws: ``CheckpointError/file(_:)`` if it cannot be read and
  ///   ``CheckpointError/invalid(path:_:)`` if it breaks a rule of the format.
  public init(_ url: URL) throws(CheckpointError) {
    do {
      file = try MappedFile(url)
    } catch {
      throw .file(error)
    }
    do throws(SafetensorsViolation) {
      let header = try SafetensorsHeader(parsing: file.bytes)
      var tensors: [String: TensorEntry] = [:]
      tensors.reserveCapacity(header.entries.count)
      for entry in header.entries {
        let tensor = TensorEntry(
          name: entry.name, shape: entry.shape, type: entry.type, owner: file,
          range: header.dataStart + entry.range.lowerBound..<header.dataStart
            + entry.range.upperBound)
        guard tensors.updateValue(tensor, forKey: entry.name) == nil else {
          throw SafetensorsViolation.equivalentNames(tensor: entry.name)
        }
      }
      self.tensors = tensors
      metadata = header.metadata
    } catch {
      throw .invalid(path: url.path, error)
    }
  }
}
