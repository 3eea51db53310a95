import Crypto
import Foundation
import Synchronization

/// Signs what is sent and checks what has come: HMAC-SHA256 over the four JSON frames.
///
/// An empty key means that messages are not signed, as the protocol has it.
final class Signer: Sendable {
  private let key: SymmetricKey?
  private let seen: Mutex<ReplayMemory>

  /// - Parameter replayMemory: how many signatures are remembered to refuse a second use.
  init(key: String, replayMemory: Int = 65_536) {
    self.key = key.isEmpty ? nil : SymmetricKey(data: Data(key.utf8))
    self.seen = Mutex(ReplayMemory(capacity: replayMemory))
  }

  /// The signature of frames in hexadecimal digits; empty without a key.
  func signature(of frames: Frames) -> Data {
    guard let code = code(of: frames) else { return Data() }
    var text = Data(capacity: 2 * SHA256.byteCount)
    for byte in code {
      text.append(Self.digits[Int(byte >> 4)])
      text.append(Self.digits[Int(byte & 15)])
    }
    return text
  }

  /// Checks the signature of frames, and that it has not been used before.
  ///
  /// The comparison takes the same time wherever the codes differ. A signature is remembered only
  /// once it has been verified, so that strangers cannot fill the memory.
  func verify(_ frames: Frames) throws(WireError) {
    guard let expected = code(of: frames) else { return }
    guard let claimed = Self.bytes(ofHexadecimal: frames.signature), expected == claimed else {
      throw .badSignature
    }
    guard seen.withLock({ $0.insert(claimed) }) else { throw .replayed }
  }

  private func code(of frames: Frames) -> HMAC<SHA256>.MAC? {
    guard let key else { return nil }
    var hmac = HMAC<SHA256>(key: key)
    for frame in frames.signed { hmac.update(data: frame) }
    return hmac.finalize()
  }

  private static let digits = Array("0123456789abcdef".utf8)

  /// The 32 bytes that 64 lower-case hexadecimal digits stand for; nil for any other text.
  private static func bytes(ofHexadecimal text: Data) -> Data? {
    guard text.count == 2 * SHA256.byteCount else { return nil }
    var bytes = Data(capacity: SHA256.byteCount)
    var high: UInt8?
    for character in text {
      let digit: UInt8
      switch character {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = character - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = character - UInt8(ascii: "a") + 10
      default: return nil
      }
      if let first = high {
        bytes.append(first << 4 | digit)
        high = nil
      } else {
        high = digit
      }
    }
    return bytes
  }
}

/// The signatures of the last messages, the oldest forgotten first.
struct ReplayMemory: Sendable {
  private let capacity: Int
  private var members: Set<Data> = []
  private var ring: [Data] = []
  private var oldest = 0

  init(capacity: Int) {
    self.capacity = max(1, capacity)
  }

  /// Remembers a signature; false if it is remembered already.
  mutating func insert(_ signature: Data) -> Bool {
    guard members.insert(signature).inserted else { return false }
    if ring.count < capacity {
      ring.append(signature)
    } else {
      members.remove(ring[oldest])
      ring[oldest] = signature
      oldest = (oldest + 1) % capacity
    }
    return true
  }
}
