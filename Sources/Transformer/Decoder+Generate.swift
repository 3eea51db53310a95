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
  case contextTooShort(prompt: Int, wanted: Int, context: Int)

  public var description: String {
    switch self {
    case .contextTooShort(let prompt, let wanted, let context):
      let room = context - prompt
      let advice = room > 0 ? "ask for at most \(room)" : "take a shorter prompt"
      return "\(wanted) tokens after a prompt of \(prompt) are more than the model's context "
        + "of \(context) holds: \(advice)"
    }
  }
}

extension Decoder {
  /// Continues a prompt token by token; returns the new tokens, without the one that ended them.
  ///
  /// The whole text is computed again for every token, of the top layer the last row only.
  ///
  /// - Parameters:
  ///   - prompt: token ids, at least one.
  ///   - count: the most tokens to add.
  ///   - end: the token that ends a text, if there is one.
  /// - Throws: ``GenerationError`` if prompt and continuation are longer than the context,
  ///   ``ModelError`` for a prompt that does not fit the model, `Cancelled`.
  /// - Complexity: `count` forward passes.
  public func generate(
    _ prompt: [Int], count: Int, choice: TokenChoice = .greedy, end: Int? = nil,
    threads: Int = Machine.cores, monitor: Monitor = .none
  ) throws -> [Int] {
    let context = architecture.context
    guard prompt.count <= context, count <= context - prompt.count else {
      throw GenerationError.contextTooShort(prompt: prompt.count, wanted: count, context: context)
    }
    var picker = TokenPicker(choice)
    var tokens = prompt
    for done in 0..<max(count, 0) {
      let trace = try run(
        Pass(tokens: tokens, captures: .logits), threads: threads,
        monitor: Monitor(isCancelled: monitor.isCancelled))
      let next = picker.pick(trace.logits)
      if next == end { break }
      tokens.append(next)
      monitor.advanced(done + 1, count)
    }
    return Array(tokens[prompt.count...])
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
