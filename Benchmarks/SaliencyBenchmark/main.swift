// Answers requests on standard input, one JSON line each, with the time of one run of saliency:
//   {"length": 128, "batch": 8}  ->  {"seconds": 0.61, "threads": 2, "core": "Haswell"}
// compare.py alternates it with PyTorch. The checkpoint's folder is the only argument.
import Files
import Foundation
import LinearAlgebra
import Transformer

let decoder = try Decoder(folder: URL(fileURLWithPath: CommandLine.arguments[1]))

func request(length: Int, batch: Int) throws -> Double {
  let vocabulary = decoder.architecture.vocabulary
  let passes = (0..<batch).map { row in
    Pass(
      tokens: (0..<length).map { ($0 * 7919 + row * 104_729 + 13) % vocabulary },
      labels: [36183 % vocabulary, 33733 % vocabulary], answer: row % 2,
      captures: [.logits, .saliency])
  }
  let clock = ContinuousClock()
  let start = clock.now
  let checksums = try decoder.run(passes) { _, trace in
    trace.saliency.reduce(0) { $0 + ($1.last ?? 0) } + trace.logits[0]
  }
  let elapsed = start.duration(to: clock.now)
  guard checksums.allSatisfy({ $0.isFinite }) else { throw Cancelled() }
  return Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
}

while let line = readLine() {
  guard
    let json = try? JSONValue(parsing: line), let length = json["length"]?.int,
    let batch = json["batch"]?.int
  else { continue }
  let seconds = try request(length: length, batch: batch)
  print(
    "{\"seconds\": \(seconds), \"threads\": \(Machine.cores), \"core\": \"\(BLAS.core)\"}")
  fflush(nil)
}
