import CommandLanguage
import Foundation
import InContext

/// Reads a data set.
struct DatasetCommand: Command {
  static let group = "data and prompts"
  static let summary = "A data set: built in, a file, or a folder."
  static let discussion = """
    A file is .jsonl, .csv or .tsv; a folder holds train.jsonl and test.jsonl (or .csv, .tsv). Of a \
    single file, the last fifth of every class is held out to be asked about, unless test= names a \
    file or another fraction.

    Classes are in the order that labels= gives, else the built-in's, else sorted. A map merges or \
    renames values: labels={"0": "negative", "1": "positive"}. Label words come from template=; \
    without one they are the names of the classes.
    """
  static let makesNamedValues = true
  static let examples = [
    "dataset sst2",
    #"dataset "banking.csv" text=utterance label=intent"#,
    #"dataset "films.jsonl" labels={"0": "bad", "1": "good"} template="Film: {text}\nIt is:{label}""#,
  ]

  @Input("A built-in name, a file or a folder.") var source: DatasetSource
  @Option("The column of the text.") var text = "text"
  @Option("The column of the class.") var label = "label"
  @Option("The classes in order, or a map from value to class.", defaultText: "auto")
  var labels: ClassOption?
  @Option("How an example is written.", defaultText: "auto") var template: TemplateOption?
  @Option("A file of test rows, or the fraction to hold out.", defaultText: "auto")
  var test: TestOption?

  /// The columns of the file, for text= and label=.
  static func completions(
    of parameter: String, inputs: [Value], in session: Session
  ) -> [Completion]? {
    guard ["text", "label"].contains(parameter), let source = inputs.first?.word else {
      return nil
    }
    return Dataset.columns(of: source).map { Completion($0.argumentText, .value, "a column") }
  }

  func run(in session: Session) throws -> DatasetObject {
    if BuiltIn(named: source.text) != nil, labels == nil, template == nil, test == nil {
      return try DatasetObject(named: source.text)
    }
    let options = Dataset.Options(
      text: text, label: label, classes: labels?.order ?? .automatic,
      test: test?.split ?? .automatic)
    let dataset = try Dataset.load(source.text, options: options)
    return DatasetObject(
      try dataset.written(template: template, labels: nil), argumentText: "(\(command))")
  }

  /// The command that gets the same rows again, in its shortest form.
  private var command: String {
    let given = arguments.filter { argument in
      switch argument.name {
      case "source": false
      case "text", "label": argument.text != argument.name
      default: argument.text != "auto"
      }
    }
    return (["dataset", source.argumentText] + given.map { "\($0.name)=\($0.text)" })
      .joined(separator: " ")
  }
}

/// Where a data set is.
struct DatasetSource: ArgumentConvertible, Sendable {
  let text: String

  static var typeDescription: String { "a data set's name or file" }
  var argumentText: String { text.argumentText }

  static func convert(_ value: Value, in session: Session) -> DatasetSource? {
    value.word.map(DatasetSource.init)
  }

  static func offersFile(_ name: String) -> Bool { Dataset.isReadable(name) }

  static func completions(in session: Session) -> [Completion] {
    DatasetObject.completions(in: session)
  }
}

/// What `labels=` of a data set takes.
enum ClassOption: ArgumentConvertible, Sendable {
  case listed([String])
  case mapped([(value: String, className: String)])

  static var typeDescription: String {
    #"classes, such as ["negative", "positive"] or {"0": "negative", "1": "positive"}"#
  }
  static var acceptsList: Bool { true }

  static func convert(_ value: Value, in session: Session) -> ClassOption? {
    // Classes may be numbers in the file; 1 is the class "1".
    func name(_ value: Value) -> String? { value.word ?? value.number?.plainText }
    if case .map(let map) = value {
      let pairs = map.compactMap { entry in name(entry.value).map { (entry.key, $0) } }
      return pairs.count == map.count ? .mapped(pairs) : nil
    }
    guard let elements = value.elements else { return nil }
    let names = elements.compactMap(name)
    return names.count == elements.count ? .listed(names) : nil
  }

  var order: Dataset.ClassOrder {
    switch self {
    case .listed(let names): .listed(names)
    case .mapped(let pairs): .mapped(pairs)
    }
  }

  var argumentText: String {
    switch self {
    case .listed(let names): "[" + names.map(Value.quoted).joined(separator: ", ") + "]"
    case .mapped(let pairs):
      "{"
        + pairs.map { "\(Value.quoted($0.value)): \(Value.quoted($0.className))" }
        .joined(separator: ", ") + "}"
    }
  }
}

/// What `test=` takes.
enum TestOption: ArgumentConvertible, Sendable {
  case file(FilePath)
  case fraction(Double)

  static var typeDescription: String { "a file in quotes, or a fraction such as 0.2" }

  static func convert(_ value: Value, in session: Session) -> TestOption? {
    value.number.map(TestOption.fraction) ?? value.word.map { .file(FilePath($0)) }
  }

  static func offersFile(_ name: String) -> Bool { Dataset.isReadable(name) }

  var split: Dataset.TestSplit {
    switch self {
    case .file(let path): .file(path.url)
    case .fraction(let fraction): .fraction(fraction)
    }
  }

  var argumentText: String {
    switch self {
    case .file(let path): path.argumentText
    case .fraction(let fraction): fraction.plainText
    }
  }
}
