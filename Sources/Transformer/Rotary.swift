import Foundation
import LinearAlgebra

/// Rotary positions: pairs of values of each query and key are turned by angles that grow with the
/// position, so that scores depend on distance alone (Su et al. 2021, eq. 34).
public struct Rotary: Sendable, Equatable {
  /// Whether pairs are neighbours (2i, 2i + 1), as in GPT-J, and not halves (i, i + n).
  public var isInterleaved = false
  /// Radians a position, one a pair. Values of a head beyond the pairs are left as they are.
  public var frequencies: [Double]
  /// What turned values are also multiplied by.
  public var magnitude = 1.0
  /// What changes in long prompts; nil for nothing.
  public var long: Long?

  /// The frequencies of prompts of more than `beyond` tokens.
  public struct Long: Sendable, Equatable {
    public var beyond: Int
    public var frequencies: [Double]
  }

  /// The frequencies in a prompt of so many tokens.
  func frequencies(tokens: Int) -> [Double] {
    guard let long, tokens > long.beyond else { return frequencies }
    return long.frequencies
  }

  /// Whether prompts of both numbers of tokens are turned alike, so that the keys of one serve in the
  /// other.
  func turnsAlike(tokens a: Int, and b: Int) -> Bool {
    guard let long else { return true }
    return (a > long.beyond) == (b > long.beyond)
  }

  /// base^(−2i/size), the frequencies of the first `size` values of a head.
  static func frequencies(base: Double, size: Int) -> [Double] {
    (0..<size / 2).map { pow(base, -2 * Double($0) / Double(size)) }
  }
}

extension Rotary {
  /// LLaMA 3's frequencies for a longer context: waves shorter than context / high stay, those longer
  /// than context / low are stretched by the factor, and between them it is blended.
  static func stretched(
    _ frequencies: [Double], factor: Double, low: Double, high: Double, context: Double
  ) -> [Double] {
    frequencies.map { frequency in
      let length = 2 * Double.pi / frequency
      if length < context / high { return frequency }
      if length > context / low { return frequency / factor }
      let share = (context / length - low) / (high - low)
      return (1 - share) * frequency / factor + share * frequency
    }
  }
}

/// Cosines and sines of the positions of a text's last tokens, times the magnitude of the rotation.
struct RotaryTable: Sendable {
  private let rotary: Rotary
  private let buffer: FloatBuffer
  private var pairs: Int { rotary.frequencies.count }

  init(_ rotary: Rotary, positions: Range<Int>) {
    self.rotary = rotary
    let frequencies = rotary.frequencies(tokens: positions.upperBound)
    let pairs = frequencies.count
    buffer = FloatBuffer(count: 2 * positions.count * pairs)
    for (row, position) in positions.enumerated() {
      for (pair, frequency) in frequencies.enumerated() {
        let angle = Double(position) * frequency
        buffer.base[2 * row * pairs + pair] = Float(rotary.magnitude * cos(angle))
        buffer.base[(2 * row + 1) * pairs + pair] = Float(rotary.magnitude * sin(angle))
      }
    }
  }

  /// Turns the heads of a token: `count` heads of `size` values each, one after another.
  ///
  /// - Parameters:
  ///   - token: which of the tokens, from 0.
  ///   - back: whether to turn back, as a gradient is.
  func turn(
    _ row: UnsafeMutablePointer<Float>, token: Int, heads count: Int, size: Int, back: Bool
  ) {
    let cosines = buffer.base + 2 * token * pairs
    for head in 0..<count {
      VectorMath.rotate(
        row + head * size, cosines: cosines, sines: cosines + pairs, pairs: pairs,
        isInterleaved: rotary.isInterleaved, back: back)
    }
  }
}
