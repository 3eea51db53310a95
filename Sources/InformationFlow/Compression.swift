import InContext
import LinearAlgebra
import Transformer

/// How far a model's answers survive when little is left of the demonstrations ("Label words are
/// anchors", section 3.2; spec 6).
public struct Compression: Sendable {
  /// What is left of the demonstrations (spec 6.4).
  public enum Method: String, CaseIterable, Sendable {
    /// Keys and values of everything but their texts: template and label words.
    case hiddenAnchor = "hidden_anchor"
    /// Template and label words as text, read anew.
    case textAnchor = "text_anchor"
    /// As hidden anchors, but a random text token stands in for each label word's first token.
    case hiddenRandom = "hidden_random"
    /// The best, by label loyalty, of several such draws.
    case hiddenRandomTop = "hidden_random_top"
  }

  public struct Options: Sendable {
    public var methods = Method.allCases
    /// k of word loyalty.
    public var words = Loyalty.words
    /// Draws of which ``Method/hiddenRandomTop`` takes the best.
    public var tries = 20
    /// Of the random draws.
    public var seed = 42
    /// Whether a query's positions begin at 0 again behind cached demonstrations; see
    /// ``Anchors/keeping(_:restarting:)``.
    public var restarting = false
    /// Prompts whose time is measured.
    public var timed = 0

    public init() {}

    /// Draws that the methods ask for.
    var draws: Int {
      methods.contains(.hiddenRandomTop) ? tries : methods.contains(.hiddenRandom) ? 1 : 0
    }
  }

  /// What one method gives, or the whole prompts.
  public struct Outcome: Sendable {
    /// Nil for the whole prompts, to which the others are compared.
    public let method: Method?
    public let answers: [Answer]
    public let loyalty: Loyalty
    /// Right answers among the prompts that have one, as a share; nil if none has.
    public let accuracy: Double?
    /// Tokens that a query sees before itself.
    public let kept: Int
    /// Where they stand in the first prompt; empty for text anchors, which are a text of their own.
    public let positions: [Int]
    /// The median time of a prompt, if it was measured.
    public fileprivate(set) var milliseconds: Double?
  }

  /// The whole prompts first, then the methods in the order asked for.
  public private(set) var outcomes: [Outcome]
  /// Hidden anchors of the first prompt's demonstrations.
  public let anchors: Anchors
  public let prompts: Int
  /// Prompts whose time was measured.
  public let timed: Int

  /// Runs that the experiment takes, besides one for each beginning that prompts share.
  public static func runs(over prompts: Int, _ options: Options) -> Int {
    let plain = options.methods.count { [.hiddenAnchor, .textAnchor].contains($0) }
    return prompts * (1 + plain + options.draws)
      + min(options.timed, prompts) * (1 + options.methods.count)
  }

  /// - Parameters:
  ///   - textAnchors: the prompts without their demonstrations' texts, one each, where
  ///     ``Method/textAnchor`` is asked for; see ``PromptBuilder/withoutTexts``.
  /// - Throws: ``AnalysisError``, `ModelError`, `Cancelled`.
  public init(
    of decoder: Decoder, over prompts: [Prompt], textAnchors: [Prompt] = [],
    options: Options = Options(), threads: Int = Machine.cores, batch: Int? = nil,
    monitor: Monitor = .none
  ) throws {
    guard let first = prompts.first else { throw AnalysisError.noPrompts }
    guard !first.labelTokens.isEmpty else { throw AnalysisError.noLabels }
    guard !options.methods.contains(.textAnchor) || textAnchors.count == prompts.count else {
      throw AnalysisError.textAnchors(textAnchors.count, prompts: prompts.count)
    }
    var experiment = try CompressionExperiment(
      decoder: decoder, prompts: prompts, textAnchors: textAnchors, options: options,
      threads: threads, batch: batch, monitor: monitor)
    outcomes = try experiment.outcomes()
    anchors = experiment.hiddenAnchors(of: 0)
    self.prompts = prompts.count
    timed = min(options.timed, prompts.count)
    guard timed > 0 else { return }
    let times = try experiment.medianMilliseconds(of: outcomes, over: timed)
    for index in outcomes.indices { outcomes[index].milliseconds = times[index] }
  }
}

/// An experiment on its way.
private struct CompressionExperiment {
  typealias Method = Compression.Method

  let decoder: Decoder
  let prompts: [Prompt]
  let textAnchors: [Prompt]
  let options: Compression.Options
  let threads: Int
  let batch: Int?
  let monitor: Monitor

  /// The demonstrations that there are, each computed once: one of a data set, but where a token
  /// holds their end and the beginning of the query's text.
  private let demonstrations: [Anchors]
  /// Which of them each prompt has.
  private let places: [Int]
  /// The random selections of the demonstrations.
  private let draws: [[[Int]]]
  /// Runs that are done.
  private var done = 0

  private var total: Int { Compression.runs(over: prompts.count, options) }

  init(
    decoder: Decoder, prompts: [Prompt], textAnchors: [Prompt], options: Compression.Options,
    threads: Int, batch: Int?, monitor: Monitor
  ) throws {
    self.decoder = decoder
    self.prompts = prompts
    self.textAnchors = textAnchors
    self.options = options
    self.threads = threads
    self.batch = batch
    self.monitor = monitor
    var known: [ArraySlice<Int>: Int] = [:]
    var demonstrations: [Anchors] = []
    var draws: [[[Int]]] = []
    var places: [Int] = []
    for prompt in prompts {
      let tokens = prompt.tokens.prefix(prompt.queryStart)
      if known[tokens] == nil {
        known[tokens] = demonstrations.count
        demonstrations.append(
          try Anchors(
            ofAll: prompt, by: decoder, threads: threads, monitor: monitor.quiet))
        draws.append(prompt.randomAnchors(count: options.draws, seed: options.seed))
      }
      places.append(known[tokens] ?? 0)
    }
    self.demonstrations = demonstrations
    self.draws = draws
    self.places = places
  }

