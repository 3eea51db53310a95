import InContext
import LinearAlgebra
import Transformer

/// The mean saliency of three kinds of attention, layer by layer ("Label Words Are Anchors", Wang et
/// al. 2023, section 2.1; spec 2).
public struct SaliencyProfile: Sendable {
  /// Means of one layer, over samples.
  public struct Layer: Sendable, Equatable {
    /// S_wp: from all earlier tokens to the label words.
    public var wp: Double
    /// S_pq: from the label words to the target.
    public var pq: Double
    /// S_ww: between all other pairs.
    public var ww: Double

    public init(wp: Double, pq: Double, ww: Double) {
      self.wp = wp
      self.pq = pq
      self.ww = ww
    }

    /// The three divided by their sum, so that they add up to one; zeros where nothing flows.
    public var relative: Layer {
      let sum = wp + pq + ww
      return sum > 0 ? Layer(wp: wp / sum, pq: pq / sum, ww: ww / sum) : Layer(wp: 0, pq: 0, ww: 0)
    }
  }

  /// From layer 0 up.
  public let layers: [Layer]
  /// Prompts that the means are over.
  public let samples: Int

  /// The profile of a model over prompts, one gradient of the loss a prompt.
  ///
  /// - Throws: ``AnalysisError``, `ModelError`, `Cancelled`.
  public init(
    of decoder: Decoder, over prompts: [Prompt], threads: Int = Machine.cores,
    batch: Int? = nil, monitor: Monitor = .none
  ) throws {
    guard !prompts.isEmpty else { throw AnalysisError.noPrompts }
    let perPrompt = try decoder.run(
      prompts.map { try Self.pass($0) }, threads: threads, batch: batch, monitor: monitor
    ) { _, trace in
      trace.reducedSaliency.map { $0.map(Double.init) }
    }
    samples = prompts.count
    let count = Double(samples)
    layers = (0..<decoder.architecture.layers).map { layer in
      let sums = (0..<3).map { part in perPrompt.reduce(0) { $0 + $1[layer][part] } }
      return Layer(wp: sums[0] / count, pq: sums[1] / count, ww: sums[2] / count)
    }
  }

  init(layers: [Layer], samples: Int) {
    self.layers = layers
    self.samples = samples
  }

  /// A pass over a prompt that reduces each layer's saliency to its S_wp, S_pq and S_ww.
  static func pass(_ prompt: Prompt) throws(AnalysisError) -> Pass {
    guard prompt.answer != nil else { throw .noAnswer }
    let positions = prompt.labelPositions.flatMap { $0 }
    guard !positions.isEmpty else { throw .noLabelPositions }
    var pass = prompt.pass()
    let target = prompt.target
    pass.reduceSaliency = { _, saliency in
      let layer = flow(saliency, labelPositions: positions, target: target)
      return [Float(layer.wp), Float(layer.pq), Float(layer.ww)]
    }
    return pass
  }

  /// S_wp, S_pq and S_ww of one layer of one prompt (spec 2.2). The diagonal counts for nothing; a mean
  /// over no pairs is zero.
  ///
  /// - Parameters:
  ///   - saliency: I_l, (T, T): row i holds what flows into position i.
  ///   - labelPositions: p_k, the label words in the demonstrations.
  ///   - target: q, the position where the model answers.
  public static func flow(
    _ saliency: Matrix, labelPositions: [Int], target: Int
  ) -> Layer {
    var (total, words, answers) = (0.0, 0.0, 0.0)
    for row in 0...target {
      var sum = 0.0
      for column in 0..<row { sum += Double(saliency[row, column]) }
      total += sum
      if labelPositions.contains(row) { words += sum }
    }
    for position in labelPositions { answers += Double(saliency[target, position]) }
    let wordPairs = labelPositions.reduce(0, +)
    let otherPairs = target * (target + 1) / 2 - wordPairs - labelPositions.count
    func mean(_ sum: Double, over pairs: Int) -> Double { pairs > 0 ? sum / Double(pairs) : 0 }
    return Layer(
      wp: mean(words, over: wordPairs), pq: mean(answers, over: labelPositions.count),
      ww: mean(total - words - answers, over: otherPairs))
  }
}
