import Foundation
import LinearAlgebra

/// How the next token is chosen.
public enum TokenChoice: Sendable, Equatable {
  /// The likeliest one; of equals, the one with the smallest id.
  case greedy
  /// Drawn from softmax(logits / temperature); the same seed draws the same tokens.
  case sampled(temperature: Double, seed: Int)
}

/// Why a text cannot be continued.
public enum GenerationError: Error, Sendable, Equatable, CustomStringConvertible {
  case noRoom(prompt: Int, context: Int)

  public var description: String {
    switch self {
    case .noRoom(let prompt, let context):
      "a prompt of \(prompt) tokens leaves no room in the model's context of \(context): take a "
        + "shorter one"
    }
  }
}

extension Decoder {
  /// Continues a prompt token by token; returns the new tokens, without the one that ended them.
  ///
  /// The prompt is computed once; then every token alone, which sees the keys and values of those
  /// before it.
  ///
  /// - Parameters:
  ///   - prompt: token ids, at least one.
  ///   - count: the most tokens to add; fewer where the context ends.
  ///   - end: the token that ends a text, if there is one.
  ///   - cache: what the prompt sees before itself.
  ///   - start: the position of its first token; directly behind all that is cached if nil.
  /// - Throws: ``GenerationError/noRoom(prompt:context:)`` if the prompt alone fills the context,
  ///   ``ModelError`` for a prompt that does not fit the model, `Cancelled`.
  /// - Complexity: a forward pass of the prompt, and one of a single token for each that is added:
  ///   that takes the time of reading the weights.
  public func generate(
    _ prompt: [Int], count: Int, choice: TokenChoice = .greedy, end: Int? = nil,
    after cache: KeyValueCache? = nil, start: Int? = nil, threads: Int = Machine.cores,
    monitor: Monitor = .none
  ) throws -> [Int] {
    let context = architecture.context
    let start = start ?? cache?.nextPosition ?? 0
    guard (0...context).contains(start) else {
      throw ModelError.startOutOfRange(start, context: context)
    }
    guard prompt.count < context - start else {
      throw GenerationError.noRoom(prompt: start + prompt.count, context: context)
    }
    let count = min(count, context - start - prompt.count)
    var picker = TokenPicker(choice)
    var added: [Int] = []
    var pass = Pass(tokens: prompt, captures: [.logits, .cache])
    pass.cache = cache
    pass.start = start
    while added.count < count {
      let trace = try run(
        pass, threads: threads, monitor: monitor.quiet)
      let token = picker.pick(trace.logits)
      if token == end { break }
      added.append(token)
      // What was cached does not serve where a longer text turns its keys otherwise.
      let next = start + prompt.count + added.count
      let grown = trace.cache.flatMap { $0.serves(tokens: next) ? $0 : nil }
      pass.cache = grown ?? cache
      pass.tokens = grown == nil ? prompt + added : [token]
      pass.start = grown == nil ? start : next - 1
      monitor.advanced(added.count, count)
    }
    return added
  }
}

/// Chooses tokens one after the other.
private struct TokenPicker {
  private let temperature: Double
  private var random: PermutedCongruential

  init(_ choice: TokenChoice) {
    switch choice {
    case .greedy: (temperature, random) = (0, PermutedCongruential(seed: 0))
    case .sampled(let temperature, let seed):
      self.temperature = temperature
      random = PermutedCongruential(seed: UInt64(bitPattern: Int64(seed)))
    }
  }

  mutating func pick(_ logits: [Float]) -> Int {
    var best = 0
    for index in logits.indices where logits[index] > logits[best] { best = index }
    guard temperature > 0, logits.indices.contains(best) else { return best }
    let top = Double(logits[best])
    let weights = logits.map { exp((Double($0) - top) / temperature) }
    var rest = Double.random(in: 0..<1, using: &random) * weights.reduce(0, +)
    for (index, weight) in weights.enumerated() {
      rest -= weight
      if rest < 0 { return index }
    }
    return best
  }
}
