import Checkpoints
import CommandLanguage
import InContext
import InformationFlow
import Transformer

/// Cached demonstrations as a value of the language: what `compress` gives as its field `anchors`.
struct AnchorsObject: Recorded, Tabular, TensorSource {
  static let typeName = "cache of demonstrations"

  let anchors: Anchors
  let model: Model
  /// What they demonstrate.
  let subject: String
  let recipe: Recipe

  /// How they are written in the language, so that a recipe can be run again.
  var argumentText: String { "(\(recipe.command)).anchors" }

  var summary: String {
    "\(anchors.tokens.count.grouped) of \(anchors.length.grouped) tokens of \(subject)'s "
      + "demonstrations, cached by \(model.name)"
  }

  /// One row a token.
  var table: Table {
    Table(
      columns: ["position", "id", "piece"],
      rows: zip(anchors.cache.positions, anchors.tokens).map { position, id in
        [position.value, id.value, model.tokenizer.piece(id).value]
      }, caption: summary)
  }

  func display() -> Display { Display(plain: summary, metadata: recipe.metadata) }

  var fieldNames: [String] { ["positions", "tokens", "length", "start"] }

  func field(_ name: String) -> Value? {
    switch name {
    case "positions": anchors.cache.positions.value
    case "tokens": anchors.tokens.value
    case "length": anchors.length.value
    case "start": anchors.start.value
    default: nil
    }
  }
}

// MARK: - As tensors

extension AnchorsObject {
  static let fingerprintKey = "fathom_model_fingerprint"
  static let modelKey = "fathom_model"
  static let subjectKey = "fathom_demonstrations"

  var tensorMetadata: [String: String] {
    [
      Self.fingerprintKey: model.fingerprint, Self.modelKey: model.name,
      Self.subjectKey: subject,
    ]
  }

  /// Whose demonstrations a file says it holds; nil if it does not say.
  static func subject(of file: FilePath) -> String? {
    (try? SafetensorsFile(file.url)).flatMap { word(subjectKey, in: $0) }
  }

  /// A word of a file's own, which may be anything.
  private static func word(_ key: String, in content: SafetensorsFile) -> String? {
    content.metadata[key].map { VisibleText.of($0.shortened(to: 40)) }
  }

  /// What a file of cached demonstrations says of itself.
  ///
  /// - Throws: ``AnchorsError`` if it holds none; a ``LanguageError`` if it cannot be read.
  static func description(of file: FilePath) throws -> Table {
    try Anchors.reading(file) { try description(of: $0, in: file) }
  }

  private static func description(
    of content: SafetensorsFile, in file: FilePath
  ) throws -> Table {
    let fingerprint = try Anchors.fingerprint(in: content).shortened(to: 40)
    let tokens = content.tensors["tokens"]?.count ?? 0
    let length = (try? content.tensors["length"]?.integerArray().first).map { $0.grouped }
    return Table(
      properties: [
        ("demonstrations of", word(subjectKey, in: content) ?? "not said"),
        ("tokens kept", tokens.grouped + (length.map { " of \($0)" } ?? "")),
        ("model", word(modelKey, in: content) ?? "not said"),
        ("its fingerprint", VisibleText.of(fingerprint)),
      ], caption: "cached demonstrations in \(file.text)")
  }

  var tensors: [SafetensorsWriter.Tensor] {
    let shape = model.architecture
    let P = anchors.tokens.count
    func integers(_ name: String, _ values: [Int]) -> SafetensorsWriter.Tensor {
      .init(name, shape: [values.count], integers: values.map(Int64.init))
    }
    return [
      integers("tokens", anchors.tokens), integers("positions", anchors.cache.positions),
      integers("length", [anchors.length]), integers("start", [anchors.start]),
    ]
      + (0..<shape.layers).flatMap { layer -> [SafetensorsWriter.Tensor] in
        let size = [shape.keyValueHeads, P, shape.headSize]
        return [
          .init("key.\(layer)", shape: size, floats: anchors.cache.keys(layer: layer)),
          .init("value.\(layer)", shape: size, floats: anchors.cache.values(layer: layer)),
        ]
      }
  }
}

