import Charts
import CommandLanguage
import InContext
import InformationFlow
import LinearAlgebra

/// How often the model is right.
struct EvaluateCommand: AnalysisCommand {
  static let group = "behaviour"
  static let summary = "Accuracy of in-context learning on test rows, with a confusion matrix."
  static let discussion = """
    Every test row is asked about after the same demonstrations, which the seed picks; shots=0 asks \
    without any. A prompt that the model's context cannot hold is an error: leaving its row out would \
    change the accuracy. after= puts what compress kept in the place of the demonstrations.


    """ + InterventionOptions.discussion
  static let examples = [
    "evaluate mini sst2 samples=100", "evaluate mini trec seed=[42, 43, 44]",
    "evaluate mini sst2 samples=50 block=all to=label layers=[first(2), last(2)]",
  ]

  @Input("The model to ask.") var model: Model
  @Input("A data set, or one prompt.") var subject: Subject
  let sampling = SamplingOptions()
  let changes = InterventionOptions()
  @Option("Cached demonstrations that stand in for those drawn.", defaultText: "none")
  var after: AnchorsOption?

  func run(in session: Session) throws -> EvaluationResult {
    let anchors = try after.anchors(for: model, changing: changes)
    let sample = try subject.fixedPrompts(for: model, sampling)
    let evaluation = try session.monitored(unit: "prompts", total: sample.prompts.count) {
      try Evaluation(
        of: sample.prompts, by: model.decoder, after: anchors,
        changing: { try changes.interventions(on: $0, for: model) }, threads: session.threads,
        batch: sampling.batch, monitor: $0)
    }
    return EvaluationResult(
      evaluation: evaluation, title: "\(model.name) on \(subject.name)\(changes.note)\(after.note)",
      recipe: Recipe(
        self, in: session, model: model, dataset: subject.dataset, leavingOut: changes.meaningless))
  }
}

/// Answers to many prompts.
struct EvaluationResult: Plottable, Tabular, Measured, Liftable {
  static let typeName = "evaluation"

  let evaluation: Evaluation
  let title: String
  let recipe: Recipe

  var summary: String { "\(title): \(score)" }

  private var score: String {
    let count = evaluation.rows.count
    let interval = Statistics.wilsonInterval(successes: evaluation.correct, of: count)
    func percent(_ share: Double) -> String { (100 * share).fixed(decimals: 1) }
    let range = interval.map {
      ", 95 % interval \(percent($0.lowerBound)) to \(percent($0.upperBound)) %"
    }
    return "accuracy \(percent(evaluation.accuracy)) % "
      + "(\(evaluation.correct.grouped) of \(count.grouped)\(range ?? ""))"
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

  var measurements: [(name: String, value: Double)] { [("accuracy", evaluation.accuracy)] }

  var fieldNames: [String] { ["accuracy", "correct", "samples", "confusion", "rows"] }

  func field(_ name: String) -> Value? {
    switch name {
    case "accuracy": evaluation.accuracy.value
    case "correct": evaluation.correct.value
    case "samples": evaluation.rows.count.value
    case "confusion": .list(evaluation.confusion.map(\.value))
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
    let classes = Set(grid.objects(EvaluationResult.self).map(\.evaluation.classes.count))
    let isMean = (grid.axis(Grid.seedAxis)?.count ?? 1) > 1
    let chart = try BarChart(
      title: grid.title("Accuracy", of: grid.objects(Self.self).map(\.title)), subtitle: grid.basis,
      values: Axis("Accuracy", range: 0...1),
      groups: groups.map { $0.title.isEmpty ? first.title : $0.title },
      series: [
        .init(
          "accuracy", values: accuracies.map(\.mean),
          lower: isMean ? accuracies.map(\.lower) : nil,
          upper: isMean ? accuracies.map(\.upper) : nil)
      ],
      // Of data sets with several numbers of classes there is no one chance.
      references: classes.count == 1
        ? classes.map { ReferenceLine("chance", at: 1 / Double($0)) } : [])
    return FigureValue(figure: chart, style: first.recipe.style, recipe: Recipe(of: grid))
  }
}
