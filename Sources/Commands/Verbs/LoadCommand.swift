import Checkpoints
import CommandLanguage

/// Loads a model.
struct LoadCommand: Command {
  static let group = "models"
  static let summary = "A model from a folder, from Hugging Face's cache, or the embedded one."
  static let discussion = """
    A folder as Hugging Face leaves it: config.json, model.safetensors (or its shards with their \
    index), tokenizer.json (or vocab.json and merges.txt). A folder without a tokenizer loads all the \
    same; then only prompts of token ids work. A name without a slash is looked for here and in \
    models/, and every name in Hugging Face's cache (HF_HUB_CACHE, HF_HOME). Float32 weights are mapped and not copied.
    """
  static let makesNamedValues = true
  static let examples = [
    "mini = load mini", #"gpt2 = load "models/gpt2""#, #"pythia = load "EleutherAI/pythia-70m""#,
  ]

  @Input("The embedded model's name, or a folder.") var source: ModelSource

  func run(in session: Session) throws -> Model { try Model.named(source.text) }
}

/// Where a model is.
struct ModelSource: ArgumentConvertible, Sendable {
  let text: String

  static var typeDescription: String { "a model's folder or name" }
  var argumentText: String { text.argumentText }

  static func convert(_ value: Value, in session: Session) -> ModelSource? {
    value.word.map(ModelSource.init)
  }

  /// A model is a folder.
  static func offersFile(_ name: String) -> Bool { false }

  static func completions(in session: Session) -> [Completion] { Model.completions(in: session) }
}