extension Anchors {
  /// Those that a file holds.
  ///
  /// - Throws: ``AnchorsError``; a ``LanguageError`` that blames after= if the file cannot be read.
  init(_ file: FilePath, for model: Model) throws {
    self = try Self.reading(file) { try Anchors($0, for: model) }
  }

  /// What is read from a file of cached demonstrations.
  ///
  /// - Throws: ``AnchorsError`` where its content is not what it should be; a ``LanguageError`` that
  ///   blames after= if the file cannot be read.
  fileprivate static func reading<T>(
    _ file: FilePath, _ read: (SafetensorsFile) throws -> T
  ) throws -> T {
    guard !file.text.isEmpty else {
      throw AnchorsError.notAnchors(file: file.argumentText, reason: "it names no file")
    }
    do {
      return try read(SafetensorsFile(file.url))
    } catch CheckpointError.file(let problem) {
      throw LanguageError(name: problem.languageName, message: problem.description)
        .blaming("after")
    } catch let error where error is CheckpointError || error is ModelError || error is Flaw {
      // Words of the file itself may be anything, and any number.
      throw AnchorsError.notAnchors(
        file: file.text, reason: Self.reason(error).shortened(to: 160))
    }
  }

  private static func reason(_ error: any Error) -> String {
    switch error {
    case CheckpointError.invalid(_, .strange): "it is no safetensors file"
    case CheckpointError.invalid(_, let violation): "\(violation)"
    default: "\(error)"
    }
  }

  /// What a well-formed file does not have.
  private struct Flaw: Error, CustomStringConvertible {
    let description: String
  }

  /// The fingerprint of the model that computed a file's demonstrations: anything, as files may be.
  ///
  /// - Throws: ``Flaw`` if there is none.
  fileprivate static func fingerprint(in content: SafetensorsFile) throws -> String {
    guard let fingerprint = content.metadata[AnchorsObject.fingerprintKey] else {
      throw Flaw(description: "it lacks a model's fingerprint")
    }
    return fingerprint
  }

  /// - Throws: ``Flaw``, `CheckpointError`, `ModelError`; ``AnchorsError`` where another model computed
  ///   them.
  private init(_ content: SafetensorsFile, for model: Model) throws {
    let fingerprint = try Self.fingerprint(in: content)
    guard fingerprint == model.fingerprint else {
      let name = content.metadata[AnchorsObject.modelKey] ?? "another"
      throw AnchorsError.otherModel(
        made: name.shortened(to: 40), fingerprint: fingerprint.shortened(to: 80),
        asked: model.name, itsFingerprint: model.fingerprint)
    }
    func tensor(_ name: String) throws(Flaw) -> TensorEntry {
      guard let tensor = content.tensors[name] else {
        throw Flaw(description: "it lacks a tensor '\(name)'")
      }
      return tensor
    }
    func integers(_ name: String) throws -> [Int] { try tensor(name).integerArray() }
    guard let length = try integers("length").first, let start = try integers("start").first else {
      throw Flaw(description: "it lacks the length of the demonstrations")
    }
    guard start == 0 || start == length else {
      throw Flaw(description: "a query would begin at position \(start), neither 0 nor \(length)")
    }
    let tokens = try integers("tokens")
    let layers = 0..<model.architecture.layers
    let cache = try KeyValueCache(
      of: model.decoder, positions: try integers("positions"), reach: length,
      keys: layers.map { try tensor("key.\($0)").floatArray() },
      values: layers.map { try tensor("value.\($0)").floatArray() })
    guard tokens.count == cache.count else {
      throw Flaw(description: "it lacks one token for every position")
    }
    self.init(cache: cache, tokens: tokens, length: length, start: start)
  }

  /// The same for the same model, loaded once more.
  fileprivate func moved(to decoder: Decoder) throws(ModelError) -> Anchors {
    let layers = 0..<decoder.architecture.layers
    let cache = try KeyValueCache(
      of: decoder, positions: cache.positions, reach: cache.reach,
      keys: layers.map(cache.keys), values: layers.map(cache.values))
    return Anchors(cache: cache, tokens: tokens, length: length, start: start)
  }
}

