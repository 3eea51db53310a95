extension Grid {
  public var fieldNames: [String] { ["table", "cells", "axes"] + cellFieldNames }

  /// `table`, `cells`, `axes`, or a field of the cells: a grid again of results that have a figure of
  /// many, else a list.
  public func field(_ name: String) -> Value? {
    switch name {
    case "table": return .object(table)
    case "cells": return .list(cells)
    case "axes": return .map(ValueMap(axes.map { ($0.name, .list($0.values)) }))
    default:
      let values = cells.map { cell -> Value? in
        if case .object(let object) = cell { object.field(name) } else { nil }
      }
      guard values.contains(where: { $0 != nil }) else { return nil }
      let results = values.compactMap { $0 }
      if results.count == cells.count, results.allSatisfy({ $0.object((any Liftable).self) != nil })
      {
        return .object(Grid(verb: verb, axes: axes, cells: results))
      }
      return .list(values.map { $0 ?? .nothing })
    }
  }

  public func element(_ index: Value) -> Value? {
    if let name = index.word { return field(name) }
    guard let number = index.number, let position = Int(exactly: number) else { return nil }
    let offset = position < 0 ? cells.count + position : position
    return cells.indices.contains(offset) ? cells[offset] : nil
  }

  private var cellFieldNames: [String] {
    guard case .object(let first)? = cells.first else { return [] }
    return first.fieldNames
  }

  /// The figure of all cells, if their type draws one, else the table.
  public func display() -> Display {
    guard let combined = try? combined() else { return table.display() }
    return combined.display()
  }

  /// One row a combination of the axes, and a place such as a layer where the results have several,
  /// with the mean and 95 % interval over seeds of whatever they measure; with one seed or none, the
  /// numbers themselves.
  public var table: Table { profileTable ?? measurementTable }

  private var hasSeeds: Bool { (axis(Self.seedAxis)?.count ?? 0) > 1 }
  private var groupColumns: [String] { axes.map(\.name).filter { $0 != Self.seedAxis } }
  private var seedsCaption: String {
    hasSeeds ? "\(verb): mean ± 95 % interval over seeds" : verb
  }

  private func mean(_ values: some Sequence<Double>) -> Value {
    let interval = ConfidenceInterval(of: values)
    guard interval.count > 0 else { return .nothing }
    return hasSeeds ? .string(interval.text) : .number(interval.mean)
  }

  private var profileTable: Table? {
    let profiles = cells.map { $0.object((any Profiled).self)?.table }
    guard let columns = profiles.first??.columns, profiles.allSatisfy({ $0?.columns == columns })
    else { return nil }
    var rows: [[Value]] = []
    for group in groups() {
      let tables = group.cells.compactMap { $0.object((any Profiled).self)?.table.rows }
      for place in 0..<(tables.map(\.count).min() ?? 0) {
        let measured = columns.indices.dropFirst().map { column in
          mean(tables.compactMap { $0[place][column].number })
        }
        rows.append(group.labelValues + [tables[0][place][0]] + measured)
      }
    }
    return Table(columns: groupColumns + columns, rows: rows, caption: seedsCaption)
  }

  private var measurementTable: Table {
    let names = measurementNames
    guard !names.isEmpty else {
      // Nothing to take means of: one row a cell, seeds and all.
      let rows = cells.indices.map { labelValues(of: $0) + [.string(cells[$0].plainText)] }
      return Table(columns: axes.map(\.name) + [verb], rows: rows, caption: verb)
    }
    let rows = groups().map { group -> [Value] in
      let measured = names.map { name in
        mean(
          group.cells.compactMap { cell in
            Self.measurements(of: cell).first { $0.name == name }?.value
          })
      }
      return group.labelValues + measured + (hasSeeds ? [.number(Double(group.cells.count))] : [])
    }
    var table = Table(
      columns: groupColumns + names + (hasSeeds ? ["seeds"] : []), rows: rows,
      caption: seedsCaption)
    table.explanation = cells.lazy.compactMap { $0.object((any Measured).self)?.whyUndefined }.first
    return table
  }

  /// One row a cell and one column an axis or measurement, numbers in full: what `save` writes.
  public var observations: Table {
    let names = measurementNames
    let rows = cells.enumerated().map { index, cell -> [Value] in
      let measured = Self.measurements(of: cell)
      return labelValues(of: index)
        + names.map { name in
          measured.first { $0.name == name && $0.value.isFinite }.map { .number($0.value) }
            ?? .nothing
        }
    }
    return Table(columns: axes.map(\.name) + names, rows: rows, caption: verb)
  }

  /// What a cell is called on every axis: numbers where they are.
  public func labelValues(of cell: Int) -> [Value] {
    zip(axes, coordinates(of: cell)).map { axis, position in
      Grid.value(ofLabel: axis.labels[position])
    }
  }

  fileprivate static func value(ofLabel label: String) -> Value {
    Double(label).map(Value.number) ?? .string(label)
  }

  private var measurementNames: [String] {
    var names: [String] = []
    for cell in cells {
      for measurement in Self.measurements(of: cell) where !names.contains(measurement.name) {
        names.append(measurement.name)
      }
    }
    return names
  }

  private static func measurements(of cell: Value) -> [(name: String, value: Double)] {
    switch cell {
    case .number(let number): [("value", number)]
    case .object(let object): (object as? any Measured)?.measurements ?? []
    default: []
    }
  }
}

extension Grid.Group {
  /// The labels as values: numbers where they are.
  fileprivate var labelValues: [Value] {
    labels.map { Grid.value(ofLabel: $0.label) }
  }
}
