import Checkpoints
import CommandLanguage
import Files
import Foundation

/// Writes a value to a file.
struct SaveCommand: Command {
  static let group = "looking and keeping"
  static let summary = "Writes a value to a file, in the form that its extension names."
  static let discussion = """
    .svg is the figure, .csv and .json the table with numbers in full, .safetensors the tensors, \
    .fathom a script that makes a result or a prompt again: fathom run FILE. Such a script stops where \
    a model is not the one it was; of data it only notes the fingerprint. A relative path, here and in a \
    script, is of the folder in which fathom runs, not of the script's. A file that is there is replaced.

    Tensors are those of a trace (see help trace), the beta of reweight, anchors of compress, and of \
    saliency wp, pq, ww and their shares wp_relative, pq_relative, ww_relative, one number a layer; of one \
    prompt also its tokens, and for each group of layers that the figure shows layers.0 and the mean \
    saliency.0 (T, T).
    """
  static let examples = [
    #"prompt sst2 | save "prompt.json""#, #"prompt sst2 | plot | save "prompt.svg""#,
  ]

  @Input("What to write.") var value: ShownValue
  @Input("The file.") var file: FilePath

  func run(in session: Session) throws -> Shown {
    try SavedForm.write(value.value, to: file)
    let size = try? FileManager.default.attributesOfItem(atPath: file.url.path)[.size] as? Int
    // A display of its own: lines of a stream are gathered by the clock, and a notebook that is run
    // again would have them in other pieces.
    let sizeText = size.map { " (\(ByteCount.text($0)))" } ?? ""
    session.show(Display(plain: "saved \(file.text)\(sizeText)"))
    return Shown(value.value)
  }
}

/// A form in which a value can be kept.
enum SavedForm: String, CaseIterable {
  case svg, csv, json, safetensors, fathom

  /// The forms that a value has.
  static func forms(of value: Value) -> [SavedForm] {
    allCases.filter { $0.isPossible(for: value) }
  }

  private func isPossible(for value: Value) -> Bool {
    let object: (any LanguageObject)? = value.object()
    switch self {
    case .svg:
      if let grid = object as? Grid { return (try? grid.combined()) ?? nil != nil }
      return object is FigureValue || object is any Plottable
    case .csv: return Table(ofObservations: value) != nil
    case .json:
      return object == nil || object is any JSONSource || Table(ofObservations: value) != nil
    case .safetensors: return object is any TensorSource
    case .fathom: return Self.recipe(of: value) != nil
    }
  }

  private static func recipe(of value: Value) -> Recipe? {
    value.object(FigureValue.self)?.recipe ?? value.object((any Recorded).self)?.recipe
      ?? value.object(Grid.self).flatMap(Recipe.init(of:))
  }

  /// - Throws: a ``LanguageError`` if the value has no such form; `FileError`.
  static func write(_ value: Value, to file: FilePath) throws {
    let forms = forms(of: value)
    guard let form = SavedForm(rawValue: file.fileExtension), forms.contains(form) else {
      throw unknown(file, value: value, forms: forms)
    }
    switch form {
    case .svg: try AtomicFile.write(FigureValue(of: value).svg, to: file.url)
    case .csv: try AtomicFile.write(Table(ofObservations: value)?.csv ?? "", to: file.url)
    case .json:
      let text = value.object((any JSONSource).self)?.jsonText
      let table = text == nil && value.object((any LanguageObject).self) != nil
      try AtomicFile.write(
        text ?? (table ? Table(ofObservations: value)?.json : nil) ?? value.json + "\n",
        to: file.url)
    case .safetensors: try writeTensors(value, to: file.url)
    case .fathom: try AtomicFile.write(recipe(of: value)?.script ?? "", to: file.url)
    }
  }

  private static func writeTensors(_ value: Value, to url: URL) throws {
    guard let source = value.object((any TensorSource).self) else { return }
    var metadata = source.tensorMetadata
    metadata["fathom"] = recipe(of: value)?.command
    do {
      try SafetensorsWriter.write(source.tensors, metadata: metadata, to: url)
    } catch {
      // A full disk has nothing to do with a model.
      if case .file(let problem) = error { throw problem }
      throw error
    }
  }

  private static func unknown(
    _ file: FilePath, value: Value, forms: [SavedForm]
  ) -> LanguageError {
    let names = forms.map { ".\($0.rawValue)" }.joined(separator: ", ")
    guard !forms.isEmpty else { return .type("\(value.typeName) cannot be saved.") }
    let ending = file.fileExtension
    let problem =
      ending.isEmpty
      ? "\(file.text) has no extension" : "\(value.typeName) is not saved as .\(ending)"
    return .argument("\(problem); it can be saved as \(names).")
  }
}