/// What `after=` takes: cached demonstrations, or the file they were saved in.
enum AnchorsOption: ArgumentConvertible, Sendable {
  case object(AnchorsObject)
  case file(FilePath)

  static var typeDescription: String { "the field anchors of a compression, or its file" }

  static func convert(_ value: Value, in session: Session) -> AnchorsOption? {
    if let object = AnchorsObject.unwrap(value) { return .object(object) }
    if case .string(let name) = value { return .file(FilePath(name)) }
    return nil
  }

  static func advice(insteadOf value: Value, written: String, in session: Session) -> String? {
    let isCompression =
      value.object(CompressionResult.self) != nil || value.object(CompressedPrompt.self) != nil
    return isCompression ? "write after=\(written).anchors" : nil
  }

  static func fits(_ value: Value, in session: Session) -> Bool {
    AnchorsObject.unwrap(value) != nil
  }

  static func offersFile(_ name: String) -> Bool { name.hasSuffix(".safetensors") }

  var argumentText: String {
    switch self {
    case .object(let object): object.argumentText
    case .file(let file): file.argumentText
    }
  }

  /// What a model's queries see before themselves.
  ///
  /// - Throws: ``AnchorsError`` where another model computed it, or a file holds nothing of the kind;
  ///   a ``LanguageError`` if it cannot be read, `ModelError`.
  func anchors(for model: Model) throws -> Anchors {
    switch self {
    case .file(let file): return try Anchors(file, for: model)
    case .object(let object):
      if object.model.isSame(as: model) { return object.anchors }
      guard object.model.fingerprint == model.fingerprint else {
        throw AnchorsError.otherModel(
          made: object.model.name, fingerprint: object.model.fingerprint, asked: model.name,
          itsFingerprint: model.fingerprint)
      }
      return try object.anchors.moved(to: model.decoder)
    }
  }
}

extension Optional where Wrapped == AnchorsOption {
  /// What a model's queries see before themselves, if anything is given.
  ///
  /// - Throws: a ``LanguageError`` where attention is to be changed, too: cached states cannot be.
  func anchors(for model: Model, changing changes: InterventionOptions) throws -> Anchors? {
    guard let option = self else { return nil }
    guard changes.isEmpty else {
      throw LanguageError.argument(
        "after= does not go with \(changes.block == nil ? "ablate" : "block")=: what is cached was "
          + "computed before; leave one of them out."
      ).blaming("after")
    }
    return try option.anchors(for: model)
  }

  /// For a title: `, after cached demonstrations`, with whose they are where that is not the subject's.
  func note(behind subject: String?) -> String {
    switch self {
    case nil: ""
    case .file(let file):
      ", after cached demonstrations"
        + (AnchorsObject.subject(of: file).map { " of \($0)" } ?? "") + " in \(file.text)"
    case .object(let object) where object.subject == subject: ", after cached demonstrations"
    case .object(let object): ", after cached demonstrations of \(object.subject)"
    }
  }
}

/// Why cached demonstrations cannot be used.
enum AnchorsError: Error, Sendable, Equatable, CustomStringConvertible {
  case otherModel(made: String, fingerprint: String, asked: String, itsFingerprint: String)
  case notAnchors(file: String, reason: String)

  var description: String {
    switch self {
    case .otherModel(let made, let fingerprint, let asked, let itsFingerprint):
      "these demonstrations were cached by \(made) (fingerprint \(fingerprint)); \(asked) "
        + "(\(itsFingerprint)) needs its own: (compress \(asked.asVariable) DATASET).anchors"
    case .notAnchors(let file, let reason):
      "\(file) holds no cached demonstrations: \(reason); save (compress MODEL DATASET).anchors "
        + "\"FILE.safetensors\" writes such files"
    }
  }
}

extension AnchorsError: NamedError {
  var languageName: String { "ModelError" }
  var languageParameter: String? { "after" }
}
