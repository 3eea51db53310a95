import Charts
import CommandLanguage
import InContext
import InformationFlow
import LinearAlgebra
import Transformer

extension DemonstrationOrder: ChoiceConvertible {}

/// How often the model is right.
struct EvaluateCommand: AnalysisCommand {
  static let group = "behaviour"
  static let summary = "Accuracy of in-context learning on test rows, with a confusion matrix."
  static let discussion = """
    Every test row is asked about after the same demonstrations, which the seed picks; shots=0 asks \
    without any. A prompt that the model's context cannot hold is an error: leaving its row out would \
    change the accuracy. after= puts what compress kept in the place of the demonstrations. \
    order=shuffled mixes the demonstrations once more, as the paper's baseline of five a class does \
    (three for agnews); there without a seed, here with seed=. It goes with neither one prompt nor \
    after=, whose demonstrations stand in their order.

    calibrate=true divides each probability by the one that the model gives to texts which say nothing, \
    "N/A", "[MASK]" and "" (Zhao et al. 2021, Calibrate Before Use), the mean over the three.


    """ + InterventionOptions.discussion
  static let examples = [
    "evaluate mini sst2 samples=100", "evaluate mini trec seed=[42, 43, 44]",
    "evaluate mini sst2 samples=100 calibrate=[false, true]",
    "evaluate mini sst2 samples=100 shots=5 order=shuffled",
    "evaluate mini sst2 samples=50 block=all to=label layers=[first(2), last(2)]",
  ]

  @Input("The model to ask.") var model: Model
  @Input("A data set, or one prompt.") var subject: Subject
  let sampling = SamplingOptions()
  @Option("The order of the demonstrations.") var order = DemonstrationOrder.drawn
  @Option("Whether to divide by what the model answers to texts that say nothing.")
  var calibrate = false
  let changes = InterventionOptions()
  @Option("Cached demonstrations that stand in for those drawn.", defaultText: "none")
  var after: AnchorsOption?

  func run(in session: Session) throws -> EvaluationResult {
    try checkOrder()
    let anchors = try after.anchors(for: model, changing: changes)
    let sample = try subject.fixedPrompts(
      for: model, sampling, order: order, in: session)
    let contentFree = try contentFree(in: session)
    let name = try sampling.name(of: subject)
    let count = sample.prompts.count + contentFree.count
    let evaluation = try session.monitored(unit: "prompts", total: count) {
      try Evaluation(
        of: sample.prompts, by: model.decoder, after: anchors, calibratedBy: contentFree,
        changing: interventions, threads: session.threads, batch: sampling.batch, monitor: $0)
    }
    return EvaluationResult(
      evaluation: evaluation,
      title: "\(model.name) on \(name)\(note)\(changes.note)\(after.note(behind: name))",
      splitNote: sample.prompts.splitNote,
      recipe: Recipe(
        self, in: session, model: model, dataset: subject.dataset,
        leavingOut: changes.meaningless, citing: calibrate ? [Bibliography.calibration] : []))
  }

  /// - Throws: a ``LanguageError`` where there is no order to choose.
  private func checkOrder() throws(LanguageError) {
    guard order != .drawn else { return }
    if case .prompt = subject {
      throw .argument(
        "order= goes with a data set, whose demonstrations are put in order; one prompt is written "
          + "already."
      ).blaming("order")
    }
    guard after == nil else {
      throw .argument(
        "order= does not go with after=: what is cached is in order already; leave one of them out."
      ).blaming("order")
    }
  }

  /// What the model's bias is read from.
  private func contentFree(in session: Session) throws -> [Prompt] {
    guard calibrate else { return [] }
    guard case .dataset(let object) = subject else {
      throw LanguageError.argument(
        "calibrate= goes with a data set, whose demonstrations stand before texts that say nothing."
      ).blaming("calibrate")
    }
    return try sampling.builder(object.dataset, for: model, in: session).contentFree(
      Calibration.contentFree, shots: sampling.shots, seed: sampling.seed, order: order)
  }

  /// What is changed while a prompt is read. A text that says nothing may have none of the positions
  /// named; then nothing is blocked in it.
  private func interventions(on prompt: Prompt) throws -> [Intervention] {
    let saysNothing = calibrate && prompt.answer == nil
    return try changes.interventions(on: prompt, for: model, ifPresent: saysNothing)
  }

  private var note: String {
    (order == .drawn || sampling.shots == 0 ? "" : ", demonstrations \(order.rawValue)")
      + (calibrate ? ", calibrated" : "")
  }
}

/// Answers to many prompts.
struct EvaluationResult: Plottable, Tabular, Measured, Liftable {
  static let typeName = "evaluation"
  /// More classes are not listed in the text.
  private static let mostListed = 8

  let evaluation: Evaluation
  let title: String
  /// What to say of label words of several tokens.
  let splitNote: String
  let recipe: Recipe

  var summary: String { "\(title): \(score)\(splitNote)" }

  private var score: String {
    let count = evaluation.rows.count
    let interval = Statistics.wilsonInterval(successes: evaluation.correct, of: count)
    let range = interval.map {
      ", 95 % interval \($0.lowerBound.percent) to \($0.upperBound.percent) %"
    }
    let before = evaluation.uncalibratedAccuracy.map { ", \($0.percent) % before calibration" }
    return "accuracy \(evaluation.accuracy.percent) % "
      + "(\(evaluation.correct.grouped) of \(count.grouped)\(range ?? ""))\(before ?? "")"
  }

