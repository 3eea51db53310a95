import Checkpoints
import Files
import Foundation
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

  @Test("Edges between positions are those listed one by one")
  func between() throws {
    let (sources, targets) = ([5, 1, 3], [2, 6, 5])
    let listed = targets.flatMap { to in
      sources.filter { $0 < to }.map { Edge(from: $0, to: to) }
    }
    let edges = Edges.between(sources, and: targets)
    #expect(
      try run([Intervention(.block, edges: edges)], .logits).logits
        == run([Intervention(.block, edges: listed)], .logits).logits)
    #expect(Edges.between([4], and: [2, 4]).isEmpty && !edges.isEmpty)
    for wrong in [Edges.between([-1], and: [3]), .between([1], and: [3, 99])] {
      #expect(throws: ModelError.self) {
        try run([Intervention(.block, edges: wrong)], .logits)
      }
    }
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

  @Test("Blocked and scaled edges and ablated heads are what hooks in PyTorch make of them")
  func goldens() throws {
    let folder = GoldenCase.folder.deletingLastPathComponent()
      .appendingPathComponent("interventions")
    let json = try MappedFile(folder.appendingPathComponent("cases.json")).json()
    let file = try SafetensorsFile(folder.appendingPathComponent("references.safetensors"))
    for (index, item) in try #require(json["cases"]?.array).enumerated() {
      let golden = GoldenCase.named(try #require(item["model"]?.string))
      let decoder = try Decoder(folder: golden.checkpoint)
      let prompt = try #require(golden.prompts.first { $0.name == item["prompt"]?.string })
      let interventions = (item["interventions"]?.array ?? []).map(Intervention.init(golden:))
      let trace = try decoder.run(
        Pass(
          tokens: try Reference(golden, prompt).tokens, labels: prompt.labels,
          answer: prompt.answer, interventions: interventions,
          captures: [.logits, .attention, .attentionGradient]))
      func reference(_ name: String) throws -> [Float] {
        try #require(file.tensors["\(index).\(name)"]).floatArray()
      }
      let loss = try #require(item["loss"]?.double)
      #expect(largestDifference(trace.logits, try reference("logits")) <= Tolerance.logits)
      #expect(abs(Double(try #require(trace.loss)) - loss) <= 1e-4)
      let T = trace.tokens.count
      for layer in 0..<decoder.architecture.layers {
        let attention = try reference("attention.\(layer)")
        // A scaled edge may be larger than one.
        #expect(
          largestDifference(trace.attention[layer], attention)
            <= Tolerance.attention * max(1, size(attention)))
        let gradient = try reference("attention_gradient.\(layer)")
        // To the future, PyTorch's is that of a free attention, as ours.
        #expect(
          largestDifference(trace.attentionGradient[layer], gradient)
            <= Tolerance.gradient * max(size(gradient), 1e-3),
          "case \(index), layer \(layer), \(T) tokens")
      }
    }
  }
}

extension Intervention {
  fileprivate init(golden json: JSONValue) {
    let action: Action =
      switch json["action"]?.string {
      case "block": .block
      case "ablate": .ablate
      default: .scale(Float(json["factor"]?.double ?? .nan))
      }
    self.init(
      action,
      edges: (json["edges"]?.array ?? []).map { edge in
        let ends = (edge.array ?? []).compactMap(\.int)
        return Edge(from: ends[0], to: ends[1])
      },
      layers: json["layers"]?.array?.compactMap(\.int),
      heads: json["heads"]?.array?.compactMap(\.int))
  }
}
