import Files

/// Why a model's folder cannot be used, and what would help.
public enum CheckpointError: Error, Sendable, Equatable {
  case noFolder(path: String)
  case noConfig(path: String)
  case configSyntax(path: String, JSONError)
  /// A key of config.json is missing, or holds something else than it should.
  case config(path: String, key: String, expected: String, found: String)
  /// No weights that can be read; `instead` is what there is, if anything looks like weights.
  case noWeights(path: String, instead: String?)
  case file(FileError)
  case invalid(path: String, SafetensorsViolation)
  case invalidPyTorch(path: String, PyTorchViolation)
  case invalidGGUF(path: String, GGUFViolation)
  /// A folder with several GGUF files, each of which may be a model.
  case severalGGUF(path: String, names: [String])
  case index(path: String, reason: String)
  case unreadableType(tensor: String, type: ElementType)
  /// A tensor of one type where another is wanted.
  case wrongType(tensor: String, type: ElementType, wanted: ElementType)
  case unwritable(tensor: String, reason: String)
}

extension CheckpointError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noFolder(let path):
      "there is no folder \(path); give the folder that holds the model's config.json"
    case .noConfig(let path):
      "there is no config.json in \(path); give the folder of a model in Hugging Face's format, or a "
        + ".gguf file"
    case .configSyntax(let path, let error): "\(path) is no valid JSON: \(error)"
    case .config(let path, let key, let expected, let found):
      "\(path): \(key) should be \(expected), but \(found)"
    case .noWeights(let path, let instead):
      "there is neither model.safetensors nor pytorch_model.bin in \(path); " + Self.advice(instead)
    case .file(let error): error.description
    case .invalid(let path, let violation): "\(path) is no valid safetensors file: \(violation)"
    case .invalidPyTorch(let path, let violation): "\(path) cannot be read: \(violation)"
    case .invalidGGUF(let path, let violation): "\(path) cannot be read: \(violation)"
    case .severalGGUF(let path, let names):
      "there are several models in \(path); give one of its files: " + names.joined(separator: ", ")
    case .index(let path, let reason): "\(path): \(reason)"
    case .unreadableType(let tensor, let type):
      "tensor \(tensor) has type \(type.rawValue); read are \(ElementType.computed)"
    case .wrongType(let tensor, let type, let wanted):
      "tensor \(tensor) has type \(type.rawValue) instead of \(wanted.rawValue)"
    case .unwritable(let tensor, let reason): "tensor \(tensor) cannot be written: \(reason)"
    }
  }

  private static func advice(_ instead: String?) -> String {
    switch instead {
    case nil: "the folder has no weights; fetch them with the rest of the model"
    case let name? where name.hasSuffix(".safetensors") || name.hasSuffix(".bin"):
      "there is \(name): rename it if it holds the whole model"
    case let name?:
      "there is \(name): convert it in Python with `transformers`, "
        + "AutoModelForCausalLM.from_pretrained(folder).save_pretrained(folder)"
    }
  }
}
