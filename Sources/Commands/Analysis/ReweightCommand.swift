import CommandLanguage
import InContext
import InformationFlow

/// Accuracy with the attention to label words re-weighted.
struct ReweightCommand: AnalysisCommand {
  static let group = "uses of it"
  static let summary = "Learns how much attention each label word should get, and what it gains."
  static let discussion = """
    The target's attention to the label words of each class is multiplied by exp β, after softmax and \
    without normalising again, with a β for each layer, head and class. β is learned by Adam from \
    train= more labelled rows per class, one a step, each asked about after the demonstrations; the \
    model itself stays as it is. Test rows are then answered with β and without, after the same \
    demonstrations.

    baseline= is what the rows could have been used for instead: in-context learning with more \
    demonstrations. auto takes as many per class as were demonstrated and trained on together, or the \
    most that the model's context holds. The paper has 5, and 3 for agnews; it mixes them once more, \
    while here they stay as they were drawn, as those of the other rows do: evaluate with \
    order=shuffled mixes them.

    Fields: r.beta | plot shows what was learned, r.training | plot the loss, epoch by epoch; r.rows has \
    the answers to each test row. Source: Label Words are Anchors (Wang et al. 2023), section 3.1.
    """
  static let examples = [
    "reweight mini sst2 samples=100 | plot", "(reweight mini sst2 samples=20).beta | plot",
    "reweight mini sst2 samples=50 seed=42..44",
  ]

  @Input("The model to ask.") var model: Model
  @Input("The data set to learn from and to be asked about.") var dataset: DatasetObject
  let sampling = SamplingOptions()
  @Option("Rows per class to learn β from.", in: 1...64) var train = 4
  @Option("How often all of them are gone through.", in: 0...1_000) var epochs = 10
  @Option("Adam's learning rate.", in: 0...100) var rate = 0.01
  @Option("Whether all heads of a layer share a β.") var shared = false
  @Option(
    "Demonstrations per class of the comparison with more of them; 0 is none.", in: 0...128,
    defaultText: "auto")
  var baseline: Int?

  func run(in session: Session) throws -> ReweightResult {
    let builder = try sampling.builder(dataset.dataset, for: model, in: session)
    let draw = try builder.dataset.drawDemonstrations(
      shots: sampling.shots, auxiliary: train, seed: sampling.seed)
    let training = try builder.auxiliary(of: draw)
    let test = try builder.fixed(
      shots: sampling.shots, samples: sampling.samples, seed: sampling.seed
    ).prompts
    let comparison = try comparison(builder)
    let (threads, batch) = (session.threads, sampling.batch)

    let schedule = Reweighting.Schedule(epochs: epochs, rate: rate, sharesHeads: shared)
    let learned = try session.monitored(unit: "steps", total: training.count * (1 + epochs)) {
      try Reweighting(
        of: model.decoder, on: training, schedule: schedule, seed: sampling.seed, threads: threads,
        batch: batch, monitor: $0)
    }
    let answers = try session.monitored(unit: "answers", total: 2 * test.count) { monitor in
      try learned.weights.computable(rate: rate) {
        try ReweightedEvaluation(
          of: test, by: model.decoder, with: learned.weights, threads: threads, batch: batch,
          monitor: monitor)
      }
    }
    var more: Evaluation?
    if let prompts = comparison.prompts {
      more = try session.monitored(unit: "answers", total: prompts.count) {
        try Evaluation(
          of: prompts, by: model.decoder, threads: threads, batch: batch, monitor: $0)
      }
    }
    return ReweightResult(
      learned: learned, heads: model.architecture.heads, shots: sampling.shots,
      plain: answers.plain,
      reweighted: answers.reweighted, moreShots: comparison.shots, more: more,
      notes: [comparison.note, test.first?.splitLabelNote].compactMap { $0 },
      words: builder.dataset.template.labelWords.map { $0.trimmingPrefix(" ").description },
      title: "\(model.name) on \(try sampling.name(of: .dataset(dataset)))",
      recipe: Recipe(self, in: session, model: model, dataset: dataset.dataset))
  }

  // MARK: - More demonstrations

  /// In-context learning with more demonstrations, or why it is left out.
  private struct Comparison {
    var prompts: [Prompt]?
    var shots: Int?
    var note: String?
  }

  private func comparison(_ builder: PromptBuilder) throws -> Comparison {
    let wanted = baseline ?? sampling.shots + train
    guard wanted > 0 else { return Comparison() }
    let least = baseline == nil ? sampling.shots + 1 : wanted
    for shots in stride(from: wanted, through: least, by: -1) {
      do {
        let sample = try builder.fixed(
          shots: shots, samples: sampling.samples, seed: sampling.seed)
        let note = shots < wanted ? "\(Self.tooLong(wanted, model)), so that it has \(shots)" : nil
        return Comparison(prompts: sample.prompts, shots: shots, note: note)
      } catch let error as PromptError {
        guard case .tooLong = error else { throw error }
      } catch let error as DataError {
        guard case .drawing(.tooFewDemonstrations) = error else { throw error }
        return Comparison(note: "no comparison with more demonstrations: \(error)")
      }
    }
    return Comparison(note: "\(Self.tooLong(least, model)), so that it is left out")
  }

  private static func tooLong(_ shots: Int, _ model: Model) -> String {
    "the comparison with \(shots) demonstrations per class is too long for \(model.name) "
      + "(\(model.architecture.context.grouped) tokens)"
  }
}
