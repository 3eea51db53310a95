import Checkpoints
import Files
import Foundation
import LinearAlgebra

/// A short fingerprint of a model: SHA-256 of config.json (of a GGUF file, of all before the weights), of
/// the names, types and shapes of all tensors, and of their numbers; twelve digits of it. Of a large checkpoint not all numbers are read but sixteen
/// kilobytes of every tensor, evenly spread.
///
/// Training, conversion or another size change every tensor, so that this tells models apart as well
/// as the full fingerprint does, in milliseconds; it is no proof against tampering.
final class Identity: Sendable {
  /// The most bytes of numbers that are all read.
  private static let wholeBytes = 1 << 25
  private static let samples = 16
  private static let sampleBytes = 1024
  /// How many digits of the full fingerprint are kept.
  static let digits = 12

  private let stored = Locked<String?>(nil)

  func fingerprint(of checkpoint: Checkpoint) -> String {
    stored.withLock { stored in
      if let stored { return stored }
      let result = Self.compute(checkpoint)
      stored = result
      return result
    }
  }

  /// Whether the checkpoint still is what it was when it was first asked.
  func isUnchanged(_ checkpoint: Checkpoint) -> Bool {
    fingerprint(of: checkpoint) == Self.compute(checkpoint)
  }

  private static func compute(_ checkpoint: Checkpoint) -> String {
    var bytes = checkpoint.configBytes
    let isWhole = checkpoint.tensors.values.reduce(0) { $0 + $1.bytes.count } <= wholeBytes
    for (name, tensor) in checkpoint.tensors.sorted(by: { $0.key < $1.key }) {
      bytes.append(contentsOf: "\(name) \(tensor.type.rawValue) \(tensor.shape)\n".utf8)
      let content = tensor.bytes
      guard !isWhole, content.count > samples * sampleBytes else {
        bytes.append(contentsOf: content)
        continue
      }
      for sample in 0..<samples {
        let begin = (content.count - sampleBytes) / (samples - 1) * sample
        bytes.append(contentsOf: content[begin..<begin + sampleBytes])
      }
    }
    return String(Fingerprint.sha256(of: bytes).prefix(digits))
  }

  /// The first digits of a full fingerprint.
  static func short(_ fingerprint: String) -> String { String(fingerprint.prefix(digits)) }
}
