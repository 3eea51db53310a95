import Files
import Foundation

/// One file that `torch.save` (1.6 or later) wrote, such as `pytorch_model.bin`, mapped into memory.
///
/// The file's pickle is carried out as far as it builds tensors and refused beyond that, so that
/// reading one runs nothing of its author's. A tensor's bytes are those of the mapped file; only a
/// tensor that is not stored row by row is put in order, in memory of its own.
public struct PyTorchFile: Sendable {
  /// Longer pickles are refused; a tensor takes some 200 bytes of it.
  public static let pickleLimit = 1 << 24

  /// The tensors, by name.
  public let tensors: [String: TensorEntry]
  /// The whole file.
  public let file: MappedFile

  /// Maps and checks a file.
  ///
  /// - Throws: ``CheckpointError/file(_:)`` if it cannot be read and
  ///   ``CheckpointError/invalidPyTorch(path:_:)`` if it holds anything else than tensors by name.
  public init(_ url: URL) throws(CheckpointError) {
    do {
      file = try MappedFile(url)
    } catch {
      throw .file(error)
    }
    do {
      tensors = try Self.tensors(in: file)
    } catch {
      throw .invalidPyTorch(path: url.path, error)
    }
  }

  private static func tensors(
    in file: MappedFile
  ) throws(PyTorchViolation) -> [String: TensorEntry] {
    let bytes = file.bytes
    guard bytes.starts(with: "PK".utf8) else { throw notAnArchive(bytes) }
    let archive = try PyTorchArchive(bytes)
    let named = try namedTensors(archive.pickle)
    var reader = PyTorchTensorReader(file: file, archive: archive)
    var tensors: [String: TensorEntry] = [:]
    tensors.reserveCapacity(named.count)
    for (name, tensor) in named {
      let entry = try reader.entry(name, tensor)
      guard tensors.updateValue(entry, forKey: name) == nil else {
        throw .equivalentNames(tensor: name)
      }
    }
    return tensors
  }

  private static func notAnArchive(_ bytes: UnsafeRawBufferPointer) -> PyTorchViolation {
    // Older files start with a pickle of a long integer, still older ones are tar archives.
    let isTape = bytes.count > 262 && bytes[257..<262].elementsEqual("ustar".utf8)
    if isTape || bytes.starts(with: [0x80, 0x02, 0x8A, 0x0A]) { return .beforeArchives }
    return StrangeContent(bytes).map(PyTorchViolation.strange) ?? .noArchive
  }

  private static func namedTensors(
    _ pickle: UnsafeRawBufferPointer
  ) throws(PyTorchViolation) -> [(name: String, tensor: PickleTensor)] {
    guard pickle.count <= pickleLimit else { throw .pickleTooLong(length: pickle.count) }
    let value = try PickleReader.read(pickle)
    guard case .dictionary(let members) = value else { throw .notNamedTensors(found: value.kind) }
    if let other = members.other { throw .notTensor(name: other.name, found: other.kind) }
    return members.tensors
  }
}

/// The archive's parts: all are in one folder, whose name is up to whoever saved it.
struct PyTorchArchive {
  let pickle: UnsafeRawBufferPointer
  private let folder: String
  private let directory: ZipDirectory

  init(_ bytes: UnsafeRawBufferPointer) throws(PyTorchViolation) {
    directory = try ZipDirectory(parsing: bytes)
    let ending = "/data.pkl"
    // The shortest, as a program that was saved as well may hold others.
    guard
      let name = directory.entries.keys.filter({ $0.hasSuffix(ending) })
        .min(by: { ($0.utf8.count, $0) < ($1.utf8.count, $1) }),
      let place = directory.entries[name]
    else { throw .noPickle }
    pickle = UnsafeRawBufferPointer(rebasing: bytes[place])
    folder = String(name.dropLast(ending.count))
    if let order = directory.entries[folder + "/byteorder"] {
      guard bytes[order].elementsEqual("little".utf8) else { throw .bigEndian }
    }
  }

  /// Where a storage is in the file.
  func storage(_ key: String) -> Range<Int>? { directory.entries["\(folder)/data/\(key)"] }
}
