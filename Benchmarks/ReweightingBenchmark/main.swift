// Answers requests on standard input, one JSON line each, with the time of a whole training of β:
//   {"length": 128, "rows": 8, "epochs": 10}  ->  {"seconds": 0.03, "load": 0.01, …}
// `seconds` are those of one step: reading the rows counts, shared among the steps. reweighting.py
// alternates it with PyTorch. The checkpoint's folder is the only argument.
import Files
import Foundation
import InContext
import InformationFlow
import LinearAlgebra
import Transformer

let decoder = try Decoder(folder: URL(fileURLWithPath: CommandLine.arguments[1]))
/// " Negative" and " Positive"
let labels = [36183, 33733]

/// Rows that begin alike, as after the same demonstrations, and end in a text of their own.
func prompts(length: Int, rows: Int) throws -> [Prompt] {
  try (0..<rows).map { row in
    var tokens = (0..<length).map { position in
      (position * 7919 + (position < length * 3 / 4 ? 13 : row * 104_729)) % 30_000
    }
    for (index, label) in labels.enumerated() { tokens[length * (index + 1) / 3] = label }
    return try Prompt(
      tokens: tokens, labels: labels.map { .token($0) }, answer: .token(labels[row % 2]),
      tokenizer: nil)
  }
}

while let line = readLine() {
  guard let json = try? JSONValue(parsing: line) else { continue }
  let (rows, epochs) = (json["rows"]?.int ?? 8, json["epochs"]?.int ?? 10)
  let prompts = try prompts(length: json["length"]?.int ?? 128, rows: rows)
  let start = ContinuousClock.now
  let learned = try Reweighting(
    of: decoder, on: prompts, schedule: .init(epochs: epochs), seed: 42)
  let seconds = (ContinuousClock.now - start) / .seconds(1)
  let losses = learned.losses.joined().map { "\($0)" }.joined(separator: ", ")
  print(
    "{\"seconds\": \(seconds / Double(rows * epochs)), \"losses\": [\(losses)], "
      + "\"threads\": \(Machine.cores)}")
  fflush(nil)
}
