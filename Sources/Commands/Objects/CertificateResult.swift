import CommandLanguage
import Transformer

/// What a model was found to do when it was checked against itself: what `describe MODEL check=true`
/// gives.
struct CertificateResult: Recorded, Tabular, Verdict {
  static let typeName = "certificate"

  let certificate: Certificate
  let model: String
  let recipe: Recipe

  /// - Throws: `Cancelled`.
  init(of model: Model, recipe: Recipe, in session: Session) throws {
    let text = model.tokenizer?.ids(Self.text)
    let count = SelfCheck(of: model.decoder, text: text).count
    var certificate = try session.monitored(unit: "checks", total: count) {
      try SelfCheck(of: model.decoder, text: text, threads: session.threads, monitor: $0)
        .certificate()
    }
    certificate.lines.append(
      Certificate.Line(
        "files as they were loaded", measured: model.isUnchanged ? 0 : 1, tolerance: 0,
        detail: "fingerprint \(model.fingerprint)",
        advice: "another program has written the files since: load the model again"))
    self.certificate = certificate
    self.model = model.name
    self.recipe = recipe
  }

  /// Plain English that any language model of it finds likely.
  private static let text = """
    The old man walked slowly along the river in the evening. He thought about the years when he was \
    young, and about the people he had known in the city.
    """

  var passed: Bool { certificate.passed }

  private var failures: Int { certificate.lines.count { !$0.passed && !$0.isSkipped } }

  var summary: String {
    let all = certificate.lines.count
    return failures == 0
      ? "\(model): all \(all) checks pass" : "\(model): \(failures) of \(all) checks fail"
  }

  /// One row a check; what to do stands beside those that fail.
  var table: Table {
    var table = Table(
      columns: ["check", "measured", "tolerance", "result", "of", "advice"],
      rows: certificate.lines.map { line in
        [
          .string(line.name), line.measured.value, line.tolerance.value,
          .string(line.isSkipped ? "skipped" : line.passed ? "pass" : "FAIL"),
          .string(line.detail), .string(line.passed || line.isSkipped ? "" : line.advice),
        ]
      }, caption: summary)
    table.digits = 2
    return table
  }

  func display() -> Display {
    var display = table.display()
    display.metadata = recipe.metadata
    return display
  }

  var fieldNames: [String] { ["passed", "residual_norms", "rows"] }

  func field(_ name: String) -> Value? {
    switch name {
    case "passed": passed.value
    case "residual_norms": certificate.residualNorms.value
    case "rows": table.value
    default: nil
    }
  }
}
