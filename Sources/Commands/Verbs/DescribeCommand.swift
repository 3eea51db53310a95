import CommandLanguage
import Foundation
import InContext
import Transformer

/// Says everything about a value.
struct DescribeCommand: Command {
  static let group = "models"
  static let summary = "Everything about a model, a data set or another value."
  static let discussion = """
    Of a model: its sizes, activation, special tokens, and the memory it takes: the weights, and the \
    workspace for prompts of so many tokens on one thread, with the gradient that saliency needs.

    prompt= reckons what predict, saliency and trace of that prompt will take, in megabytes, before \
    anything is computed. check=true computes what must be equal in two ways, among others cached and \
    uncached, one thread and two, the gradient of attention and the slope of the loss, and says how far \
    apart they are: a certificate to keep with results.

    A file of cached demonstrations, as save writes them, is described by its name in quotes.
    """
  static let examples = [
    "describe mini", "describe mini tokens=200", "describe sst2",
    "describe mini prompt=(prompt sst2)", "describe mini check=true",
  ]

  @Input("A model, a data set, or any other value.") var value: Described
  @Option(
    "Prompt length that memory is reckoned for.", in: 1...,
    defaultText: "128, or the context if that is less")
  var tokens: Int?
  @Option("A prompt that memory is reckoned for.") var prompt: PromptObject?
  @Option("Whether to check the model against itself.") var check = false

  func run(in session: Session) throws -> Value {
    switch value {
    case .model(let model): return .object(try description(of: model, in: session))
    case .dataset(let object):
      try requireNoQuestion()
      return .object(object.description)
    case .other(let value):
      try requireNoQuestion()
      guard case .string(let name) = value, Self.isFile(FilePath(name)) else { return value }
      do {
        return .object(try AnchorsObject.description(of: FilePath(name)))
      } catch {
        throw LanguageError(error).blaming("value")
      }
    }
  }

  /// Whether a text is meant as a file, and not just a text: by its extension, even one cut short, or
  /// since there is such a file.
  private static func isFile(_ file: FilePath) -> Bool {
    var isFolder: ObjCBool = false
    return file.fileExtension.hasPrefix("safetensor")
      || FileManager.default.fileExists(atPath: file.url.path, isDirectory: &isFolder)
        && !isFolder.boolValue
  }

  private func requireNoQuestion() throws(LanguageError) {
    guard !check, prompt == nil, tokens == nil else {
      throw .argument("tokens=, prompt= and check= are questions about a model.").blaming("value")
    }
  }

  private func description(
    of model: Model, in session: Session
  ) throws -> any LanguageObject {
    guard [check, prompt != nil, tokens != nil].count(where: \.self) < 2 else {
      throw LanguageError.argument("tokens=, prompt= and check= are three questions: ask one.")
    }
    if check {
      let recipe = Recipe(
        self, in: session, model: model, leavingOut: ["tokens", "prompt"])
      return try CertificateResult(of: model, recipe: recipe, in: session)
    }
    if let prompt {
      return try model.memory(of: prompt.prompt(for: model), threads: session.threads)
    }
    return try model.description(tokens: tokens)
  }
}

/// What `describe` takes: names of models and data sets work without loading them first.
enum Described: ArgumentConvertible, Sendable {
  case model(Model)
  case dataset(DatasetObject)
  case other(Value)

  static var typeDescription: String { "a value" }

  static func convert(_ value: Value, in session: Session) throws -> Described? {
    switch value {
    case .symbol:
      if let model = try Model.convert(value, in: session) { return .model(model) }
      return try DatasetObject.convert(value, in: session).map(Described.dataset)
    case .object:
      if let model = Model.unwrap(value) { return .model(model) }
      return DatasetObject.unwrap(value).map(Described.dataset) ?? .other(value)
    default: return .other(value)
    }
  }

  static func completions(in session: Session) -> [Completion] {
    Model.completions(in: session) + DatasetObject.completions(in: session)
  }

