// Answers requests on standard input, one JSON line each, with the time of one run:
//   {"task": "saliency", "length": 128, "batch": 8}  ->  {"seconds": 0.61, "load": 0.01, …}
// compare.py alternates it with PyTorch. The checkpoint's folder is the only argument. Tasks:
//   saliency  of every layer, and the logits of the last position (the default)
//   forward   the logits alone
//   compress  the logits of a query of "length" tokens behind "kept" cached ones of "demonstrations",
//             and, as "whole", behind all of them as part of the prompt
//   isolate   loyalties with the label words isolated in the first five layers
//   attention of the last position to the label words, of every layer
//   products  of a forward pass, for prompts one a thread and for the rows of many together
//   sgemm     a large product by OpenBLAS, a thread each: what the machine can do
//   tile      the same by the engine's own kernel
import Files
import Foundation
import InContext
import InformationFlow
import LinearAlgebra
import Transformer

let began = ContinuousClock.now
let decoder = try Decoder(folder: URL(fileURLWithPath: CommandLine.arguments[1]))
let load = seconds(since: began)

func seconds(since start: ContinuousClock.Instant) -> Double {
  let elapsed = start.duration(to: .now)
  return Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
}

func run(_ captures: Captures, length: Int, batch: Int) throws -> Double {
  let vocabulary = decoder.architecture.vocabulary
  let passes = (0..<batch).map { row in
    Pass(
      tokens: (0..<length).map { ($0 * 7919 + row * 104_729 + 13) % vocabulary },
      labels: [36183 % vocabulary, 33733 % vocabulary], answer: row % 2, captures: captures)
  }
  let start = ContinuousClock.now
  let checksums = try decoder.run(passes) { _, trace in
    trace.saliency.reduce(0) { $0 + ($1.last ?? 0) } + trace.logits[0]
  }
  let elapsed = seconds(since: start)
  guard checksums.allSatisfy({ $0.isFinite }) else { throw Cancelled() }
  return elapsed
}

/// The logits of one query behind a few cached tokens of its demonstrations, and of the whole prompt.
func compressed(demonstrations: Int, kept: Int, length: Int) throws -> [String: Double] {
  let vocabulary = decoder.architecture.vocabulary
  let tokens = (0..<demonstrations + length).map { ($0 * 7919 + 13) % vocabulary }
  let caching = Pass(tokens: Array(tokens.prefix(demonstrations)), captures: .cache)
  let positions = Set((0..<kept).map { demonstrations - 1 - $0 * demonstrations / kept })
  var pass = Pass(tokens: Array(tokens.dropFirst(demonstrations)), captures: .logits)
  pass.cache = try decoder.run(caching).cache?.keeping { positions.contains($0) }
  let whole = Pass(tokens: tokens, captures: .logits)
  func time(_ pass: Pass) throws -> Double {
    let start = ContinuousClock.now
    guard try decoder.run(pass).logits[0].isFinite else { throw Cancelled() }
    return seconds(since: start)
  }
  return ["seconds": try time(pass), "whole": try time(whole)]
}

/// Prompts that begin with the same demonstrations, a label word in each, and differ in the last quarter.
func prompts(length: Int, batch: Int) throws -> [Prompt] {
  let vocabulary = decoder.architecture.vocabulary
  let labels = [36183 % vocabulary, 33733 % vocabulary]
  return try (0..<batch).map { row in
    var tokens = (0..<length).map { index in
      let token = (index * 7919 + (index < length * 3 / 4 ? 0 : row) * 104_729 + 13) % vocabulary
      return labels.contains(token) ? 0 : token
    }
    tokens[length / 3] = labels[0]
    tokens[length * 2 / 3] = labels[1]
    return try Prompt(
      tokens: tokens, labels: labels.map { .token($0) }, answer: .token(labels[row % 2]),
      tokenizer: nil)
  }
}

func experiment(_ task: String, length: Int, batch: Int) throws -> Double {
  let prompts = try prompts(length: length, batch: batch)
  let start = ContinuousClock.now
  if task == "isolate" {
    let layers = Array(0..<min(5, decoder.architecture.layers))
    _ = try Isolation(of: decoder, over: prompts, isolating: .labelWords, layers: layers)
  } else {
    _ = try LabelAttention(of: decoder, over: prompts).auc
  }
  return seconds(since: start)
}

