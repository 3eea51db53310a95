import Checkpoints
import CommandLanguage
import Files
import InContext
import Tokenizers
import Transformer

// The names under which a person meets the errors of the rooms below.

extension ModelError: NamedError {
  public var languageName: String { "ModelError" }
}

extension CheckpointError: NamedError {
  public var languageName: String { "ModelError" }
}

extension SafetensorsViolation: NamedError {
  public var languageName: String { "ModelError" }
}

extension TokenizerError: NamedError {
  public var languageName: String { "ModelError" }
}

extension TokenizerMissing: NamedError {
  public var languageName: String { "ModelError" }
}

extension ModelNotFound: NamedError {
  var languageName: String { "ModelError" }
}

extension MissingResources: NamedError {
  var languageName: String { "ModelError" }
}

extension GenerationError: NamedError {
  public var languageName: String { "ModelError" }
}

extension DataError: NamedError {
  public var languageName: String { "DataError" }
}

extension TemplateError: NamedError {
  public var languageName: String { "DataError" }
}

extension PromptError: NamedError {
  public var languageName: String { "DataError" }
}

extension PromptModelMismatch: NamedError {
  var languageName: String { "DataError" }
}

extension FileError: NamedError {
  public var languageName: String { "FileError" }
}
