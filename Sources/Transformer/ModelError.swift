/// Why a model cannot be loaded or run on a prompt.
public enum ModelError: Error, Sendable, Equatable {
  case missingModelType(path: String, known: [String])
  case unknownFamily(String, path: String, known: [String])
  case configuration(path: String, String)
  case missingTensor(String, shape: [Int], path: String)
  case wrongShape(String, found: [Int], expected: [Int])
  case unusedTensors([String], path: String)
  case emptyPrompt
  case promptTooLong(tokens: Int, context: Int)
  case tokenOutOfRange(Int, position: Int, vocabulary: Int)
  case labelOutOfRange(Int, vocabulary: Int)
  case interventionOutOfRange(String)
  case gradientWithoutAnswer
  case cacheOfAnotherModel
  case cacheOfAnotherLength(Int, tokens: Int)
  case malformedCache(String)
  case startOutOfRange(Int, context: Int)
  case notFinite
}

extension ModelError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .missingModelType(let path, let known):
      return "\(path) has no model_type; Fathom computes \(known.joined(separator: ", "))"
    case .unknownFamily(let name, let path, let known):
      return "\(path) says model_type = \"\(name)\"; Fathom computes "
        + known.joined(separator: ", ")
    case .configuration(let path, let problem):
      return "\(path): \(problem)"
    case .missingTensor(let name, let shape, let path):
      return "the checkpoint in \(path) has no tensor '\(name)' of shape \(shape), "
        + "which its configuration asks for"
    case .wrongShape(let name, let found, let expected):
      return "tensor '\(name)' has shape \(found); the configuration asks for \(expected)"
    case .unusedTensors(let names, let path):
      let some = names.prefix(5).map { "'\($0)'" }.joined(separator: ", ")
      let more = names.count > 5 ? " and \(names.count - 5) more" : ""
      return "the checkpoint in \(path) holds tensors that its configuration does not account for: "
        + some + more
    case .emptyPrompt:
      return "the prompt has no tokens"
    case .promptTooLong(let tokens, let context):
      return "the prompt has \(tokens) tokens and the model's context is \(context): "
        + "take fewer shots or shorter texts"
    case .tokenOutOfRange(let token, let position, let vocabulary):
      return "token \(token) at position \(position) is outside the model's vocabulary "
        + "0...\(vocabulary - 1): does the tokenizer belong to this model?"
    case .labelOutOfRange(let token, let vocabulary):
      return "the label token \(token) is outside the model's vocabulary 0...\(vocabulary - 1)"
    case .interventionOutOfRange(let problem):
      return problem
    case .gradientWithoutAnswer:
      return "saliency needs the gold label of the prompt; say answer=…"
    case .cacheOfAnotherModel:
      return "the cached keys and values are of another model; compute them with this one"
    case .cacheOfAnotherLength(let cached, let tokens):
      return "the model turns keys otherwise in a text of \(tokens) tokens than in the one of "
        + "\(cached) in which the cached ones were computed: run all of its tokens"
    case .malformedCache(let problem):
      return "these keys and values cannot be the model's: \(problem)"
    case .startOutOfRange(let start, let context):
      return "the first token cannot stand at position \(start): the model's positions are "
        + "0...\(context - 1)"
    case .notFinite:
      return "the model's output is not a number: the checkpoint holds NaN or infinite weights, or "
        + "computes beyond the range of float32"
    }
  }
}
