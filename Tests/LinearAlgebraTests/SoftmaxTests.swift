import Testing

@testable import LinearAlgebra

@Suite("Softmax and its gradient")
struct SoftmaxTests {
  private func softmaxed(_ scores: [Float], scale: Float = 1) -> [Float] {
    let row = GuardedRow(scores)
    softmax(row.pointer, count: scores.count, scale: scale)
    #expect(row.isIntact)
    return row.values
  }

  @Test("Weights are those of double precision, for every count and scale")
  func weights() {
    var random = SplitMix(state: 3)
    for count in edgeCounts {
      for (reach, scale) in [(2, 1), (40, 0.125), (500, 1)] as [(Float, Float)] {
        let scores = random.floats(count, in: -reach...reach)
        let expected = Reference.softmax(scores.map(Double.init), scale: Double(scale))
        #expect(distance(softmaxed(scores, scale: scale), expected) < Tolerance.weight)
      }
    }
  }

  @Test("One score has all the weight")
  func oneScore() {
    for score: Float in [0, -1e30, 1e30] { #expect(softmaxed([score]) == [1]) }
  }

  @Test("A row of -∞ becomes zeros", arguments: [1, 5, 16, 17, 40])
  func blockedRow(count: Int) {
    let scores = [Float](repeating: -.infinity, count: count)
    #expect(softmaxed(scores) == [Float](repeating: 0, count: count))
  }

  @Test("A score of -∞ has no weight at all, wherever it stands")
  func blockedScores() {
    var random = SplitMix(state: 4)
    for blocked in 0..<37 {
      var scores = random.floats(37)
      scores[blocked] = -.infinity
      let weights = softmaxed(scores)
      #expect(weights[blocked] == 0)
      #expect(distance(weights, Reference.softmax(scores.map(Double.init))) < Tolerance.weight)
    }
  }

  @Test("Huge scores neither overflow nor lose the largest")
  func hugeScores() {
    #expect(softmaxed([3e38, -3e38, 1e38]) == [1, 0, 0])
    #expect(softmaxed([-3e38, -3.2e38]) == [1, 0])
    #expect(softmaxed([1e30, 1e30]) == [0.5, 0.5])
  }

  @Test("A NaN is never hidden", arguments: [Float.zero, -.infinity])
  func notANumber(other: Float) {
    var scores = [Float](repeating: other, count: 20)
    scores[18] = .nan
    #expect(softmaxed(scores)[18].isNaN)
  }

  @Test("Adding the same to every score changes nothing")
  func shift() {
    var random = SplitMix(state: 5)
    let scores = random.floats(50).map { ($0 * 1024).rounded() / 1024 }
    #expect(softmaxed(scores) == softmaxed(scores.map { $0 + 64 }))
  }

  @Test("The gradient is that of finite differences")
  func gradient() {
    var random = SplitMix(state: 6)
    let scale: Float = 0.25
    for count in edgeCounts where count <= 65 {
      let scores = random.floats(count, in: -8...8)
      let incoming = random.floats(count)
      let weights = softmaxed(scores, scale: scale)
      let row = GuardedRow(incoming)
      let sum = weighGradient(row.pointer, attention: weights, count: count)
      let along = zip(weights, incoming).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      #expect(abs(Double(sum) - along) < Tolerance.gradient)
      softmaxBackward(row.pointer, attention: weights, count: count, sum: sum, scale: scale)
      let expected = slopes(
        of: { scores in
          zip(Reference.softmax(scores, scale: Double(scale)), incoming)
            .reduce(0) { $0 + $1.0 * Double($1.1) }
        }, at: scores.map(Double.init))
      #expect(distance(row.values, expected) < Tolerance.gradient + Tolerance.difference)
      #expect(row.isIntact)
    }
  }
}
