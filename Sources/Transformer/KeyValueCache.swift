import LinearAlgebra

/// Keys and values of tokens that a decoder has read, for a pass to begin with.
///
/// A plain value: what stands in it never changes, and passes on any thread may share it. Every entry
/// carries its position, so that entries can be left out (``keeping(where:)``) while the others, and
/// the tokens to come, stay where they are.
public struct KeyValueCache: Sendable {
  /// Where the entries stand in the text, in the order in which attention lists them.
  public let positions: [Int]
  /// The tokens of the longest text in which they were computed; a model may turn keys of longer ones
  /// otherwise.
  public private(set) var reach = 0
  /// The decoder that computed them.
  let decoder: Decoder
  private let memory: Memory

  /// P, the number of entries.
  public var count: Int { positions.count }

  /// The position of a token that stands directly behind all that is cached.
  public var nextPosition: Int { (positions.max() ?? -1) + 1 }

  /// Keys of a layer as they meet queries, with their positions, [G, P, d].
  public func keys(layer: Int) -> [Float] { gathered(.keys, layer: layer) }

  /// Values of a layer, [G, P, d].
  public func values(layer: Int) -> [Float] { gathered(.values, layer: layer) }

  /// Bytes that the keys and values of so many tokens take.
  static func bytes(_ architecture: Architecture, tokens: Int) -> Int {
    2 * architecture.layers * architecture.keyValueHeads * architecture.headSize * tokens
      * MemoryLayout<Float>.stride
  }

  /// The entries at some positions only, unchanged: what "Label words are anchors", section 3.2, keeps
  /// of demonstrations.
  public func keeping(where isKept: (_ position: Int) -> Bool) -> KeyValueCache {
    let kept = positions.indices.filter { isKept(positions[$0]) }
    var selection = KeyValueCache(of: decoder).extended(by: kept.map { positions[$0] })
    selection.reach = reach
    for layer in 0..<decoder.architecture.layers {
      for head in 0..<decoder.architecture.keyValueHeads {
        for part in Part.allCases {
          let (source, target) = (
            matrix(part, layer: layer, head: head),
            selection.matrix(part, layer: layer, head: head)
          )
          for (row, entry) in kept.enumerated() {
            target.row(row).update(from: source.row(entry), count: source.columns)
          }
        }
      }
    }
    return selection
  }
}

extension KeyValueCache {
  /// Entries that were kept elsewhere, such as in a file.
  ///
  /// - Parameters:
  ///   - positions: [P].
  ///   - reach: the tokens of the text in which they were computed.
  ///   - keys: L · [G, P, d], as ``keys(layer:)`` gives them.
  ///   - values: the same of values.
  /// - Throws: ``ModelError/malformedCache(_:)`` where they cannot be this decoder's.
  public init(
    of decoder: Decoder, positions: [Int], reach: Int, keys: [[Float]], values: [[Float]]
  ) throws(ModelError) {
    let shape = decoder.architecture
    let (L, G, d, P) = (shape.layers, shape.keyValueHeads, shape.headSize, positions.count)
    guard (0...shape.context).contains(reach), Set(positions).count == P,
      positions.allSatisfy((0..<reach).contains)
    else {
      throw .malformedCache(
        "their positions are not those of different tokens in a text of \(reach), or the model's "
          + "context of \(shape.context) does not hold it")
    }
    for part in [keys, values] {
      guard part.count == L, part.allSatisfy({ $0.count == G * P * d }) else {
        throw .malformedCache(
          "the model has \(L) layers of \(G) keys and values of \(d) numbers for each of \(P) tokens"
        )
      }
      guard part.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
        throw .malformedCache("some are infinite or no numbers")
      }
    }
    var cache = KeyValueCache(of: decoder).extended(by: positions)
    cache.reach = reach
    for layer in 0..<L {
      for (part, source) in [(Part.keys, keys[layer]), (.values, values[layer])] {
        for head in 0..<G {
          let target = cache.matrix(part, layer: layer, head: head)
          for entry in 0..<P {
            for column in 0..<d {
              target[entry, column] = source[(head * P + entry) * d + column]
            }
          }
        }
      }
    }
    self = cache
  }
}

// MARK: - Memory

extension KeyValueCache {
  enum Part: Int, CaseIterable { case keys, values }

  /// Whether a text of so many tokens may begin with these entries: the model turns the keys of both
  /// alike.
  func serves(tokens: Int) -> Bool {
    guard case .rotary(let rotary) = decoder.architecture.positions, count > 0 else { return true }
    return rotary.turnsAlike(tokens: reach, and: tokens)
  }

  /// No entries yet.
  init(of decoder: Decoder) {
    self.init(positions: [], decoder: decoder, memory: Memory(decoder.architecture, capacity: 0))
  }

  /// These entries and, behind them, room for more, which the caller writes before anyone reads it.
  ///
  /// - Complexity: O(new entries) amortised, when a text grows token by token.
  func extended(by more: [Int]) -> KeyValueCache {
    let total = count + more.count
    let reach = max(reach, (more.max() ?? -1) + 1)
    if memory.claim(count..<total) {
      return KeyValueCache(
        positions: positions + more, reach: reach, decoder: decoder, memory: memory)
    }
    // Twice extended, or full: a copy, with room to grow if it has grown before.
    let capacity = count == 0 ? total : total + total / 2
    let copy = KeyValueCache(
      positions: positions + more, reach: reach, decoder: decoder,
      memory: Memory(decoder.architecture, capacity: capacity))
    _ = copy.memory.claim(0..<total)
    for layer in 0..<decoder.architecture.layers {
      for head in 0..<decoder.architecture.keyValueHeads {
        for part in Part.allCases {
          copy.matrix(part, layer: layer, head: head).rows(0..<count)
            .copy(from: matrix(part, layer: layer, head: head))
        }
      }
    }
    return copy
  }

  /// (P, d): the keys or values of one key-value head. Valid as long as the cache.
  func matrix(_ part: Part, layer: Int, head: Int) -> Matrix {
    memory.matrix(part, layer: layer, head: head).rows(0..<count)
  }

  private func gathered(_ part: Part, layer: Int) -> [Float] {
    (0..<decoder.architecture.keyValueHeads).flatMap {
      matrix(part, layer: layer, head: $0).values
    }
  }

  /// Rows are written once, by whoever claimed them; caches of one text share them.
  private final class Memory: Sendable {
    private let buffer: FloatBuffer
    private let capacity: Int
    private let heads: Int
    private let size: Int
    private let claimed = Locked(0)

    init(_ architecture: Architecture, capacity: Int) {
      self.capacity = capacity
      heads = architecture.keyValueHeads
      size = architecture.headSize
      buffer = FloatBuffer(
        count: architecture.layers * 2 * heads * capacity * size, zeroed: false)
    }

    /// Whether the rows are the next free ones, and are the caller's from now on.
    func claim(_ rows: Range<Int>) -> Bool {
      claimed.withLock { claimed in
        guard rows.lowerBound == claimed, rows.upperBound <= capacity else { return false }
        claimed = rows.upperBound
        return true
      }
    }

    /// (capacity, d)
    func matrix(_ part: Part, layer: Int, head: Int) -> Matrix {
      let index = (layer * Part.allCases.count + part.rawValue) * heads + head
      return buffer.matrix(rows: capacity, columns: size, at: index * capacity * size)
    }
  }
}
