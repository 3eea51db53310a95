/// The rule of the GGUF format that a file breaks, or what of it is not read.
///
/// After <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>; `key` is of the metadata, `tensor`
/// the name of the tensor at fault, sizes and offsets are in bytes.
public enum GGUFViolation: Error, Sendable, Equatable {
  case strange(StrangeContent)
  case magic
  case bigEndian
  case version(UInt32)
  /// The file ends within what comes before the tensors' data.
  case headerBeyondFile(part: String, fileSize: Int)
  case notUTF8(part: String)
  case unknownValueType(key: String, type: UInt32)
  case boolean(key: String, byte: UInt8)
  case number(key: String, value: UInt64)
  case nesting(key: String)
  case repeatedKey(String)
  case alignment(Int)
  case repeatedTensor(String)
  case dimensions(tensor: String, count: UInt32)
  case sizeOverflow(tensor: String)
  case unreadableType(tensor: String, type: String)
  /// Rows that are no whole blocks.
  case partialBlock(tensor: String, row: Int, type: ElementType)
  case offset(tensor: String, offset: UInt64)
  case overlap(tensor: String)
  case truncated(missing: Int)
  case part(of: Int)
  // What the metadata says of the model.
  case missingKey(String)
  case value(key: String, expected: String, found: String)
  case unknownArchitecture(String, known: [String])
  case unknownKey(String, architecture: String)
}

extension GGUFViolation: CustomStringConvertible {
  public var description: String {
    switch self {
    case .strange(let content): content.description
    case .magic: "it does not start with GGUF; of a model in another form, give the folder"
    case .bigEndian: "its numbers are big-endian; convert it with gguf_convert_endian.py"
    case .version(let version):
      "it has version \(version) of the format; 2 and 3 are read, so convert it again"
    case .headerBeyondFile(let part, let size):
      "the file ends at \(size) bytes, within \(part); it is incomplete or damaged, so fetch it again"
    case .notUTF8(let part): "\(part) is not valid UTF-8"
    case .unknownValueType(let key, let type): "\(key) has a value of the unknown type \(type)"
    case .boolean(let key, let byte): "\(key) is neither false nor true but \(byte)"
    case .number(let key, let value): "\(key) is \(value), beyond 63 bits"
    case .nesting(let key): "\(key) has lists too deep within one another"
    case .repeatedKey(let key): "\(key) is there twice"
    case .alignment(let value): "general.alignment is \(value), not a power of two from 8 on"
    case .repeatedTensor(let tensor): "there are two tensors \(tensor)"
    case .dimensions(let tensor, let count):
      "tensor \(tensor) has \(count) dimensions; at least 1 and at most 4 are possible"
    case .sizeOverflow(let tensor): "the size of tensor \(tensor) is beyond 64 bits"
    case .unreadableType(let tensor, let type):
      "tensor \(tensor) has type \(type); read are \(ElementType.computed)"
    case .partialBlock(let tensor, let row, let type):
      "tensor \(tensor) has rows of \(row) numbers, but a block of \(type.rawValue) "
        + "\(type.block.count)"
    case .offset(let tensor, let offset):
      "tensor \(tensor) begins at \(offset), which is no multiple of the alignment"
    case .overlap(let tensor): "tensor \(tensor) overlaps the one before it"
    case .truncated(let missing):
      "\(missing) bytes are missing at the end; the file is incomplete, so fetch it again"
    case .part(let count):
      "it is one of \(count) parts of a model; join them with llama-gguf-split --merge"
    case .missingKey(let key): "the metadata has no \(key)"
    case .value(let key, let expected, let found):
      "\(key) should be \(expected), but it is \(found)"
    case .unknownArchitecture(let name, let known):
      "general.architecture is \"\(name)\"; Fathom reads GGUF files of "
        + known.joined(separator: ", ")
    case .unknownKey(let key, let architecture):
      "\(key) says something about the model that Fathom does not compute for GGUF files of "
        + architecture
    }
  }
}