  var argumentText: String {
    switch self {
    case .model(let model): model.argumentText
    case .dataset(let object): object.argumentText
    case .other(let value): value.text
    }
  }
}

extension Model {
  /// All that is known of the model.
  ///
  /// - Parameter tokens: the prompt length that memory is reckoned for.
  /// - Throws: a ``LanguageError`` if no such prompt is possible.
  func description(tokens: Int?) throws -> Table {
    let tokens = tokens ?? min(128, architecture.context)
    guard tokens <= architecture.context else {
      throw LanguageError.argument(
        "tokens=\(tokens) is more than the context of \(name), \(architecture.context).")
    }
    let plain = decoder.workspaceBytes(tokens: tokens, gradient: false)
    let gradient = decoder.workspaceBytes(tokens: tokens, gradient: true)
    let mapped = decoder.checkpoint.tensors.values.reduce(0) { $0 + $1.bytes.count }
    let weights = decoder.weightMemory
    let configuration = decoder.checkpoint.gguf == nil ? "config.json" : "the metadata"
    var rows: [(String, String)] = [
      ("folder", folder.path),
      ("family", architecture.family),
      ("layers", architecture.layers.grouped),
      ("heads", "\(architecture.heads.grouped) of \(architecture.headSize)"),
      ("key and value heads", architecture.keyValueHeads.grouped),
      ("width", architecture.width.grouped),
      ("inner width", architecture.innerWidth.grouped),
      ("activation", "\(architecture.activation)"),
      ("norm epsilon", Double(architecture.normEpsilon).text(digits: 3)),
      ("score scale", Double(architecture.scoreScale).text(digits: 4)),
      ("vocabulary", architecture.vocabulary.grouped),
      ("context", "\(architecture.context.grouped) tokens"),
      ("head", architecture.tiedHead ? "tied to the embedding" : "a matrix of its own"),
      ("parameters", decoder.checkpoint.parameterCount.grouped),
      ("weights", "\(elementTypes), \(ByteCount.text(mapped)) mapped"),
      ("widened to float32", ByteCount.text(weights.widened)),
      ("workspace", "\(ByteCount.text(plain)) a thread at \(tokens.grouped) tokens"),
      ("with gradient", "\(ByteCount.text(gradient)) a thread at \(tokens.grouped) tokens"),
      ("tokenizer", tokenizerText),
      ("end of text", endOfTextText),
      ("fingerprint", "\(fingerprint) (of \(configuration) and a sample of every tensor)"),
    ]
    let place = rows.firstIndex { $0.0 == "vocabulary" } ?? rows.endIndex
    rows.insert(contentsOf: softCapRows, at: place)
    return Table(properties: rows, caption: summary)
  }

  /// Only few families have caps.
  private var softCapRows: [(String, String)] {
    [("soft cap of scores", architecture.scoreCap), ("soft cap of logits", architecture.logitCap)]
      .compactMap { name, cap in cap.map { (name, Double($0).text(digits: 3)) } }
  }

  private var endOfTextText: String {
    guard let tokenizer, let id = tokenizer.endOfText else { return "none known" }
    return "\(tokenizer.piece(id)) (\(id))"
  }
}

extension DatasetObject {
  /// All that is known of the data set.
  var description: Table {
    var rows: [(String, String)] = [
      ("title", dataset.title),
      ("classes", dataset.classes.joined(separator: ", ")),
      ("label words", dataset.template.labelWords.map(Value.quoted).joined(separator: ", ")),
      (
        "template",
        Value.quoted(dataset.template.text)
          + (dataset.template.blankNote.map { " (\($0))" } ?? "")
      ),
      ("training rows", dataset.train.count.grouped),
      ("test rows", dataset.test.count.grouped),
    ]
    if let note = dataset.note { rows.append(("note", note)) }
    if let licence = dataset.licence { rows.append(("terms", licence)) }
    rows.append(("fingerprint", Identity.short(dataset.fingerprint)))
    return Table(properties: rows, caption: summary)
  }
}
