import Files

/// The rule of the safetensors format that a file breaks.
///
/// One case a rule, after <https://github.com/huggingface/safetensors#format>; `tensor` is the
/// name of the tensor at fault, sizes and offsets are in bytes.
public enum SafetensorsViolation: Error, Sendable, Equatable {
  case strange(StrangeContent)
  case noHeaderLength(fileSize: Int)
  case headerTooLong(length: UInt64)
  case headerBeyondFile(length: Int, fileSize: Int)
  case headerStart(byte: UInt8)
  case headerSyntax(JSONError)
  case metadataNotText
  case entryNotObject(tensor: String)
  case memberMissing(tensor: String, member: String)
  case unknownType(tensor: String, type: String)
  case shape(tensor: String)
  case sizeOverflow(tensor: String)
  case partialByte(tensor: String)
  case offsets(tensor: String)
  case sizeMismatch(tensor: String, declared: Int, needed: Int)
  case overlap(tensor: String)
  case gap(tensor: String, bytes: Int)
  case truncated(missing: Int)
  case trailingBytes(Int)
  case equivalentNames(tensor: String)
}

extension SafetensorsViolation: CustomStringConvertible {
  public var description: String {
    switch self {
    case .strange(let content): content.description
    case .noHeaderLength(let size):
      "the file has \(size) bytes, too few for the 8 of the header's length"
    case .headerTooLong(let length):
      "the header would be \(length) bytes long; at most \(SafetensorsFile.headerLimit) are allowed"
    case .headerBeyondFile(let length, let size):
      "the header should have \(length) bytes, but the file ends at \(size); is it a part of one?"
    case .headerStart(let byte):
      "the header starts with byte 0x\(String(byte, radix: 16)) instead of '{'"
    case .headerSyntax(let error): "the header is no valid JSON: \(error)"
    case .metadataNotText: "__metadata__ is not an object of strings"
    case .entryNotObject(let tensor): "the entry of tensor \(tensor) is not an object"
    case .memberMissing(let tensor, let member): "tensor \(tensor) has no \(member)"
    case .unknownType(let tensor, let type): "tensor \(tensor) has the unknown dtype \(type)"
    case .shape(let tensor): "the shape of tensor \(tensor) is not a list of sizes"
    case .sizeOverflow(let tensor): "the size of tensor \(tensor) is beyond 64 bits"
    case .partialByte(let tensor): "tensor \(tensor) does not end at the end of a byte"
    case .offsets(let tensor):
      "data_offsets of tensor \(tensor) are not a begin and an end, in that order"
    case .sizeMismatch(let tensor, let declared, let needed):
      "tensor \(tensor) has \(declared) bytes, but its shape and dtype need \(needed)"
    case .overlap(let tensor): "tensor \(tensor) overlaps the one before it"
    case .gap(let tensor, let bytes): "\(bytes) bytes before tensor \(tensor) belong to none"
    case .truncated(let missing):
      "\(missing) bytes are missing at the end; the file is incomplete, so fetch it again"
    case .trailingBytes(let count): "\(count) bytes at the end belong to no tensor"
    case .equivalentNames(let tensor):
      "two tensors have names that Unicode holds to be the same: \(tensor)"
    }
  }
}
