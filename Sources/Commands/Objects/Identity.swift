import Checkpoints
import Files
import LinearAlgebra

/// A short fingerprint of a checkpoint that does not read all of it: SHA-256 of the names, types and
/// shapes of all tensors and of the first, middle and last kilobyte of each, twelve digits of it.
///
/// Training, conversion or another size change every tensor, so that this tells models apart as well
/// as the full fingerprint does, in milliseconds; it is no proof against tampering.
final class Identity: Sendable {
  private static let sampleBytes = 1024
  private static let digits = 12

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
    var bytes: [UInt8] = []
    for (name, tensor) in checkpoint.tensors.sorted(by: { $0.key < $1.key }) {
      bytes.append(contentsOf: "\(name) \(tensor.type.rawValue) \(tensor.shape)\n".utf8)
      let content = tensor.bytes
      for start in [0, content.count / 2, content.count - sampleBytes] {
        let begin = max(0, min(start, content.count))
        bytes.append(contentsOf: content[begin..<min(begin + sampleBytes, content.count)])
      }
    }
    return String(Fingerprint.sha256(of: bytes).prefix(digits))
  }

  /// The first digits of a full fingerprint.
  static func short(_ fingerprint: String) -> String { String(fingerprint.prefix(digits)) }
}
