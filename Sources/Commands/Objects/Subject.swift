import CommandLanguage
import InContext

/// What an analysis looks at: a data set, or one prompt.
enum Subject: ArgumentConvertible, Sendable {
  case dataset(DatasetObject)
  case prompt(PromptObject)

  static var typeDescription: String { "a data set or a prompt" }

  static func convert(_ value: Value, in session: Session) throws -> Subject? {
    if let prompt = PromptObject.unwrap(value) { return .prompt(prompt) }
    return try DatasetObject.convert(value, in: session).map(Subject.dataset)
  }

  static func advice(insteadOf value: Value, written: String, in session: Session) -> String? {
    DatasetObject.advice(insteadOf: value, written: written, in: session)
  }

  static func fits(_ value: Value, in session: Session) -> Bool {
    DatasetObject.unwrap(value) != nil || PromptObject.unwrap(value) != nil
  }

  static func offersFile(_ name: String) -> Bool { Dataset.isReadable(name) }

  static func completions(in session: Session) -> [Completion] {
    DatasetObject.completions(in: session)
  }

  var argumentText: String {
    switch self {
    case .dataset(let object): object.argumentText
    case .prompt(let object): object.argumentText
    }
  }

  /// The data set, or the one that the prompt was drawn from.
  var dataset: Dataset? {
    switch self {
    case .dataset(let object): object.dataset
    case .prompt(let object): object.dataset
    }
  }
}
