import Checkpoints
import Foundation
import LinearAlgebra

/// Checks a decoder against itself, on a short prompt: what must be equal is computed in two ways.
///
/// A model that computes something else than its makers meant, consistently, passes all but the check
/// against a text.
public struct SelfCheck {
  /// Tokens of the prompt that is computed again and again.
  static let longest = 32
  /// Two orders of summation in float32 differ by a few roundings of 6e-8 a layer; a formula that
  /// differs shows at a thousandth and more.
  static let roundings = 1e-4
  /// Attention of one row is a softmax of at most 32 numbers.
  static let rowSum = 1e-5
  /// Differences of a float32 loss are good to a hundredth.
  static let slope = 0.02

  let decoder: Decoder
  let tokens: [Int]
  let hasText: Bool
  let threads: Int
  let monitor: Monitor
  private let progress: @Sendable (Int, Int) -> Void

  /// - Parameter text: tokens of a plain text that the model should find likely; without it, other
  ///   tokens are taken, and how likely they are is not checked.
  public init(
    of decoder: Decoder, text: [Int]? = nil, threads: Int = Machine.cores,
    monitor: Monitor = .none
  ) {
    let architecture = decoder.architecture
    let length = min(Self.longest, architecture.context, Self.shortestLong(architecture))
    let text = text.map { Array($0.prefix(length)) } ?? []
    let isLong = text.count >= min(8, length)
    self.decoder = decoder
    hasText = isLong
    // Any tokens do for all but one check.
    tokens =
      isLong ? text : (0..<length).map { ($0 * 7_919 + 13) % architecture.vocabulary }
    self.threads = threads
    self.monitor = monitor.quiet
    progress = monitor.advanced
  }

  private var T: Int { tokens.count }

  private struct Check {
    let name: String
    let tolerance: Double?
    let advice: String
    /// Returns what was measured, and of what.
    let measure: () throws -> (Double, String)
  }

  /// Up to where all prompts turn their keys alike: only then is the half of one what it is alone.
  private static func shortestLong(_ architecture: Architecture) -> Int {
    guard case .rotary(let rotary) = architecture.positions else { return .max }
    return rotary.long?.beyond ?? .max
  }

  /// Lines of the certificate.
  public var count: Int { checks.count }

  /// Makes every check: some fifty passes over 32 tokens, and as many over one.
  ///
  /// - Throws: `Cancelled`. What else goes wrong is a line that does not pass.
  public func certificate() throws -> Certificate {
    let checks = checks
    var lines: [Certificate.Line] = []
    for (index, check) in checks.enumerated() {
      // The weights come first: with numbers that are none, nothing else can be measured.
      let isSkipped = lines.first.map { !$0.passed } ?? false
      let (measured, detail) =
        isSkipped ? (nil, "the weights are not finite") : try result(of: check)
      var line = Certificate.Line(
        check.name, measured: measured, tolerance: check.tolerance, detail: detail,
        advice: check.advice)
      line.isSkipped = isSkipped
      lines.append(line)
      progress(index + 1, checks.count)
    }
    return Certificate(lines: lines, residualNorms: (try? residualNorms()) ?? [])
  }

  private func result(of check: Check) throws -> (Double?, String) {
    do {
      return try check.measure()
    } catch let error as ModelError {
      return (nil, "not measured: \(error)")
    }
  }

  // MARK: - What is checked

  private var checks: [Check] {
    let build = "this is a fault of Fathom, or of the machine: report it with this table"
    let file = "the file is damaged, or its training went wrong: fetch it again"
    var known: Steps?
    func steps() throws -> Steps {
      let steps = try known ?? tokenByToken()
      known = steps
      return steps
    }
    var checks = [
      Check(name: "weights are finite", tolerance: 0, advice: file, measure: weights),
      Check(
        name: "residual norms", tolerance: nil, advice: file,
        measure: {
          let norms = try residualNorms()
          return (Self.largest(norms), norms.map { Self.brief($0) }.joined(separator: " "))
        }),
      Check(
        name: "attention rows sum to one", tolerance: Self.rowSum, advice: build,
        measure: attentionRows),
      Check(
        name: "a used workspace changes nothing", tolerance: Self.roundings, advice: build,
        measure: usedWorkspace),
      Check(
        name: "one and two threads agree", tolerance: Self.roundings, advice: build,
        measure: threadCounts),
    ]
    if T >= 4 {
      checks += [
        Check(
          name: "later tokens change nothing before them", tolerance: Self.roundings,
          advice: build, measure: causality),
        Check(
          name: "many prompts equal single ones", tolerance: Self.roundings, advice: build,
          measure: batches),
        Check(
          name: "cached equals uncached", tolerance: Self.roundings, advice: build,
          measure: { (try steps().difference, "logits, relative") }),
      ]
    }
    checks.append(
      Check(
        name: "gradient of attention is the loss's slope", tolerance: Self.slope, advice: build,
        measure: { try gradient() }))
    if hasText {
      checks.append(
        Check(
          name: "a plain text is likelier than chance",
          tolerance: log(Double(decoder.architecture.vocabulary)),
          advice: "config.json or the tokenizer may not belong to these weights; a model of "
            + "another language than English may fail",
          measure: {
            (try steps().loss, "nats a token of \(T); the tolerance is chance")
          }))
    }
    return checks
  }

