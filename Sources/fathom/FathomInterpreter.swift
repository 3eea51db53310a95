import CommandLanguage
import Commands
import JupyterKernel

/// The language of Fathom, as the kernel sees it: one session behind the kernel's protocol.
final class FathomInterpreter: Interpreter {
  static let language = "fathom"

  private let session = Fathom.session(output: NoOutput())

  let information = KernelInformation(
    implementation: "fathom", version: Fathom.version,
    banner: "Fathom \(Fathom.version): how language models learn in context. Start with: help",
    // Both highlight what the language has: comments, strings, numbers and key=value.
    language: .init(
      name: language, version: Fathom.version, mimeType: "text/x-fathom",
      fileExtension: ".fathom", pygmentsLexer: "bash", codeMirrorMode: "shell"),
    helpLinks: [
      .init(
        text: "Label Words are Anchors (Wang et al., EMNLP 2023)",
        url: "https://arxiv.org/abs/2305.14160")
    ])

  func execute(_ cell: Cell, output: Output) -> Outcome {
    if let page = page(askedForBy: cell.code) {
      output.page(page)
      return .success(nil)
    }
    let result = session.execute(cell.code, output: NotebookOutput(output))
    if let failure = result.failure { return Self.outcome(of: failure) }
    return .success(result.display.map { MIMEBundle($0) })
  }

  func evaluate(_ expression: String) -> Outcome {
    // Looking at a value beside a cell is not to change what `_` stands for.
    let last = session[variable: "_"]
    defer { session[variable: "_"] = last }
    let result = session.execute(expression, output: NoOutput())
    if let failure = result.failure { return Self.outcome(of: failure) }
    return .success(result.display.map { MIMEBundle($0) })
  }

  func interrupt() {
    session.interrupt()
  }

  func complete(_ code: String, at cursor: Int) -> Completions {
    let list = session.complete(code, at: cursor)
    return Completions(
      replacing: list.start..<list.end,
      with: list.items.map { Completions.Match($0.text, type: Self.icon(of: $0.kind)) })
  }

  func inspect(_ code: String, at cursor: Int, detail: Int) -> MIMEBundle? {
    session.inspect(code, at: cursor).map { MIMEBundle($0) }
  }

  func completeness(of code: String) -> JupyterKernel.Completeness {
    if page(askedForBy: code) != nil { return .complete }
    return switch session.completeness(of: code) {
    case .complete: .complete
    case .incomplete(let indent): .incomplete(indent: indent)
    case .invalid: .invalid
    }
  }

  /// The page for `saliency?`, a habit of those who come from IPython.
  private func page(askedForBy code: String) -> MIMEBundle? {
    let scalars = code.unicodeScalars.filter { !$0.properties.isWhitespace }
    guard scalars.last == "?" else { return nil }
    let word = String(String.UnicodeScalarView(scalars.dropLast()))
    return inspect(word, at: word.unicodeScalars.count, detail: 0)
  }

  private static func outcome(of failure: CellFailure) -> Outcome {
    if failure.isInterrupt { return .interrupted }
    return .failure(
      Failure(name: failure.name, message: failure.message, traceback: failure.traceback))
  }

  /// The words for which front ends have icons.
  private static func icon(of kind: Completion.Kind) -> String {
    switch kind {
    case .verb: "function"
    case .variable: "instance"
    case .option: "param"
    case .value: "enum"
    case .field: "property"
    case .file: "path"
    }
  }
}
