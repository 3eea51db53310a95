/// Byte-pair encoding: a word's bytes are merged, pair by pair, until no pair of neighbours can.
///
/// The merge with the smallest rank goes first, of equal ones the leftmost (Sennrich et al. 2016,
/// as `tokenizers` computes it).
struct BytePairModel: Sendable {
  let vocabulary: Vocabulary
  let merges: MergeTable
  let alphabet: Alphabet
  /// Whether a word that is a token is taken as one, whatever the merges say.
  let ignoresMerges: Bool

  /// What a word consists of before anything is merged.
  enum Alphabet: Sendable {
    /// Bytes: the token of each; 0 for bytes that UTF-8 never has and the vocabulary lacks.
    case bytes([UInt32])
    /// Unicode scalars, as SentencePiece has it.
    case scalars(ScalarAlphabet)
  }

  /// Words longer than this are merged with a heap.
  private static let scanLimit = 40

  /// What one thread reuses from word to word.
  struct Scratch {
    /// The tokens of a word.
    var ids: [UInt32] = []
    /// How many bytes of the word each token stands for; empty if as many as the token has.
    var lengths: [Int] = []
    /// The tokens that are being merged.
    var parts: [UInt32] = []
    fileprivate var pairs: [UInt64] = []
  }

  /// Leaves the tokens of a word in `scratch.ids`.
  ///
  /// - Complexity: quadratic for the shortest words, *n* log *n* for all others.
  func encode(_ word: UnsafeBufferPointer<UInt8>, _ scratch: inout Scratch) {
    scratch.ids.removeAll(keepingCapacity: true)
    scratch.lengths.removeAll(keepingCapacity: true)
    if ignoresMerges, let id = vocabulary.id(of: UnsafeRawBufferPointer(word)) {
      scratch.ids.append(UInt32(truncatingIfNeeded: id))
      return
    }
    switch alphabet {
    case .bytes(let tokens):
      scratch.parts.removeAll(keepingCapacity: true)
      for byte in word { scratch.parts.append(tokens[Int(byte)]) }
      merge(&scratch)
      swap(&scratch.ids, &scratch.parts)
    case .scalars(let alphabet):
      encode(scalars: ScalarReader(bytes: word), alphabet, &scratch)
    }
  }

  /// Merges `scratch.parts` until nothing can be.
  func merge(_ scratch: inout Scratch) {
    if scratch.parts.count > Self.scanLimit {
      mergeWithHeap(&scratch)
    } else if scratch.parts.count > 1 {
      mergeByScanning(&scratch)
    }
  }

  private func mergeByScanning(_ scratch: inout Scratch) {
    var count = scratch.parts.count
    scratch.pairs.removeAll(keepingCapacity: true)
    for index in 0..<count - 1 {
      scratch.pairs.append(merges[scratch.parts[index], scratch.parts[index + 1]])
    }
    scratch.parts.withUnsafeMutableBufferPointer { ids in
      scratch.pairs.withUnsafeMutableBufferPointer { pairs in
        while count > 1 {
          var best = 0
          for index in 1..<count - 1 where pairs[index] < pairs[best] { best = index }
          let merge = pairs[best]
          if merge == MergeTable.none { break }
          ids[best] = UInt32(truncatingIfNeeded: merge)
          count -= 1
          for index in best + 1..<count {
            ids[index] = ids[index + 1]
            pairs[index - 1] = pairs[index]
          }
          if best > 0 { pairs[best - 1] = merges[ids[best - 1], ids[best]] }
          if best + 1 < count { pairs[best] = merges[ids[best], ids[best + 1]] }
        }
      }
    }
    scratch.parts.removeSubrange(count...)
  }

  /// Keeps the tokens in a doubly linked list and the possible merges in a heap. A merge whose
  /// tokens have changed since is passed over when its turn comes.
  private func mergeWithHeap(_ scratch: inout Scratch) {
    var ids = scratch.parts
    let count = ids.count
    var next = (0..<count).map { Int32(truncatingIfNeeded: $0) + 1 }
    var previous = (0..<count).map { Int32(truncatingIfNeeded: $0) - 1 }
    let dead = UInt32.max
    // Rank above, position below: the order of the heap is the order of the merges.
    var heap = MinimumHeap()
    func offer(_ left: Int, _ right: Int) {
      let merge = merges[ids[left], ids[right]]
      if merge != MergeTable.none {
        heap.insert((merge >> 32) << 32 | UInt64(truncatingIfNeeded: left))
      }
    }
    for index in 0..<count - 1 { offer(index, index + 1) }
    while let top = heap.removeFirst() {
      let left = Int(top & 0xFFFF_FFFF)
      guard ids[left] != dead, Int(next[left]) < count else { continue }
      let right = Int(next[left])
      let merge = merges[ids[left], ids[right]]
      guard merge != MergeTable.none, merge >> 32 == top >> 32 else { continue }
      ids[left] = UInt32(truncatingIfNeeded: merge)
      ids[right] = dead
      next[left] = next[right]
      if Int(next[left]) < count {
        previous[Int(next[left])] = Int32(truncatingIfNeeded: left)
        offer(left, Int(next[left]))
      }
      if previous[left] >= 0 { offer(Int(previous[left]), left) }
    }
    scratch.parts = ids.filter { $0 != dead }
  }
}

/// A binary heap that gives its smallest element first.
struct MinimumHeap {
  private var elements: [UInt64] = []

  mutating func insert(_ element: UInt64) {
    elements.append(element)
    var child = elements.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      if elements[parent] <= element { break }
      elements[child] = elements[parent]
      child = parent
    }
    elements[child] = element
  }

  mutating func removeFirst() -> UInt64? {
    guard let first = elements.first, let last = elements.popLast() else { return nil }
    if elements.isEmpty { return first }
    var parent = 0
    while true {
      var child = 2 * parent + 1
      if child >= elements.count { break }
      if child + 1 < elements.count, elements[child + 1] < elements[child] { child += 1 }
      if last <= elements[child] { break }
      elements[parent] = elements[child]
      parent = child
    }
    elements[parent] = last
    return first
  }
}
