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

  private func cell(_ interval: ConfidenceInterval) -> Value {
    guard interval.count > 0 else { return .nothing }
    // One value has no interval, though there be several seeds.
    return interval.halfWidth == nil ? .number(interval.mean) : .string(interval.text)
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
          cell(ConfidenceInterval(of: tables.compactMap { $0[place][column].number }))
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
    let groups = groups()
    let means = groups.map { group in names.map { group.mean(of: $0) } }
    let rows = zip(groups, means).map { group, means in
      group.labelValues + means.map { cell($0 ?? ConfidenceInterval(of: [])) }
        + (hasSeeds ? [Self.count(of: means.compactMap { $0 })] : [])
    }
    var table = Table(
      columns: groupColumns + names + (hasSeeds ? ["seeds"] : []), rows: rows,
      caption: seedsCaption)
    table.explanation = Self.explanation(
      of: zip(groups, means).filter { $1.contains { $0?.count == 0 } }.map(\.0), among: groups.count
    )
    return table
  }

  /// How many seeds the means of a row are of: `3`, or `3 to 12` where measurements differ.
  private static func count(of means: [ConfidenceInterval]) -> Value {
    let counts = means.map(\.count)
    guard let least = counts.min(), let most = counts.max() else { return .nothing }
    return least == most ? .number(Double(least)) : .string("\(least) to \(most)")
  }

  /// Why rows have empty cells, and which, unless it is one reason for all there are.
  private static func explanation(of empty: [Group], among count: Int) -> String? {
    var reasons: [(text: String, titles: [String])] = []
    for group in empty {
      for text in group.reasons {
        if let index = reasons.firstIndex(where: { $0.text == text }) {
          reasons[index].titles.append(group.title)
        } else {
          reasons.append((text, [group.title]))
        }
      }
    }
    if reasons.count == 1, reasons[0].titles.count == count { return reasons[0].text }
    let texts = reasons.map { text, titles in
      titles == [""] ? text : "\(titles.joined(separator: ", ")): \(text)"
    }
    return texts.isEmpty ? nil : texts.joined(separator: "; ")
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

  fileprivate static func measurements(of cell: Value) -> [(name: String, value: Double)] {
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

  /// The mean of a measurement over the cells where it is defined; nil where no cell has it at all.
  fileprivate func mean(of name: String) -> ConfidenceInterval? {
    let values = cells.compactMap { cell in
      Grid.measurements(of: cell).first { $0.name == name }?.value
    }
    return values.isEmpty ? nil : ConfidenceInterval(of: values)
  }

  /// Why measurements of its cells are undefined, each reason once.
  fileprivate var reasons: [String] {
    var reasons: [String] = []
    for case let reason? in objects((any Measured).self).map(\.whyUndefined)
    where !reasons.contains(reason) {
      reasons.append(reason)
    }
    return reasons
  }
}
