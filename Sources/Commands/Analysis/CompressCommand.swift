import Charts
import CommandLanguage
import InContext
import InformationFlow

extension Compression.Method: ChoiceConvertible {}

/// What is left of the answers when little is left of the demonstrations.
struct CompressCommand: AnalysisCommand {
  static let group = "uses of it"
  static let summary = "Answers from the cached states of label words and template alone."
  static let discussion = """
    hidden_anchor keeps the keys and values of everything in the demonstrations but their texts; \
    text_anchor keeps the same tokens as text; hidden_random puts a random text token in the place of \
    each label word's first token (drawn by seed=, as NumPy's RandomState would); hidden_random_top is \
    the best of tries= such draws, by label loyalty. Label loyalty is the share of rows that are \
    answered as by the whole prompt (ICL), word loyalty the mean overlap |A ∩ B| / |A ∪ B| of the \
    words= likeliest tokens, accuracy the share of right answers. The query keeps the position that \
    it has behind the whole demonstrations; with restart=true its positions begin at 0 again, as in the \
    released code for GPT-2 XL.

    Its field timing is a table of the milliseconds of a prompt and the speed-up over the whole prompt: \
    timed= prompts, one at a time on all threads, the methods in turns, medians; logits of the label \
    words; computing the cached demonstrations is not counted, and nothing is shared between whole prompts. \
    Times differ from run to run; all else does not.

    Its field anchors are the cached demonstrations: predict, evaluate and generate take them as after=, \
    and save writes them as .safetensors, which after="FILE" reads again. Of one prompt it shows which \
    tokens are kept, and what is answered. Source: Label Words are Anchors (Wang et al. 2023), section \
    3.2.
    """
  static let examples = [
    "c = compress mini sst2 samples=50 timed=5", "c.timing", "compress mini (prompt sst2)",
    "evaluate mini sst2 samples=20 after=c.anchors",
    "compress mini sst2 samples=20 method=hidden_anchor timed=0 seed=1..3",
  ]

  @Input("The model to ask.") var model: Model
  @Input("A data set, or one prompt.") var subject: Subject
  let sampling = SamplingOptions()
  @Option("What is kept: one way or several; all is every one.", defaultText: "all")
  var method: [Compression.Method]?
  @Option("How many of the likeliest tokens word loyalty compares.", in: 1...1_000)
  var words = Loyalty.words
  @Option("Draws of which hidden_random_top takes the best.", in: 1...1_000) var tries = 20
  @Option("Whether the query's positions begin at 0 again.") var restart = false
  @Option("Prompts that are timed; 0 for none.", in: 0...) var timed = 20

  private var options: Compression.Options {
    var options = Compression.Options()
    if let method { options.methods = method }
    options.words = words
    options.tries = tries
    options.seed = sampling.seed
    options.restarting = restart
    options.timed = timed
    return options
  }

  func run(in session: Session) throws -> Value {
    guard method?.isEmpty != true else {
      throw LanguageError.argument(
        "method=[] compresses nothing; say one or several of "
          + Compression.Method.allCases.map(\.rawValue).joined(separator: ", ") + "."
      ).blaming("method")
    }
    method = method?.withoutRepeats
    let sample = try subject.fixedPrompts(for: model, sampling, in: session)
    let name = try sampling.name(of: subject)
    let options = options
    let textAnchors =
      options.methods.contains(.textAnchor)
      ? try subject.textAnchors(for: model, sampling, in: session) : []
    let total = Compression.runs(over: sample.prompts.count, options)
    let compression = try session.monitored(unit: "prompts", total: total) {
      try Compression(
        of: model.decoder, over: sample.prompts, textAnchors: textAnchors, options: options,
        threads: session.threads, batch: sampling.batch, monitor: $0)
    }
    let recipe = Recipe(self, in: session, model: model, dataset: subject.dataset)
    let anchors = AnchorsObject(
      anchors: compression.anchors, model: model, subject: name, recipe: recipe)
    if case .prompt = subject, let prompt = sample.prompts.first {
      return .object(
        CompressedPrompt(
          compression: compression, prompt: prompt, model: model, words: words, anchors: anchors,
          recipe: recipe))
    }
    return .object(
      CompressionResult(
        compression: compression, splitNote: sample.prompts.splitNote,
        anchors: anchors,
        title: "\(model.name) on \(name)\(restart ? ", restart=true" : "")",
        recipe: recipe))
  }
}

extension Compression.Outcome {
  /// What a method is called; whole prompts are in-context learning as it is.
  var name: String { method?.rawValue ?? "ICL" }
}

extension Compression {
  /// Milliseconds a prompt and speed-up over whole prompts, a row a method.
  var timing: Table {
    let whole = outcomes.first?.milliseconds
    return Table(
      columns: ["method", "milliseconds", "speed_up"],
      rows: outcomes.map { outcome in
        let speedUp = whole.flatMap { whole in outcome.milliseconds.map { whole / $0 } }
        return [outcome.name.value, outcome.milliseconds.value, speedUp.value]
      },
      caption: timed > 0
        ? "median of \(timed.grouped) prompt\(timed == 1 ? "" : "s"), one at a time"
        : "nothing was timed: say timed=20")
  }
}

