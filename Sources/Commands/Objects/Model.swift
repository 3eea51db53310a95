import Checkpoints
import CommandLanguage
import Foundation
import InContext
import LinearAlgebra
import Tokenizers
import Transformer

/// A model as a value of the language: the decoder, the tokenizer if there is one, and its name.
///
/// Cheap to copy; the weights are shared.
public struct Model: LanguageObject {
  public static var typeName: String { "model" }

  /// The name of its folder or file, or of the embedded model.
  public let name: String
  /// The folder, or the GGUF file, that was asked for.
  public let folder: URL
  public let decoder: Decoder
  public let tokenizer: Tokenizer?
  /// Why there is no tokenizer.
  public let tokenizerProblem: String?
  /// How it is written in the language, so that a recipe can be run again.
  public let argumentText: String
  private let identity: Identity

  /// Loads a model from a folder as Hugging Face leaves it, or from a GGUF file. One without a usable
  /// tokenizer is no error: such a model takes prompts of token ids.
  ///
  /// - Parameters:
  ///   - name: what to call it; by default as the folder or file.
  ///   - argumentText: how it is written in the language; by default with the folder's full path.
  /// - Throws: `ModelError` or `CheckpointError`, saying what is wrong with which file.
  public init(folder: URL, name: String? = nil, argumentText: String? = nil) throws {
    decoder = try Decoder(folder: folder)
    do {
      tokenizer = try Tokenizer.of(decoder.checkpoint)
      tokenizerProblem = nil
    } catch {
      tokenizer = nil
      tokenizerProblem = error.description
    }
    self.folder = folder
    let place = folder.standardizedFileURL
    self.name =
      name
      ?? (place.pathExtension == "gguf" ? place.deletingPathExtension() : place).lastPathComponent
    self.argumentText =
      argumentText ?? "(load \(Value.quoted(folder.standardizedFileURL.path)))"
    identity = Identity()
  }

  public var architecture: Architecture { decoder.architecture }

  /// The command that loads it: `load mini`.
  var command: String {
    argumentText.hasPrefix("(")
      ? String(argumentText.dropFirst().dropLast()) : "load \(argumentText)"
  }

  /// - Throws: ``TokenizerMissing``, which says why a text prompt is impossible.
  public func requireTokenizer() throws(TokenizerMissing) -> Tokenizer {
    guard let tokenizer else {
      throw TokenizerMissing(model: name, reason: tokenizerProblem ?? "it has none")
    }
    return tokenizer
  }

  /// Whether both are one model in memory.
  public func isSame(as other: Model) -> Bool { decoder === other.decoder }

  /// Twelve digits that tell this model from others, for recipes.
  ///
  /// - Complexity: the first use reads a few kilobytes of every tensor; see ``Identity``.
  public var fingerprint: String { identity.fingerprint(of: decoder.checkpoint) }

  /// Whether the files still hold what they held when the fingerprint was first taken.
  var isUnchanged: Bool { identity.isUnchanged(decoder.checkpoint) }

  public static func convert(_ value: Value, in session: Session) throws -> Model? {
    if let model = unwrap(value) { return model }
    switch value {
    case .symbol(let name): return EmbeddedModel.names.contains(name) ? try named(name) : nil
    case .string(let source): return try named(source)
    default: return nil
    }
  }

  public static func advice(
    insteadOf value: Value, written: String, in session: Session
  ) -> String? {
    guard case .symbol(let name) = value else { return nil }
    if let builtIn = BuiltIn(named: name) {
      return "\(name) is a data set (\(builtIn.title)); a model is \(EmbeddedModel.names[0]), or "
        + "what load gives"
    }
    return "write \(name.asVariable) = load \"FOLDER\" first, or use the embedded model, "
      + EmbeddedModel.names[0]
  }

  /// A model is a folder or a GGUF file.
  public static func offersFile(_ name: String) -> Bool { name.hasSuffix(".gguf") }

  public static func completions(in session: Session) -> [Completion] {
    EmbeddedModel.names.map { Completion($0, .value, "the embedded model") }
  }
}

/// Why a text cannot be given to a model.
public struct TokenizerMissing: Error, Sendable, Equatable, CustomStringConvertible {
  public let model: String
  public let reason: String

  public var description: String {
    "\(model) cannot read a text, for it has no tokenizer that Fathom reads (\(reason)); "
      + "give token ids: prompt tokens=[464, 3807]"
  }
}
