import Checkpoints
import CommandLanguage
import Files
import InContext
import InformationFlow
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

extension PyTorchViolation: NamedError {
  public var languageName: String { "ModelError" }
}

extension HubError: NamedError {
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

  public var languageParameter: String? {
    switch self {
    case .drawing(.rowOutOfRange): "query"
    case .drawing(.fractionOutOfRange): "test"
    case .drawing(.seedOutOfRange): "seed"
    case .drawing(.shotsOutOfRange), .drawing(.tooFewDemonstrations): "shots"
    case .drawing(.samplesOutOfRange): "samples"
    case .rows(.missingColumn(_, _, let option, _, _)): option
    case .source, .rows: "source"
    case .classes(.labelWordCount): "labels"
    case .drawing(.emptyTest), .classes: nil
    }
  }
}

extension TemplateError: NamedError {
  public var languageName: String { "DataError" }

  public var languageParameter: String? {
    switch self {
    case .marks, .labelBeforeText, .labelNotLast, .nothingBetween: "template"
    case .tooFewWords, .emptyWord, .newline, .duplicateWord, .classWithoutWord, .wordWithoutClass:
      "labels"
    }
  }
}

extension PromptError: NamedError {
  public var languageName: String { "DataError" }

  public var languageParameter: String? {
    switch self {
    case .sameFirstToken, .sameBlank, .meltedLabelWord, .emptyLabelWord, .tooFewLabels: "labels"
    case .unknownAnswer: "answer"
    case .tooLong, .allTooLong, .noTokens, .negativeToken, .unknownToken, .needsTokenizer: nil
    }
  }
}

extension AnalysisError: NamedError {
  public var languageName: String { "AnalysisError" }

  public var languageMessage: String {
    switch self {
    case .noAnswer:
      "the prompt has no labels with a right answer, and saliency is the gradient of that answer."
    case .noLabelPositions:
      "no label word stands in the prompt before its last position, so that nothing can flow "
        + "through one."
    default: description
    }
  }

  public var languageHint: String? {
    let drawn = #"prompt sst2 text="what a waste " answer=negative"#
    let raw = #"prompt text="good: Positive\nbad:" labels=[" Negative", " Positive"] "#
    let ways =
      "with demonstrations of a data set: \(drawn)\n"
      + #"as it is, a label word within: \#(raw)answer=" Negative""#
    return switch self {
    case .noAnswer: ways
    case .noLabelPositions: "of a data set: shots=1 or more\n" + ways
    case .noDemonstrations:
      "a raw prompt has none; a data set has, or a prompt of one: compress mini (prompt sst2 shots=1)"
    case .noPrompts, .noLabels, .noTokens, .layerOutOfRange, .textAnchors, .diverged: nil
    }
  }

  public var languageParameter: String? {
    if case .diverged = self { "rate" } else { nil }
  }
}

extension PromptModelMismatch: NamedError {
  var languageName: String { "DataError" }
}

extension FileError: NamedError {
  public var languageName: String { "FileError" }
}