  func hiddenAnchors(of index: Int) -> Anchors {
    demonstrations[places[index]].keeping(
      prompts[index].anchors, restarting: options.restarting)
  }

  // MARK: - Outcomes

  mutating func outcomes() throws -> [Compression.Outcome] {
    let whole = try answers(prompts.map { $0.pass() })
    let reference = outcome(nil, whole, to: whole, positions: Array(0..<prompts[0].queryStart))
    let random = try randomOutcomes(whole)
    var outcomes = [reference]
    for method in options.methods {
      switch method {
      case .hiddenAnchor:
        let answers = try answers(hiddenPasses { prompts[$0].anchors })
        outcomes.append(outcome(method, answers, to: whole, positions: prompts[0].anchors))
      case .textAnchor:
        let answers = try answers(textAnchors.map { $0.pass() })
        let kept = textAnchors.first?.queryStart
        outcomes.append(outcome(method, answers, to: whole, kept: kept))
      case .hiddenRandom, .hiddenRandomTop:
        if let outcome = random[method] { outcomes.append(outcome) }
      }
    }
    return outcomes
  }

  /// The first draw, and of all the one with the highest label loyalty; of equals the first. Each draw
  /// stands for itself: the released code lets those before it stay in the mask (spec 6.4).
  private mutating func randomOutcomes(
    _ whole: [Answer]
  ) throws -> [Method: Compression.Outcome] {
    var found: [Method: Compression.Outcome] = [:]
    let count = draws.map(\.count).max() ?? 0
    for draw in 0..<count {
      let answers = try answers(hiddenPasses { positions(draw, of: $0) })
      func scored(_ method: Method) -> Compression.Outcome {
        outcome(method, answers, to: whole, positions: positions(draw, of: 0))
      }
      if draw == 0 { found[.hiddenRandom] = scored(.hiddenRandom) }
      let top = scored(.hiddenRandomTop)
      if top.loyalty.label > found[.hiddenRandomTop]?.loyalty.label ?? -1 {
        found[.hiddenRandomTop] = top
      }
    }
    // Where there are not so many different draws, the others count as done.
    if count < options.draws {
      done += (options.draws - count) * prompts.count
      monitor.advanced(done, total)
    }
    return found
  }

  /// A draw of a prompt's demonstrations; the last one where there are fewer.
  private func positions(_ draw: Int, of index: Int) -> [Int] {
    let draws = draws[places[index]]
    return draws[min(draw, draws.count - 1)]
  }

  /// The queries behind what is kept of their demonstrations.
  private func hiddenPasses(keeping positions: (_ prompt: Int) -> [Int]) -> [Pass] {
    var kept: [Int: Anchors] = [:]
    return prompts.indices.map { index in
      let place = places[index]
      let anchors =
        kept[place]
        ?? demonstrations[place].keeping(positions(index), restarting: options.restarting)
      kept[place] = anchors
      return anchors.pass(for: prompts[index])
    }
  }

  private mutating func answers(_ passes: [Pass]) throws -> [Answer] {
    defer { done += passes.count }
    return try decoder.answers(
      to: passes, words: options.words, threads: threads, batch: batch,
      monitor: monitor.after(done, of: total))
  }

  private func outcome(
    _ method: Method?, _ answers: [Answer], to whole: [Answer], positions: [Int] = [],
    kept: Int? = nil
  ) -> Compression.Outcome {
    Compression.Outcome(
      method: method, answers: answers,
      loyalty: Loyalty(of: answers, to: whole, words: options.words),
      accuracy: answers.accuracy(gold: prompts.map(\.answer)),
      kept: kept ?? positions.count, positions: positions)
  }

  // MARK: - Time

  /// The median time of a prompt, method by method: one prompt at a time on all threads, the methods in
  /// turns so that a machine's moods meet all. Computing the cached demonstrations is not counted, and
  /// nothing is shared between whole prompts. The first round is not counted either.
  mutating func medianMilliseconds(
    of outcomes: [Compression.Outcome], over count: Int
  ) throws -> [Double] {
    let passes = outcomes.map { outcome in
      switch outcome.method {
      case nil: prompts.prefix(count).map { $0.pass() }
      case .textAnchor: textAnchors.prefix(count).map { $0.pass() }
      case .hiddenAnchor: Array(hiddenPasses { prompts[$0].anchors }.prefix(count))
      case .hiddenRandom, .hiddenRandomTop:
        Array(
          hiddenPasses { places[$0] == places[0] ? outcome.positions : positions(0, of: $0) }
            .prefix(count))
      }
    }
    let quiet = monitor.quiet
    var times = [[Double]](repeating: [], count: outcomes.count)
    for round in -1..<count {
      for (index, passes) in passes.enumerated() {
        let start = ContinuousClock.now
        _ = try decoder.run(passes[max(round, 0)], threads: threads, monitor: quiet)
        let elapsed = start.duration(to: .now) / .milliseconds(1)
        guard round >= 0 else { continue }
        times[index].append(elapsed)
        done += 1
        monitor.advanced(done, total)
      }
    }
    return times.map { times in
      let (sorted, middle) = (times.sorted(), times.count / 2)
      return times.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
  }
}
