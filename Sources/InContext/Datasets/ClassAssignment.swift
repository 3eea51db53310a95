/// Which value of the label column is which class.
struct ClassAssignment {
  /// The names of the classes, by class id.
  let classes: [String]
  private let classOfValue: [String: Int]
  private let values: [String]

  /// - Parameter rows: the splits; the automatic classes are all values that occur in them.
  init(_ order: Dataset.ClassOrder, name: String, rows: [RawRows?]) throws(DataError) {
    switch order {
    case .automatic:
      let found = Set(rows.compactMap { $0?.values.map(\.name) }.joined())
      try self.init(Self.sorted(found).map { ($0, $0) })
    case .listed(let values): try self.init(values.map { ($0, $0) })
    case .mapped(let pairs): try self.init(pairs.map { ($0.value, $0.className) })
    }
  }

  private init(_ pairs: [(value: String, className: String)]) throws(DataError) {
    var classes: [String] = []
    var classOfValue: [String: Int] = [:]
    for (value, className) in pairs {
      let id = classes.firstIndex(of: className) ?? classes.count
      if id == classes.count { classes.append(className) }
      guard classOfValue.updateValue(id, forKey: value) == nil else {
        throw .classes(.repeatedValue(value))
      }
    }
    self.classes = classes
    self.classOfValue = classOfValue
    values = pairs.map(\.value)
  }

  /// The rows with class ids.
  ///
  /// - Throws: ``DataError`` that names the first row whose label belongs to no class.
  func examples(_ rows: RawRows) throws(DataError) -> [Example] {
    let ids = try rows.values.map { (value) throws(DataError) -> Int in
      guard let id = classOfValue[value.name] else {
        throw .classes(
          .unknownLabel(file: value.file, line: value.line, label: value.name, known: values))
      }
      return id
    }
    var examples: [Example] = []
    examples.reserveCapacity(rows.texts.count)
    for (row, text) in rows.texts.enumerated() {
      examples.append(Example(text: text, label: ids[rows.labels[row]], row: row))
    }
    return examples
  }

  /// As numbers if all are integers, else by their UTF-8 bytes.
  private static func sorted(_ names: Set<String>) -> [String] {
    let numbers = names.compactMap { name in Int(name).map { (name, $0) } }
    if numbers.count == names.count {
      return numbers.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.map(\.0)
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
