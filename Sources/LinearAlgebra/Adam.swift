/// Adam (Kingma and Ba 2015): steps of gradient descent that are as long for small gradients as for
/// large ones.
public struct Adam: Sendable {
  /// The length of a step.
  public let rate: Double
  /// How much of the running means of the gradient and of its square is kept at each step.
  private static let (meanDecay, squareDecay) = (0.9, 0.999)
  private static let epsilon = 1e-8

  private var mean: [Double]
  private var square: [Double]
  private var steps = 0

  /// - Parameter count: the number of parameters.
  public init(count: Int, rate: Double) {
    self.rate = rate
    mean = Array(repeating: 0, count: count)
    square = mean
  }

  /// Takes one step against the gradient.
  public mutating func step(_ parameters: inout [Double], gradient: [Double]) {
    steps += 1
    let meanCorrection = 1 - pow(Self.meanDecay, steps)
    let squareCorrection = 1 - pow(Self.squareDecay, steps)
    for index in parameters.indices {
      let slope = gradient[index]
      mean[index] += (1 - Self.meanDecay) * (slope - mean[index])
      square[index] += (1 - Self.squareDecay) * (slope * slope - square[index])
      let length = (square[index] / squareCorrection).squareRoot() + Self.epsilon
      parameters[index] -= rate * (mean[index] / meanCorrection) / length
    }
  }

  private func pow(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { power, _ in power * base }
  }
}
