import Foundation

@testable import LinearAlgebra

/// What the kernels compute, written down as plainly as can be, in double precision.
enum Reference {
  static func softmax(_ scores: [Double], scale: Double = 1) -> [Double] {
    guard let highest = scores.max(), highest > -.infinity else { return scores.map { _ in 0 } }
    let powers = scores.map { exp(scale * ($0 - highest)) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  static func layerNorm(
    _ x: [Double], weight: [Double], bias: [Double], epsilon: Double
  ) -> [Double] {
    let mean = x.reduce(0, +) / Double(x.count)
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
    return x.indices.map {
      (x[$0] - mean) / (variance + epsilon).squareRoot() * weight[$0] + bias[$0]
    }
  }

  static func activation(_ activation: Activation, _ x: Double) -> Double {
    switch activation {
    case .geluTanh:
      return x / 2 * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    case .geluErf: return x / 2 * erfc(-x / 2.0.squareRoot())
    case .silu: return x / (1 + exp(-x))
    case .relu: return max(0, x)
    }
  }

  /// Element (r, c) of alpha · a · b + beta · target, and the sum of its terms' magnitudes.
  static func product(
    _ row: [Double], _ column: [Double], alpha: Double, beta: Double, target: Double
  ) -> (value: Double, magnitude: Double) {
    let terms = zip(row, column).map { alpha * $0 * $1 } + [beta == 0 ? 0 : beta * target]
    return (terms.reduce(0, +), terms.reduce(0) { $0 + abs($1) })
  }

  /// The chance that a positive outscores a negative, pair by pair.
  static func areaUnderROC(scores: [Double], positive: [Bool]) -> Double? {
    var wins = 0.0
    var pairs = 0.0
    for (a, isPositive) in zip(scores, positive) where isPositive {
      for (b, isPositive) in zip(scores, positive) where !isPositive {
        wins += a > b ? 1 : a == b ? 0.5 : 0
        pairs += 1
      }
    }
    return pairs == 0 ? nil : wins / pairs
  }
}
