/// Why the tensors of a file that `torch.save` wrote are not read.
///
/// Such a file is a zip archive: a pickle, which is a program that builds the tensors, and the
/// tensors' storages. Of that program only what builds tensors is carried out.
public enum PyTorchViolation: Error, Sendable, Equatable {
  case strange(StrangeContent)
  /// Written by PyTorch before 1.6.
  case beforeArchives
  case noArchive
  // The archive; `entry` is the name of the entry at fault.
  case noDirectory
  case entryCompressed(entry: String)
  case entryOutside(entry: String)
  case entryTwice(entry: String)
  case noPickle
  case bigEndian
  // The pickle; offsets are in bytes from its start.
  case pickleTooLong(length: Int)
  case pickleEnds
  case instruction(code: UInt8, offset: Int)
  case operand(offset: Int)
  case tooMuch(offset: Int)
  case global(name: String)
  // What it builds.
  case notNamedTensors(found: String)
  case notTensor(name: String, found: String)
  case equivalentNames(tensor: String)
  // The tensors.
  case noStorage(tensor: String, key: String)
  case storageSize(tensor: String, bytes: Int, needed: Int)
  case shape(tensor: String)
  case outsideStorage(tensor: String)
  case repeatedElements(tensor: String)
}

extension PyTorchViolation: CustomStringConvertible {
  public var description: String {
    switch self {
    case .strange(let content): content.description
    case .beforeArchives:
      "PyTorch before 1.6 wrote it, in a form that is not read; \(Self.conversion)"
    case .noArchive:
      "it is no archive of PyTorch's (it does not start with 'PK'); \(Self.conversion)"
    case .noDirectory:
      "the archive's directory is not at its end; the file is incomplete or damaged, so fetch it "
        + "again"
    case .entryCompressed(let entry):
      "its entry \(entry) is compressed or encrypted, which PyTorch never does; \(Self.conversion)"
    case .entryOutside(let entry):
      "its entry \(entry) is not where the directory says; the file is damaged, so fetch it again"
    case .entryTwice(let entry): "it has two entries named \(entry)"
    case .noPickle: "the archive holds no data.pkl, so that PyTorch did not write it"
    case .bigEndian: "its numbers are big-endian; \(Self.conversion)"
    case .pickleTooLong(let length):
      "its data.pkl has \(length) bytes; at most \(PyTorchFile.pickleLimit) are read"
    case .pickleEnds: "its data.pkl ends early; the file is damaged, so fetch it again"
    case .instruction(let code, let offset):
      "byte \(offset) of its data.pkl is the instruction 0x\(String(code, radix: 16)), which no "
        + "list of tensors needs; \(Self.conversion)"
    case .operand(let offset):
      "the instruction at byte \(offset) of its data.pkl does not fit what stands before it; "
        + Self.conversion
    case .tooMuch(let offset):
      "its data.pkl, at byte \(offset), asks for more than any list of tensors does"
    case .global(let name):
      "its pickle asks for \(name), and only what builds tensors is carried out, as a pickle can "
        + "run any program; if you trust the file, \(Self.conversion)"
    case .notNamedTensors(let found):
      "it holds \(found) where tensors by name should be; \(Self.conversion)"
    case .notTensor(let name, let found):
      "its member \(name) is \(found), not a tensor; \(Self.conversion)"
    case .equivalentNames(let tensor):
      "two tensors have names that Unicode holds to be the same: \(tensor)"
    case .noStorage(let tensor, let key):
      "tensor \(tensor) is in storage \(key), which is not in the file"
    case .storageSize(let tensor, let bytes, let needed):
      "the storage of tensor \(tensor) has \(bytes) bytes where \(needed) should be"
    case .shape(let tensor):
      "the shape of tensor \(tensor) is not a list of sizes with as many strides"
    case .outsideStorage(let tensor): "tensor \(tensor) reaches beyond its storage"
    case .repeatedElements(let tensor):
      "tensor \(tensor) repeats elements of its storage; \(Self.conversion)"
    }
  }

  private static let conversion =
    "convert it in Python with `transformers`, "
    + "AutoModelForCausalLM.from_pretrained(folder).save_pretrained(folder)"
}
