import Files

/// Bytes that live as long as this does.
protocol ByteOwner: AnyObject, Sendable {
  var bytes: UnsafeRawBufferPointer { get }
}

extension MappedFile: ByteOwner {}

/// A tensor of a checkpoint: its name, shape and type, and its bytes where they are mapped.
///
/// An entry keeps its bytes alive. Pointers taken from it do not: whoever uses
/// ``floats`` or ``bytes`` keeps the entry, or the ``Checkpoint``, for as long.
public struct TensorEntry: Sendable {
  public let name: String
  /// Sizes of the axes, slowest first; empty for a single number.
  public let shape: [Int]
  public let type: ElementType
  /// How many elements there are.
  public let count: Int
  /// How they lie, where it is not as `transformers` writes them.
  public private(set) var arrangement = Arrangement.usual

  /// What GGUF files keep otherwise than `transformers` does.
  public enum Arrangement: Sendable, Equatable {
    case usual
    /// (out, in), where `transformers` has (in, out).
    case transposed
    /// Of each head of so many rows, the second half's rows lie between those of the first.
    case interleaved(size: Int)
    /// Query, key and value of all heads, one after another, and not head by head.
    case partByPart
    /// Weights of a norm with 1 added, where `transformers` has their distance from 1.
    case raised
  }

  private let owner: any ByteOwner
  private let range: Range<Int>

  init(name: String, shape: [Int], type: ElementType, owner: any ByteOwner, range: Range<Int>) {
    self.name = name
    self.shape = shape
    self.type = type
    self.owner = owner
    self.range = range
    // The header's check has shown that this product is within bounds.
    count = shape.reduce(1, *)
  }

  func arranged(_ arrangement: Arrangement) -> TensorEntry {
    var entry = self
    entry.arrangement = arrangement
    return entry
  }

  /// The elements as they are in the file: little-endian, row by row, perhaps unaligned.
  public var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: owner.bytes[range])
  }

  /// The elements in place, where they are 32-bit floats on a 4-byte boundary; else nil, and
  /// ``copy(into:)`` serves. Not to be used after the entry and its checkpoint are gone.
  public var floats: UnsafePointer<Float>? {
    guard type == .float32, let start = bytes.baseAddress,
      UInt(bitPattern: start) % UInt(MemoryLayout<Float>.alignment) == 0
    else { return nil }
    return start.assumingMemoryBound(to: Float.self)
  }
}
