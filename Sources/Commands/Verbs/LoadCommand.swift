import Checkpoints
import CommandLanguage

/// Loads a model.
struct LoadCommand: Command {
  static let group = "models"
  static let summary =
    "A model from a folder or .gguf file, from the Hugging Face Hub, or the embedded one."
  static let discussion = """
    A folder as Hugging Face leaves it: config.json, model.safetensors or pytorch_model.bin (or shards \
    with their index), tokenizer.json (or vocab.json and merges.txt). A folder without a tokenizer loads \
    all the same; then only prompts of token ids work. A name without a slash is looked for here and in \
    models/, and every name in Hugging Face's cache (HF_HUB_CACHE, HF_HOME). "organisation/name" that is \
    not there is fetched from the Hub into that cache, once; an interrupt keeps what has arrived. \
    HF_TOKEN gives access to gated models, HF_ENDPOINT names a mirror, HF_HUB_OFFLINE=1 forbids to fetch. \
    Of a pickle (pytorch_model.bin) only what builds tensors is carried out. Weights are mapped and not \
    copied.

    A GGUF file (llama.cpp, Ollama), or a folder that holds one and no other weights, is loaded with the \
    configuration and the tokenizer that are in it; a tokenizer.json beside it is preferred. Read are \
    F32, F16, BF16, Q8_0, Q5_0, Q4_0, Q4_K, Q5_K and Q6_K, which stay in the file as they are, of the \
    architectures llama (with Mistral), gpt2, qwen2, qwen3, gemma, gemma2, phi3, phi2, bloom and gptneox. \
    Queries and keys are in Hugging Face's order, whatever the order in the file.

    fingerprint= is what describe says of the model that is wanted: where another one stands, load fails. \
    Scripts that save writes say it.
    """
  static let makesNamedValues = true
  static let examples = [
    "mini = load mini", #"gpt2 = load "models/gpt2""#, #"pythia = load "EleutherAI/pythia-70m""#,
    #"llama = load "models/llama-2-7b.Q4_K_M.gguf""#,
  ]

  @Input("The embedded model's name, a folder, a .gguf file, or a name on the Hub.")
  var source: ModelSource
  @Option("The fingerprint that the model must have.", defaultText: "any")
  var fingerprint: FingerprintOption?

  func run(in session: Session) throws -> Model {
    if Model.isToBeFetched(source.text) { try session.fetch(source.text) }
    let model = try Model.named(source.text)
    if let wanted = fingerprint?.digits, wanted != model.fingerprint {
      throw AnotherModel(name: model.name, wanted: wanted, found: model.fingerprint)
    }
    if let note = model.foreignTokens {
      session.write("WARNING: the tokenizer of \(model.name) has \(note).\n", to: .error)
    }
    return model
  }
}

/// A model's fingerprint, as `describe` says it.
struct FingerprintOption: ArgumentConvertible, Sendable {
  let digits: String

  static var typeDescription: String {
    "a fingerprint, \(Identity.digits) hexadecimal digits in quotes"
  }
  var argumentText: String { Value.quoted(digits) }

  static func convert(_ value: Value, in session: Session) -> FingerprintOption? {
    guard let digits = value.word?.lowercased(), digits.utf8.count == Identity.digits,
      digits.utf8.allSatisfy({ UnicodeScalar($0).properties.isASCIIHexDigit })
    else { return nil }
    return FingerprintOption(digits: digits)
  }

  static func advice(insteadOf value: Value, written: String, in session: Session) -> String? {
    "describe MODEL says it; without fingerprint= any model is loaded"
  }
}

/// Another checkpoint stands where one was asked for.
struct AnotherModel: Error, Sendable, Equatable, CustomStringConvertible {
  let name: String
  let wanted: String
  let found: String

  var description: String {
    "\(name) has the fingerprint \(found), not \(wanted): its weights or its "
      + "config.json are not those that were asked for; load those, or leave fingerprint= out to go "
      + "on with these"
  }
}

extension AnotherModel: NamedError {
  var languageName: String { "ModelError" }
  var languageParameter: String? { "fingerprint" }
}

extension Session {
  /// Fetches a model from the Hub. Says what comes and how large it is, then how far it is.
  fileprivate func fetch(_ model: String) throws {
    do {
      let download = try HubDownload(of: model, isCancelled: { self.isInterrupted })
      // Standard error: what a script prints must not depend on what was fetched before.
      write(download.summary + "\n", to: .error)
      let missing = download.size - download.present
      let (unit, scale) = missing < 10_000_000 ? ("kB", 1_000) : ("MB", 1_000_000)
      _ = try progress(unit: unit, total: missing / scale) { line in
        try download.fetch { line.advance(to: ($0 - download.present) / scale) }
      }
    } catch HubError.cancelled {
      throw Interrupted()
    }
  }
}

extension HubDownload {
  /// What comes, from where it is kept to how large it is.
  fileprivate var summary: String {
    let shown = 3
    let bySize = files.sorted { ($1.size, $0.name) < ($0.size, $1.name) }
    var parts = bySize.prefix(shown).map { "\($0.name) (\(ByteCount.text($0.size)))" }
    if files.count > shown { parts.append("\(files.count - shown) smaller") }
    let there = present > 0 ? ", of which \(ByteCount.text(present)) are there" : ""
    return "fetching \(model) into \(cache.folder.path): \(parts.joined(separator: ", ")); "
      + "\(ByteCount.text(size)) in all\(there)"
  }
}

/// Where a model is.
struct ModelSource: ArgumentConvertible, Sendable {
  let text: String

  static var typeDescription: String { "a model's folder, file or name" }
  var argumentText: String { text.argumentText }

  static func convert(_ value: Value, in session: Session) -> ModelSource? {
    value.word.map(ModelSource.init)
  }

  static func offersFile(_ name: String) -> Bool { Model.offersFile(name) }

  static func completions(in session: Session) -> [Completion] { Model.completions(in: session) }
}