/// Loyalties and accuracy by method.
struct CompressionResult: Plottable, Tabular, Profiled, Liftable {
  static let typeName = "compression"

  let compression: Compression
  let splitNote: String
  let anchors: AnchorsObject
  let title: String
  let recipe: Recipe

  var summary: String { "compression of \(title), \(basis)" }

  private var basis: String {
    let tokens = compression.outcomes.first?.kept ?? 0
    return "\(compression.prompts.grouped) samples, \(compression.anchors.tokens.count.grouped) of "
      + "\(tokens.grouped) demonstration tokens kept\(splitNote)"
  }

  var table: Table {
    Table(
      columns: ["method", "label_loyalty", "word_loyalty", "accuracy", "kept_tokens"],
      rows: compression.outcomes.map { outcome in
        [
          outcome.name.value, outcome.loyalty.label.value, outcome.loyalty.word.value,
          outcome.accuracy.value, outcome.kept.value,
        ]
      })
  }

  var fieldNames: [String] {
    [
      "methods", "label_loyalty", "word_loyalty", "accuracy", "kept_tokens", "timing", "anchors",
      "samples",
    ]
  }

  func field(_ name: String) -> Value? {
    switch name {
    case "methods": compression.outcomes.map(\.name).value
    case "label_loyalty": compression.outcomes.map(\.loyalty.label).value
    case "word_loyalty": compression.outcomes.map(\.loyalty.word).value
    case "accuracy": compression.outcomes.map(\.accuracy).value
    case "kept_tokens": compression.outcomes.map(\.kept).value
    case "timing": compression.timing.value
    case "anchors": anchors.value
    case "samples": compression.prompts.value
    default: nil
    }
  }

  func figure(titled title: String?) throws -> any Figure {
    try Self.chart(
      title: title ?? "What compression keeps: \(self.title)", subtitle: basis,
      bars: compression.outcomes.map { ($0.name, [$0]) })
  }

  private static let readings:
    [(name: String, reading: @Sendable (Compression.Outcome) -> Double?)] =
      [
        ("label loyalty", { $0.loyalty.label }), ("word loyalty", { $0.loyalty.word }),
        ("accuracy", { $0.accuracy }),
      ]

  /// More groups of bars than this cannot be read.
  private static let mostGroups = 8

  /// A group of three bars each: means of the outcomes, with their interval if there are several.
  private static func chart(
    title: String, subtitle: String, bars: [(name: String, outcomes: [Compression.Outcome])]
  ) throws -> BarChart {
    try BarChart(
      title: title, subtitle: subtitle, values: Axis("Share", range: 0...1),
      groups: bars.map(\.name),
      series: readings.map { name, reading in
        .init(name, means: bars.map { ConfidenceInterval(of: $0.outcomes.compactMap(reading)) })
      })
  }

  /// The outcomes of one method under one condition, one a seed.
  private struct Bar {
    let condition: String
    let method: String
    let outcomes: [Compression.Outcome]
    var name: String { condition.isEmpty ? method : "\(condition) · \(method)" }
  }

  /// Bars; of many conditions a map of conditions by methods for each measure.
  static func combined(_ grid: Grid) throws -> (any LanguageObject)? {
    var bars: [Bar] = []
    for group in grid.groups() {
      let results: [CompressionResult] = group.objects()
      for (index, outcome) in (results.first?.compression.outcomes ?? []).enumerated() {
        let outcomes = results.compactMap {
          $0.compression.outcomes.indices.contains(index) ? $0.compression.outcomes[index] : nil
        }
        bars.append(Bar(condition: group.title, method: outcome.name, outcomes: outcomes))
      }
    }
    guard let first = grid.objects(CompressionResult.self).first else { return nil }
    let title = grid.title("What compression keeps", of: grid.objects(Self.self).map(\.title))
    let figure: any Figure =
      if bars.count > mostGroups {
        try map(
          of: bars, title: title,
          subtitle: grid.basis + (grid.hasSeeds ? "; the table has the intervals" : ""))
      } else {
        try chart(title: title, subtitle: grid.basis, bars: bars.map { ($0.name, $0.outcomes) })
      }
    return FigureValue(figure: figure, style: first.recipe.style, recipe: Recipe(of: grid))
  }

  private static func map(of bars: [Bar], title: String, subtitle: String) throws -> HeatMap {
    let (conditions, methods) = (
      bars.map(\.condition).withoutRepeats, bars.map(\.method).withoutRepeats
    )
    return try HeatMap(
      title: title, subtitle: subtitle,
      panels: readings.map { name, reading in
        try .init(
          name,
          rows: conditions.map { condition in
            methods.map { method in
              let bar = bars.first { $0.condition == condition && $0.method == method }
              return ConfidenceInterval(of: (bar?.outcomes ?? []).compactMap(reading)).mean
            }
          }, rowLabels: conditions, columnLabels: methods)
      },
      valueName: "Share", scale: .blues, range: 0...1)
  }
}
