import Files
import Foundation
import InContext
import LinearAlgebra
import Testing
import Transformer

@testable import InformationFlow

/// Goldens written by Tests/Goldens/flow/make.py from the paper's definitions, in float64.
enum FlowGoldens {
  static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Goldens/flow")

  static func json(_ name: String) throws -> JSONValue {
    try MappedFile(folder.appendingPathComponent(name)).json()
  }
}

extension JSONValue {
  var doubles: [Double?] { (array ?? []).map(\.double) }
  var ints: [Int] { (array ?? []).compactMap(\.int) }
}

func close(_ a: Double?, _ b: Double?, _ tolerance: Double) -> Bool {
  switch (a, b) {
  case (nil, nil): true
  case (let a?, let b?): abs(a - b) <= tolerance
  default: false
  }
}

/// Expects as many numbers as there should be, each close to its own; an empty list is close to none.
func expectClose(
  _ found: [Double?], _ expected: [Double?], _ tolerance: Double,
  _ location: SourceLocation = #_sourceLocation
) {
  #expect(found.count == expected.count && !expected.isEmpty, sourceLocation: location)
  for (a, b) in zip(found, expected) {
    #expect(close(a, b, tolerance), sourceLocation: location)
  }
}

@Suite("Saliency of information flow")
struct FlowTests {
  @Test("S_wp, S_pq and S_ww of saliency matrices given outright")
  func matrices() throws {
    let cases = try #require(FlowGoldens.json("flows.json")["cases"]?.array)
    #expect(cases.count >= 3)
    for json in cases {
      let rows = try #require(json["matrix"]?.array).map(\.doubles)
      let buffer = FloatBuffer(rows.joined().map { Float($0 ?? 0) })
      let layer = SaliencyProfile.flow(
        buffer.matrix(rows: rows.count, columns: rows.count),
        labelPositions: json["label_positions"]!.array!.flatMap(\.ints),
        target: json["target"]!.int!)
      // Inputs of three digits in float32: 1e-7 each. A mean over no pairs is null there, zero here.
      #expect(close(layer.wp, json["wp"]?.double ?? 0, 1e-6))
      #expect(close(layer.pq, json["pq"]?.double ?? 0, 1e-6))
      #expect(close(layer.ww, json["ww"]?.double ?? 0, 1e-6))
    }
  }

  @Test("The toy values of the specification: 0.53, 0.835, 0.630526")
  func toy() {
    let buffer = FloatBuffer(count: 64)
    let matrix = buffer.matrix(rows: 8, columns: 8)
    for i in 0..<8 { for j in 0...i { matrix[i, j] = 0.1 * Float(i + 1) + 0.01 * Float(j) } }
    let layer = SaliencyProfile.flow(matrix, labelPositions: [2, 5], target: 7)
    #expect(close(layer.wp, 0.53, 1e-6))
    #expect(close(layer.pq, 0.835, 1e-6))
    #expect(close(layer.ww, 0.630526, 1e-6))
    let relative = layer.relative
    #expect(close(relative.wp, 0.265594, 1e-6))
    #expect(close(relative.pq, 0.418436, 1e-6))
    #expect(close(relative.ww, 0.315970, 1e-6))
  }

  @Test("R of (.5, .6, .7, .8) is 0, 1/6, 1/2, 1")
  func share() {
    let r = LabelAttention.cumulativeShare([0.5, 0.6, 0.7, 0.8])
    expectClose(r, [0, 1.0 / 6, 0.5, 1], 1e-12)
    #expect(LabelAttention.cumulativeShare([0.5, 0.5]) == [nil, nil])
    #expect(LabelAttention.cumulativeShare([0.5, nil]) == [nil, nil])
  }
}