  private static func brief(_ number: Double) -> String { String(format: "%.3g", number) }

  private func run(
    _ tokens: [Int], _ captures: Captures = .logits, threads: Int? = nil
  ) throws -> Trace {
    try decoder.run(
      Pass(tokens: tokens, captures: captures), threads: threads ?? self.threads, monitor: monitor)
  }

  /// The largest difference, relative to the largest number.
  func difference(_ a: [Float], _ b: [Float]) -> Double {
    let scale = b.reduce(0) { max($0, abs($1)) }
    guard a.count == b.count, scale > 0 else { return a == b ? 0 : .infinity }
    return Self.largest(zip(a, b).map { Double(abs($0 - $1) / scale) })
  }

  /// The largest deviation; one that is no number is larger than all.
  static func largest(_ deviations: [Double]) -> Double {
    deviations.allSatisfy(\.isFinite) ? deviations.max() ?? 0 : .infinity
  }

  private func weights() throws -> (Double, String) {
    var count = 0
    var place: String?
    for (name, tensor) in decoder.checkpoint.tensors.sorted(by: { $0.key < $1.key }) {
      try monitor.check()
      let found = tensor.nonFiniteCount
      count += found
      if found > 0, place == nil { place = name }
    }
    return (Double(count), place.map { "numbers that are none, first in \($0)" } ?? "all numbers")
  }

  private func residualNorms() throws -> [Double] {
    let C = decoder.architecture.width
    return try run(tokens, .hidden).hidden.map { stream in
      stream.suffix(C).reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    }
  }

  private func attentionRows() throws -> (Double, String) {
    let attention = try run(tokens, .attention).attention
    let deviations = attention.flatMap { layer in
      stride(from: 0, to: layer.count, by: T).map { row in
        abs(layer[row..<row + T].reduce(0) { $0 + Double($1) } - 1)
      }
    }
    return (Self.largest(deviations), "off by, of \(deviations.count) rows")
  }

  /// In memory that a longer prompt has left behind.
  private func usedWorkspace() throws -> (Double, String) {
    let longer = min(2 * T, decoder.architecture.context)
    let other = (0..<longer).map { tokens[($0 * 5 + 3) % T] }
    let plan = MemoryPlan(decoder.architecture, tokens: longer, members: 1, gradient: false)
    let workspace = Workspace(decoder.architecture, plan: plan)
    let traces = try [other, tokens].map { tokens in
      try PassRunner(
        decoder: decoder, pass: Pass(tokens: tokens, captures: .logits), workspace: workspace,
        team: .alone, monitor: monitor
      ).run()
    }
    let plain = try run(tokens, threads: 1)
    return (difference(traces[1].logits, plain.logits), "logits, relative")
  }

  private func threadCounts() throws -> (Double, String) {
    let (one, two) = (try run(tokens, threads: 1), try run(tokens, threads: 2))
    return (difference(two.logits, one.logits), "logits, relative")
  }

  /// Were it otherwise, padding would change an answer.
  private func causality() throws -> (Double, String) {
    let C = decoder.architecture.width
    let part = T / 2
    let (short, whole) = (try run(Array(tokens.prefix(part)), .hidden), try run(tokens, .hidden))
    let differences = zip(short.hidden, whole.hidden).map {
      difference($0, Array($1.prefix(part * C)))
    }
    return (Self.largest(differences), "residual stream, relative to each layer's largest")
  }

  private func batches() throws -> (Double, String) {
    // Some begin alike, one does not.
    let prompts =
      [T, T - 1, T / 2, T / 3 + 1].map { Array(tokens.prefix($0)) } + [tokens.reversed()]
    let passes = prompts.map { Pass(tokens: $0, captures: .logits) }
    var together: [[Float]] = []
    for passes in [passes, Array(passes.dropLast(2))] {
      together += try decoder.run(passes, threads: threads, monitor: monitor) { $1.logits }
    }
    let alone = try (prompts + prompts.dropLast(2)).map { try run($0).logits }
    let differences = zip(together, alone).map { difference($0, $1) }
    return (Self.largest(differences), "logits of \(prompts.count) prompts, relative")
  }

  /// The prompt one token at a time, each after the cached keys and values of those before.
  private func tokenByToken() throws -> Steps {
    var pass = Pass(tokens: [], captures: [.logits, .cache])
    var (sum, last): (Double, [Float]) = (0, [])
    for (index, token) in tokens.enumerated() {
      pass.tokens = [token]
      let trace = try decoder.run(pass, threads: threads, monitor: monitor)
      pass.cache = trace.cache
      last = trace.logits
      if index + 1 < T { sum += Self.surprise(of: tokens[index + 1], in: trace.logits) }
    }
    let whole = try run(tokens)
    return Steps(difference: difference(last, whole.logits), loss: sum / Double(max(T - 1, 1)))
  }

  private struct Steps {
    /// From the logits of the prompt in one pass.
    let difference: Double
    /// Mean cross-entropy of the tokens, in nats.
    let loss: Double
  }

  /// −log p in nats.
  private static func surprise(of token: Int, in logits: [Float]) -> Double {
    let top = Double(logits.max() ?? 0)
    let sum = logits.reduce(0) { $0 + exp(Double($1) - top) }
    return log(sum) + top - Double(logits[token])
  }
}