/// One product of square matrices a thread; returns its operations, too.
func product(byBLAS: Bool) -> (seconds: Double, operations: Double) {
  let (size, team) = (1536, Team(size: Machine.cores))
  let buffers = (0..<team.size).map { _ in FloatBuffer(count: 3 * size * size) }
  for buffer in buffers {
    for index in 0..<2 * size * size { buffer.base[index] = Float(index % 97) / 97 - 0.5 }
  }
  @Sendable func multiply(_ buffer: FloatBuffer) {
    func matrix(_ index: Int) -> Matrix {
      buffer.matrix(rows: size, columns: size, at: index * size * size)
    }
    if byBLAS {
      matrix(2).multiply(matrix(0), .plain, matrix(1))
    } else {
      Team.alone.multiply(matrix(2), matrix(0), StoredMatrix(matrix(1)))
    }
  }
  team.forEach(team.size) { multiply(buffers[$0]) }
  let start = ContinuousClock.now
  team.forEach(team.size) { multiply(buffers[$0]) }
  return (seconds(since: start), 2 * Double(team.size) * pow(Double(size), 3))
}

/// The products of a decoder's forward pass, for prompts of `length` tokens: a prompt a thread, and the
/// rows of `batch` prompts a thread in tall matrices that all threads share. Seconds a prompt.
func products(length: Int, batch: Int) -> [String: Double] {
  let (C, layers, team) = (
    decoder.architecture.width, decoder.architecture.layers, Team(size: Machine.cores)
  )
  let shapes = [(C, 3 * C), (C, C), (C, 4 * C), (4 * C, C)]
  let weights = FloatBuffer(count: layers * 12 * C * C)
  for index in 0..<weights.count { weights.base[index] = Float(index % 97) / 97 - 0.5 }
  @Sendable func pass(_ rows: FloatBuffer, _ count: Int, _ team: Team) {
    var offset = 0
    for _ in 0..<layers {
      for (inputs, outputs) in shapes {
        team.multiply(
          rows.matrix(rows: count, columns: outputs, at: count * 4 * C),
          rows.matrix(rows: count, columns: inputs, at: 0),
          StoredMatrix(weights.matrix(rows: inputs, columns: outputs, at: offset)))
        offset += inputs * outputs
      }
    }
  }
  let prompts = batch * team.size
  let buffers = (0..<team.size).map { _ in FloatBuffer(count: 8 * length * C) }
  let tall = FloatBuffer(count: 8 * length * prompts * C)
  var result: [String: Double] = [:]
  for _ in 0..<2 {
    var start = ContinuousClock.now
    team.forEach(team.size) { member in
      for _ in 0..<batch { pass(buffers[member], length, .alone) }
    }
    result["spread"] = seconds(since: start) / Double(prompts)
    start = ContinuousClock.now
    pass(tall, length * prompts, team)
    result["packed"] = seconds(since: start) / Double(prompts)
  }
  return result
}

func answer(_ request: JSONValue) throws -> [String: Double] {
  let task = request["task"]?.string ?? "saliency"
  let (length, batch) = (request["length"]?.int ?? 1, request["batch"]?.int ?? 1)
  switch task {
  case "compress":
    return try compressed(
      demonstrations: request["demonstrations"]?.int ?? 1, kept: request["kept"]?.int ?? 1,
      length: length)
  case "products": return products(length: length, batch: batch)
  case "forward": return ["seconds": try run(.logits, length: length, batch: batch)]
  case "isolate", "attention":
    return ["seconds": try experiment(task, length: length, batch: batch)]
  case "sgemm", "tile":
    let (seconds, operations) = product(byBLAS: task == "sgemm")
    return ["seconds": seconds, "operations": operations]
  default: return ["seconds": try run([.logits, .saliency], length: length, batch: batch)]
  }
}

while let line = readLine() {
  guard let json = try? JSONValue(parsing: line) else { continue }
  let fields = try answer(json)
  let text = fields.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
  print(
    "{\(text.joined(separator: ", ")), \"load\": \(load), \"threads\": \(Machine.cores), "
      + "\"core\": \"\(BLAS.core)\"}")
  fflush(nil)
}
