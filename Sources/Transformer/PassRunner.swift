import Foundation
import LinearAlgebra

/// One pass on its way through the decoder, forward and, where a gradient is wanted, backward.
struct PassRunner {
  let decoder: Decoder
  let pass: Pass
  /// Its first row in the workspace.
  let firstRow: Int
  let workspace: Workspace
  let team: Team
  let monitor: Monitor
  private let rotary: RotaryTable?
  private let edits: [[HeadEdits]]

  init(
    decoder: Decoder, pass: Pass, firstRow: Int = 0, workspace: Workspace, team: Team,
    monitor: Monitor
  ) {
    self.decoder = decoder
    self.pass = pass
    self.firstRow = firstRow
    self.workspace = workspace
    self.team = team
    self.monitor = monitor
    if case .rotary(let rotary) = decoder.architecture.positions {
      let start = pass.firstPosition
      self.rotary = RotaryTable(rotary, positions: start..<start + pass.tokens.count)
    } else {
      rotary = nil
    }
    edits = HeadEdits.table(pass.interventions, decoder.architecture)
  }

  private var architecture: Architecture { decoder.architecture }
  private var weights: DecoderWeights { decoder.weights }
  private var T: Int { pass.tokens.count }
  /// The residual stream that enters a layer, (T, C).
  private func stream(_ layer: Int) -> Matrix {
    workspace.input(layer).rows(firstRow..<firstRow + T)
  }
  private var P: Int { pass.cachedCount }
  private var lastOnlyAtTop: Bool { !pass.captures.needEveryRow }

  func run() throws -> Trace {
    var trace = Trace()
    trace.tokens = pass.tokens
    if pass.captures.contains(.cache) {
      let start = pass.firstPosition
      let before = pass.cache ?? KeyValueCache(of: decoder)
      trace.cache = before.extended(by: Array(start..<start + T))
    }
    embed()
    var writings = pass.captures.contains(.attribution) ? [embeddingWriting()] : []
    for layer in 0..<architecture.layers {
      keepHidden(layer, in: &trace)
      try forward(layer, into: &trace)
      trace.cache.map { keepKeysAndValues(layer, in: $0) }
      if pass.captures.contains(.attribution) {
        let block = block(layer)
        for writing in writings { block.carry(writing) }
        writings.append(block.writing())
      }
    }
    keepHidden(architecture.layers, in: &trace)
    try score(into: &trace)
    attribute(writings, into: &trace)
    guard pass.needsGradient else { return trace }
    lossGradient(trace)
    try backward(into: &trace)
    return trace
  }

  // MARK: - Forward

  func embed() {
    let stream = stream(0)
    weights.embed(pass.tokens, scale: architecture.embeddingScale, into: stream, team: team)
    for index in 0..<T {
      let row = stream.row(index)
      if case .learned(let offset) = architecture.positions, let table = weights.positionEmbedding {
        let position = pass.firstPosition + index
        VectorMath.add(table.row(offset + position), to: row, count: architecture.width)
      }
    }
    if let norm = weights.embeddingNorm {
      let normed = workspace.normed.rows(firstRow..<firstRow + T)
      norm.apply(stream, epsilon: architecture.normEpsilon, into: normed)
      stream.copy(from: normed)
    }
  }

  func block(_ layer: Int) -> Block {
    Block(
      index: layer, architecture: architecture, weights: weights.layers[layer],
      workspace: workspace, team: team, tokens: T, firstRow: firstRow, monitor: monitor,
      rotary: rotary, cache: P > 0 ? pass.cache : nil, start: pass.firstPosition,
      edits: edits[layer])
  }

  var reader: LabelReader {
    LabelReader(architecture: architecture, weights: weights, labels: pass.labels)
  }

  private func isLastOnly(_ layer: Int) -> Bool {
    lastOnlyAtTop && layer == architecture.layers - 1
  }

  private func forward(_ layer: Int, into trace: inout Trace) throws {
    let (H, G) = (architecture.heads, architecture.keyValueHeads)
    let block = block(layer)
    try keepingAttention(&trace) {
      try block.forward(lastOnly: isLastOnly(layer), keeping: $0)
    }
    if pass.captures.contains(.queriesKeysValues), pass.capturedLayers?.contains(layer) ?? true {
      trace.queries.append((0..<H).flatMap { block.query($0).values })
      let shared = (0..<G).map { $0 * (H / G) }
      trace.keys.append(shared.flatMap { block.key($0).values })
      trace.values.append(shared.flatMap { block.value($0).values })
    }
  }

