import Foundation

/// The cells of this run of the kernel. Nothing is kept on disk.
struct History: Sendable {
  /// The number of this run. There are no others, so that tail, range and search all agree on it.
  static let session = 1
  /// The oldest cells are forgotten beyond this many.
  static let limit = 10_000

  struct Entry: Sendable, Equatable {
    /// The execution count of the cell.
    let line: Int
    let input: String
    /// The plain text of the cell's value.
    var output: String?
  }

  private(set) var entries: [Entry] = []

  mutating func append(_ input: String, line: Int) {
    if entries.count >= Self.limit { entries.removeFirst(Self.limit / 10) }
    entries.append(Entry(line: line, input: input))
  }

  /// Adds the value of a cell that has ended.
  mutating func setOutput(_ output: String, ofLine line: Int) {
    guard let index = entries.lastIndex(where: { $0.line == line }) else { return }
    entries[index].output = output
  }

  /// The entries that a request asks for, oldest first.
  func entries(for access: HistoryRequest.Access) -> [Entry] {
    switch access {
    case .tail(let count):
      return entries.suffix(max(0, count))
    case .range(let session, let start, let stop):
      // Session 0 is the current one; negative numbers count back to runs that are not kept.
      guard session == 0 || session == Self.session else { return [] }
      return entries.filter { $0.line >= start && $0.line < (stop ?? .max) }
    case .search(let pattern, let count, let unique):
      let glob = Glob(pattern)
      var found = entries.filter { glob.matches($0.input) }
      if unique { found = Self.lastOfEach(found) }
      return count.map { found.suffix(max(0, $0)) } ?? found
    }
  }

  /// Of entries with the same input only the last, in order.
  private static func lastOfEach(_ entries: [Entry]) -> [Entry] {
    var seen: Set<Data> = []
    return entries.reversed().filter { seen.insert(Data($0.input.utf8)).inserted }.reversed()
  }
}
