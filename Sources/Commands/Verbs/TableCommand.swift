import CommandLanguage

/// Shows a result as a table.
struct TableCommand: Command {
  static let group = "looking and keeping"
  static let summary = "The numbers of a result as a table."
  static let discussion = "Columns are fields: (table (tokens mini \"A film\")).piece is a list."
  static let examples = ["table (prompt sst2)", "dataset sst2 | table"]

  @Input("A result, a grid, a data set, a prompt, a list or a map.") var value: ShownValue

  func run(in session: Session) throws -> Table {
    guard let table = Table(of: value.value) else {
      throw LanguageError.type(
        "\(value.value.typeName) has no table.",
        hint: "results, grids, prompts, data sets, lists and maps have one")
    }
    return table
  }
}

extension Table {
  /// The table of a value that has one, as it is shown.
  init?(of value: Value) {
    switch value {
    case .object(let table as Table): self = table
    case .object(let grid as Grid): self = grid.table
    case .object(let model as Model): self = model.table
    case .object(let object):
      guard let tabular = object as? any Tabular else { return nil }
      self = tabular.table
    case .map(let map):
      self.init(columns: ["key", "value"], rows: map.map { [.string($0.key), $0.value] })
    case .list(let values): self.init(listing: values)
    case .range: self.init(columns: ["value"], rows: (value.elements ?? []).map { [$0] })
    default: return nil
    }
  }

  /// One row a value; maps with one column a key.
  private init(listing values: [Value]) {
    let maps = values.compactMap { if case .map(let map) = $0 { map } else { nil } }
    guard maps.count == values.count, !maps.isEmpty else {
      self.init(columns: ["value"], rows: values.map { [$0] })
      return
    }
    var columns: [String] = []
    for key in maps.flatMap(\.keys) where !columns.contains(key) { columns.append(key) }
    self.init(columns: columns, rows: maps.map { map in columns.map { map[$0] ?? .nothing } })
  }

  /// What `save` writes of a value: of a grid, one row an observation, with one column an axis.
  init?(ofObservations value: Value) {
    guard case .object(let grid as Grid) = value else {
      self.init(of: value)
      return
    }
    let tables = grid.cells.map { $0.object((any Tabular).self)?.table }
    var columns = tables.first??.columns ?? []
    if columns.isEmpty || tables.contains(where: { $0?.columns != columns }) {
      // Columns that differ, as those of classes do, are put side by side where there is no measurement.
      self = grid.observations
      guard !columns.isEmpty, self.columns == grid.axes.map(\.name) else { return }
      for column in tables.compactMap({ $0?.columns }).joined() where !columns.contains(column) {
        columns.append(column)
      }
    }
    var rows: [[Value]] = []
    for (index, table) in tables.enumerated() {
      guard let table else { continue }
      let labels = grid.labelValues(of: index)
      let places = columns.map { table.columns.firstIndex(of: $0) }
      rows += table.rows.map { row in labels + places.map { $0.map { row[$0] } ?? .nothing } }
    }
    self.init(columns: grid.axes.map(\.name) + columns, rows: rows, caption: grid.verb)
  }
}