  /// Runs a layer's attention and keeps of it what is asked for.
  func keepingAttention(
    _ trace: inout Trace, run: (AttentionCapture?) throws -> Void
  ) throws {
    let (H, keys) = (architecture.heads, P + T)
    var all = [Float](repeating: 0, count: pass.captures.contains(.attention) ? H * T * keys : 0)
    var last = [Float](
      repeating: 0, count: pass.captures.contains(.targetAttention) ? H * keys : 0)
    guard !all.isEmpty || !last.isEmpty else { return try run(nil) }
    try all.withUnsafeMutableBufferPointer { all in
      try last.withUnsafeMutableBufferPointer { last in
        try run(
          AttentionCapture(
            all: all.isEmpty ? nil : all.baseAddress, last: last.isEmpty ? nil : last.baseAddress,
            tokens: T, keys: keys))
      }
    }
    if !all.isEmpty { trace.attention.append(all) }
    if !last.isEmpty { trace.targetAttention.append(last) }
  }

  func keepHidden(_ layer: Int, in trace: inout Trace) {
    if pass.captures.contains(.lens) {
      trace.lens.append(reader.logits(of: reader.normed(stream(layer).row(T - 1))))
    }
    guard pass.captures.contains(.hidden) else { return }
    trace.hidden.append(stream(layer).values)
  }

  /// The tokens' own keys and values go behind what was cached before.
  private func keepKeysAndValues(_ layer: Int, in cache: KeyValueCache) {
    let block = block(layer)
    let heads = architecture.heads / architecture.keyValueHeads
    for head in 0..<architecture.keyValueHeads {
      cache.matrix(.keys, layer: layer, head: head).rows(P..<P + T)
        .copy(from: block.key(head * heads))
      cache.matrix(.values, layer: layer, head: head).rows(P..<P + T)
        .copy(from: block.value(head * heads))
    }
  }

  /// What the head reads at the last position, [E].
  ///
  /// - Throws: ``ModelError/notFinite``, from which answers and curves would come that look like any.
  func last() throws(ModelError) -> FloatBuffer {
    let last = reader.normed(stream(architecture.layers).row(T - 1))
    guard (0..<last.count).allSatisfy({ last.base[$0].isFinite }) else { throw .notFinite }
    return last
  }

  private func score(into trace: inout Trace) throws(ModelError) {
    let last = try last()
    let all = pass.captures.contains(.logits) ? reader.allLogits(of: [last], team: team)[0] : []
    score(last, all, into: &trace)
  }

  /// Logits at the last position: of the whole vocabulary if asked for, else of the label words alone.
  func score(_ last: FloatBuffer, _ logits: [Float], into trace: inout Trace) {
    trace.logits = logits
    trace.labelLogits = logits.isEmpty ? reader.logits(of: last) : pass.labels.map { logits[$0] }
    if let answer = pass.answer, pass.labels.indices.contains(answer) {
      let probability = trace.labelProbabilities[answer]
      trace.loss = Float(-log(probability))
    }
  }

  // MARK: - Backward

  /// ∂ℒ/∂ the last row of the stream that leaves the top layer. All other rows have none.
  private func lossGradient(_ trace: Trace) {
    let gradient = trace.labelProbabilities.enumerated().map { index, probability in
      Float(probability - (index == pass.answer ? 1 : 0))
    }
    let target = workspace.gradient.rows(T - 1..<T)
    target.fill(0)
    reader.backward(
      gradient, logits: trace.labelLogits,
      stream: stream(architecture.layers).rows(T - 1..<T), addingTo: target)
  }

  private func backward(into trace: inout Trace) throws {
    let (L, H) = (architecture.layers, architecture.heads)
    let wantsSaliency = pass.captures.contains(.saliency) || pass.reduceSaliency != nil
    let wantsGradient = pass.captures.contains(.attentionGradient)
    if wantsGradient { trace.attentionGradient = Array(repeating: [], count: L) }
    if pass.captures.contains(.saliency) { trace.saliency = Array(repeating: [], count: L) }
    if pass.reduceSaliency != nil { trace.reducedSaliency = Array(repeating: [], count: L) }
    for layer in (0..<L).reversed() {
      let block = block(layer)
      if workspace.plan.blocks < L && layer < L - 1 {
        try block.forward(lastOnly: false, needsOutput: false, keeping: nil)
      }
      var gradient = [Float](repeating: 0, count: wantsGradient ? H * T * (P + T) : 0)
      try gradient.withUnsafeMutableBufferPointer { target in
        try block.backward(
          lastOnly: layer == L - 1, needsInput: layer > 0,
          keeping: Block.GradientCapture(
            attentionGradient: target.isEmpty ? nil : target.baseAddress,
            wantsSaliency: wantsSaliency))
      }
      if wantsGradient { trace.attentionGradient[layer] = gradient }
      guard wantsSaliency else { continue }
      let saliency = Matrix(base: workspace.saliency[0].base, rows: T, columns: P + T)
      for index in 0..<T * (P + T) { saliency.base[index] = abs(saliency.base[index]) }
      if pass.captures.contains(.saliency) { trace.saliency[layer] = saliency.values }
      if let reduce = pass.reduceSaliency { trace.reducedSaliency[layer] = reduce(layer, saliency) }
    }
  }
}
