import Files

/// The columns that a reader looks for.
struct Columns: Sendable {
  let text: String
  let label: String
}

/// Rows as a file has them: texts, and the values of the label column counted once each.
struct RawRows: Sendable {
  /// A value of the label column, and where it was met first.
  struct Value: Sendable {
    let name: String
    let file: String
    let line: Int
  }

  private(set) var texts: [String] = []
  /// Indices into `values`, one a row.
  private(set) var labels: [Int] = []
  private(set) var values: [Value] = []
  private var index: [String: Int] = [:]

  /// Adds a row; the label's bytes are looked up as text, the same text being the same class.
  mutating func add(text: String, label: String, file: String, line: Int) throws(DataError) {
    guard !label.isEmpty else { throw .rows(.emptyLabel(file: file, line: line)) }
    texts.append(text)
    if let last = labels.last, values[last].name == label {
      labels.append(last)
    } else if let known = index[label] {
      labels.append(known)
    } else {
      index[label] = values.count
      labels.append(values.count)
      values.append(Value(name: label, file: file, line: line))
    }
  }

  mutating func reserve(_ count: Int) {
    texts.reserveCapacity(count)
    labels.reserveCapacity(count)
  }

  /// Puts a blank behind every text.
  mutating func appendBlanks() {
    for row in texts.indices { texts[row].append(" ") }
  }
}