  /// Accuracy class by class, and the bias that was divided by.
  private var details: [String] {
    guard evaluation.classes.count <= Self.mostListed else { return [] }
    func listed(_ values: [Double?]) -> String {
      zip(evaluation.classes, values)
        .map { "\($0) \($1.map { $0.percent + " %" } ?? "no rows")" }.joined(separator: ", ")
    }
    return ["right by class: " + listed(evaluation.classScores.map(\.recall))]
      + (evaluation.calibration.map { ["answers to texts that say nothing: " + listed($0.bias)] }
        ?? [])
  }

  func display() -> Display {
    guard let figure = try? figure(titled: nil) else {
      return Display(plain: summary, metadata: recipe.metadata)
    }
    return Display(
      figure, style: recipe.style, recipe: recipe,
      lead: ([summary] + details).joined(separator: "\n"))
  }

  /// One row a sample: `index, gold, predicted, correct` and a column a class probability.
  var table: Table {
    Table(
      columns: ["index", "gold", "predicted", "correct"] + evaluation.classes,
      rows: evaluation.rows.map { row in
        let gold =
          evaluation.classes.indices.contains(row.gold)
          ? Value.string(evaluation.classes[row.gold]) : .nothing
        let predicted = row.prediction.predicted
        let start: [Value] = [
          .number(Double(row.index)), gold, .string(evaluation.classes[predicted]),
          .boolean(row.gold == predicted),
        ]
        return start + row.prediction.probabilities.map(Value.number)
      })
  }

  /// One row a class: its accuracy with the 95 % interval, precision and F1.
  private var classTable: Table {
    Table(
      columns: [
        "class", "rows", "answers", "correct", "accuracy", "from", "to", "precision", "f1",
      ],
      rows: zip(evaluation.classes, evaluation.classScores).map { name, score in
        let interval = Statistics.wilsonInterval(successes: score.correct, of: score.gold)
        return [
          .string(name), score.gold.value, score.answered.value, score.correct.value,
          score.recall.value, interval?.lowerBound.value ?? .nothing,
          interval?.upperBound.value ?? .nothing, score.precision.value, score.f1.value,
        ]
      }, caption: summary)
  }

  var measurements: [(name: String, value: Double)] {
    [("accuracy", evaluation.accuracy), ("macro_f1", evaluation.macroF1)]
      + (evaluation.uncalibratedAccuracy.map { [("uncalibrated_accuracy", $0)] } ?? [])
  }

  var fieldNames: [String] {
    [
      "accuracy", "correct", "samples", "interval", "macro_f1", "by_class", "confusion", "bias",
      "uncalibrated_accuracy", "rows",
    ]
  }

  func field(_ name: String) -> Value? {
    switch name {
    case "accuracy": evaluation.accuracy.value
    case "correct": evaluation.correct.value
    case "samples": evaluation.rows.count.value
    case "interval":
      Statistics.wilsonInterval(successes: evaluation.correct, of: evaluation.rows.count)
        .map { [$0.lowerBound, $0.upperBound].value } ?? .nothing
    case "macro_f1": evaluation.macroF1.value
    case "by_class": classTable.value
    case "confusion": .list(evaluation.confusion.map(\.value))
    case "bias": evaluation.calibration.map { $0.bias.value } ?? .nothing
    case "uncalibrated_accuracy": evaluation.uncalibratedAccuracy.value
    case "rows": table.value
    default: nil
    }
  }

  func figure(titled title: String?) throws -> any Figure {
    let counts = evaluation.confusion.map { $0.map(Double.init) }
    return try HeatMap(
      title: title ?? "Confusion: \(self.title)", subtitle: score,
      panels: [
        .init(
          "", rows: counts, rowLabels: evaluation.classes, columnLabels: evaluation.classes)
      ],
      rowTitle: "Gold label", columnTitle: "Answer of the model", valueName: "Test rows",
      scale: .blues)
  }

  /// Accuracy over the lists: a bar for each combination, means over seeds with their interval.
  static func combined(_ grid: Grid) throws -> (any LanguageObject)? {
    let groups = grid.groups()
    let accuracies = groups.map { group in
      ConfidenceInterval(of: group.objects(EvaluationResult.self).map(\.evaluation.accuracy))
    }
    guard let first = grid.objects(EvaluationResult.self).first else { return nil }
    let title = grid.title("Accuracy", of: grid.objects(Self.self).map(\.title))
    let heads = try grid.headMap(titled: title, basis: grid.basis, valueName: "Accuracy") {
      $0.object(EvaluationResult.self)?.evaluation.accuracy
    }
    if let heads {
      return FigureValue(figure: heads, style: first.recipe.style, recipe: Recipe(of: grid))
    }
    let classes = Set(grid.objects(EvaluationResult.self).map(\.evaluation.classes.count))
    let chart = try BarChart(
      title: title, subtitle: grid.basis, values: Axis("Accuracy", range: 0...1),
      groups: groups.map { $0.title.isEmpty ? first.title : $0.title },
      series: [.init("accuracy", means: accuracies)],
      // Of data sets with several numbers of classes there is no one chance.
      references: classes.count == 1
        ? classes.map { ReferenceLine("chance", at: 1 / Double($0)) } : [])
    return FigureValue(figure: chart, style: first.recipe.style, recipe: Recipe(of: grid))
  }
}
