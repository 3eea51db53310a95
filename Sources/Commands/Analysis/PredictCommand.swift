import Charts
import CommandLanguage
import InContext
import InformationFlow

/// What the model answers to one prompt.
struct PredictCommand: AnalysisCommand {
  static let group = "behaviour"
  static let summary = "The label word that a model answers to a prompt, and how probable each is."
  static let discussion =
    "Of a prompt without label words, the likeliest next tokens.\n\n"
    + InterventionOptions.discussion + """


      after= puts what compress kept in the place of the prompt's demonstrations.
      """
  static let examples = [
    "predict mini (prompt sst2 query=3)", #"predict mini (prompt text="The capital of") top=5"#,
    "predict mini (prompt sst2) block=label to=target",
  ]

  @Input("The model to ask.") var model: Model
  @Input("The prompt.") var prompt: PromptObject
  @Option("How many next tokens, of a prompt without label words.", in: 1...100_000) var top = 10
  let changes = InterventionOptions()
  @Option("Cached demonstrations that stand in for the prompt's own.", defaultText: "none")
  var after: AnchorsOption?

  func run(in session: Session) throws -> Value {
    let written = try prompt.prompt(for: model)
    let anchors = try after.anchors(for: model, changing: changes)
    let interventions = try changes.interventions(on: written, for: model)
    let recipe = Recipe(
      self, in: session, model: model, dataset: prompt.dataset,
      leavingOut: changes.meaningless.union(written.labelTokens.isEmpty ? [] : ["top"]))
    guard !written.labelTokens.isEmpty else {
      let next = try session.monitored(unit: "prompts", total: 1) {
        try NextTokens(
          after: written, behind: anchors, by: model.decoder, count: top, changing: interventions,
          threads: session.threads, monitor: $0)
      }
      return .object(
        NextTokensResult(
          next: next, tokenizer: model.tokenizer, note: changes.note + after.note(behind: nil),
          recipe: recipe
        ))
    }
    let prediction = try session.monitored(unit: "prompts", total: 1) {
      try Prediction(
        of: written, by: model.decoder, after: anchors, changing: interventions,
        threads: session.threads, monitor: $0)
    }
    return .object(
      PredictionResult(
        prediction: prediction, prompt: written,
        note: changes.note + after.note(behind: prompt.dataset?.name),
        recipe: recipe))
  }
}

/// The probabilities of the label words of one prompt.
struct PredictionResult: Plottable, Tabular, Measured, Liftable {
  static let typeName = "prediction"

  let prediction: Prediction
  let prompt: Prompt
  /// What was changed, and whose demonstrations it stands behind, if not its own.
  let note: String
  let recipe: Recipe

  var summary: String {
    let word = prompt.labelWords[prediction.predicted]
    let share = prediction.probabilities[prediction.predicted].percent
    let verdict =
      prompt.answer.map {
        $0 == prediction.predicted
          ? "; correct" : "; the answer is \(Value.quoted(prompt.labelWords[$0]))"
      } ?? ""
    return "\(Value.quoted(word)), \(share) % among the label words\(note)\(verdict)"
      + [prompt].splitNote
  }

  var table: Table {
    Table(
      columns: ["class", "word", "logit", "probability", "answer"],
      rows: prompt.labelWords.indices.map { index in
        [
          .string(prompt.classes[index]), .string(prompt.labelWords[index]),
          .number(Double(prediction.logits[index])), .number(prediction.probabilities[index]),
          .boolean(index == prompt.answer),
        ]
      })
  }

  var measurements: [(name: String, value: Double)] {
    prompt.answer.map { [("answer_probability", prediction.probabilities[$0])] } ?? []
  }

  var fieldNames: [String] {
    ["word", "class", "probabilities", "answer_probability", "logits", "correct"]
  }

  func field(_ name: String) -> Value? {
    switch name {
    case "word": prompt.labelWords[prediction.predicted].value
    case "class": prompt.classes[prediction.predicted].value
    case "probabilities": prediction.probabilities.value
    case "answer_probability": prompt.answer.map { prediction.probabilities[$0].value } ?? .nothing
    case "logits": prediction.logits.value
    case "correct": prompt.answer.map { ($0 == prediction.predicted).value } ?? .nothing
    default: nil
    }
  }

  func figure(titled title: String?) throws -> any Figure {
    try BarChart(
      title: title ?? "What the model answers", subtitle: summary,
      values: Axis("Probability among the label words", range: 0...1), groupTitle: "Label word",
      groups: prompt.labelWords.map { $0.trimmingPrefix(" ").description },
      series: [.init("probability", values: prediction.probabilities)])
  }

  static let combinable: String? = """
    single heads, several of several layers and each once, are drawn as a map: \
    ablate=[["0.0"], ["0.1"], ["1.0"], ["1.1"]]
    """

  /// Layers by heads, where a list goes through them; else there is no figure of many.
  static func combined(_ grid: Grid) throws -> (any LanguageObject)? {
    guard let first = grid.objects(PredictionResult.self).first else { return nil }
    let answers = grid.objects(PredictionResult.self).map { result in
      result.prompt.answer.map { result.prompt.labelWords[$0] }
    }
    let name = answers.allSatisfy { $0 == answers[0] } ? answers[0].map(Value.quoted) : nil
    let heads = try grid.headMap(
      titled: "Probability of the answer" + (name.map { ", \($0)" } ?? ""),
      basis: grid.hasSeeds ? grid.basis : nil, valueName: "Probability"
    ) { $0.object(PredictionResult.self)?.measurements.first?.value }
    return heads.map {
      FigureValue(figure: $0, style: first.recipe.style, recipe: Recipe(of: grid))
    }
  }

  func display() -> Display {
    var display = Display(plain: summary + "\n\n" + table.plain, metadata: recipe.metadata)
    display["text/html"] = table.html
    return display
  }
}
