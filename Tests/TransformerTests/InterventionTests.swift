import Testing

@testable import Transformer

@Suite("Interventions")
struct InterventionTests {
  let golden = GoldenCase.named("deep")
  let decoder: Decoder
  let prompt: GoldenCase.Prompt
  let tokens: [Int]

  init() throws {
    decoder = try Decoder(folder: golden.checkpoint)
    prompt = golden.prompts[2]
    tokens = try Reference(golden, prompt).tokens
  }

  func run(_ interventions: [Intervention], _ captures: Captures) throws -> Trace {
    try decoder.run(
      Pass(
        tokens: tokens, labels: prompt.labels, answer: prompt.answer,
        interventions: interventions, captures: captures))
  }

  func edges(into row: Int) -> [Edge] { (0..<row).map { Edge(from: $0, to: row) } }

  @Test("A factor of one changes no bit")
  func identity() throws {
    let plain = try run([], [.logits, .saliency])
    let scaled = try run([Intervention(.scale(1), edges: edges(into: 5))], [.logits, .saliency])
    #expect(plain.logits == scaled.logits)
    #expect(plain.saliency == scaled.saliency)
  }

  @Test("Blocking all that position 0 could see changes nothing: it sees itself alone")
  func positionZero() throws {
    let blocked = try run([Intervention(.block, edges: edges(into: 0))], .logits)
    let plain = try run([], .logits)
    #expect(blocked.logits == plain.logits)
  }

  @Test("A position cut off from all earlier ones attends to itself")
  func isolation() throws {
    let T = tokens.count
    let trace = try run(
      [Intervention(.block, edges: edges(into: 4), layers: [1, 3], heads: [0, 2])],
      [.attention, .logits])
    for layer in 0..<decoder.architecture.layers {
      for head in 0..<decoder.architecture.heads {
        let row = trace.attention[layer][(head * T + 4) * T..<(head * T + 5) * T]
        let isolated = [1, 3].contains(layer) && [0, 2].contains(head)
        #expect((Array(row)[4] == 1) == isolated)
      }
    }
    let plain = try run([], .logits)
    #expect(trace.logits != plain.logits)
  }

  @Test("A row with nothing left to see is zero, not NaN")
  func nothingLeft() throws {
    let trace = try run(
      [Intervention(.block, edges: edges(into: 2) + [Edge(from: 2, to: 2)])],
      [.attention, .logits, .saliency])
    let T = tokens.count
    #expect(trace.attention[0][2 * T..<3 * T].allSatisfy { $0 == 0 })
    #expect(trace.logits.allSatisfy { $0.isFinite })
    #expect(trace.saliency.joined().allSatisfy { $0.isFinite })
  }

  @Test(
    "The saliency of a scaled edge is the slope of the loss in its factor", arguments: [0, 2, 4])
  func slope(layer: Int) throws {
    // d loss / d f of A' = f A, at f: the sum of A ⊙ dA' over heads, which is saliency / f up to sign.
    let (edge, step): (Edge, Float) = (Edge(from: 1, to: tokens.count - 1), 1e-2)
    func loss(_ factor: Float) throws -> Double {
      let trace = try run([Intervention(.scale(factor), edges: [edge], layers: [layer])], [])
      return Double(try #require(trace.loss))
    }
    let factor: Float = 0.7
    let slope = (try loss(factor + step) - loss(factor - step)) / Double(2 * step)
    let trace = try run(
      [Intervention(.scale(factor), edges: [edge], layers: [layer])], .saliency)
    let saliency = trace.saliency[layer][edge.to * tokens.count + edge.from]
    #expect(abs(abs(slope) - Double(saliency / factor)) < 1e-3 * max(abs(slope), 0.1))
  }

  @Test("Layers, heads and positions that do not exist are refused")
  func outOfRange() {
    for wrong in [
      Intervention(.block, edges: edges(into: 3), layers: [5]),
      Intervention(.block, edges: edges(into: 3), heads: [-1]),
      Intervention(.block, edges: [Edge(from: 3, to: 2)]),
      Intervention(.block, edges: [Edge(from: 0, to: 99)]),
    ] {
      #expect(throws: ModelError.self) { try run([wrong], .logits) }
    }
  }
}
