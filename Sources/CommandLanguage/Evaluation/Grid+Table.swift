extension Grid {
  public var fieldNames: [String] { ["table", "cells", "axes"] + cellFieldNames }

  /// `table`, `cells`, `axes`, or a field of the cells as a list.
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

  public func display() -> Display { table.display() }

  /// One row a combination of the axes, with the mean and 95 % interval over seeds of whatever
  /// the results measure; with one seed or none, the numbers themselves.
  public var table: Table {
    let groups = groups()
    let names = measurementNames
    let axisNames = axes.map(\.name).filter { $0 != Self.seedAxis }
    let hasSeeds = (axis(Self.seedAxis)?.count ?? 0) > 1
    let rows = groups.map { group -> [Value] in
      let labels = group.labels.map { label in
        Double(label.label).map { Value.number($0) } ?? .string(label.label)
      }
      guard !names.isEmpty else {
        return labels + [.string(group.cells.map(\.plainText).joined(separator: "; "))]
      }
      let measured = names.map { name -> Value in
        let values = group.cells.compactMap { Self.measurements(of: $0).first { $0.name == name } }
        let interval = ConfidenceInterval(of: values.map(\.value))
        guard interval.count > 0 else { return .nothing }
        return hasSeeds ? .string(interval.text) : .number(interval.mean)
      }
      return labels + measured + (hasSeeds ? [.number(Double(group.cells.count))] : [])
    }
    let columns = axisNames + (names.isEmpty ? [verb] : names)
    let caption = hasSeeds && !names.isEmpty ? "\(verb): mean ± 95 % interval over seeds" : verb
    return Table(
      columns: columns + (hasSeeds && !names.isEmpty ? ["seeds"] : []), rows: rows,
      caption: caption)
  }

  /// One row a cell and one column an axis or measurement, numbers in full: what `save` writes.
  public var observations: Table {
    let names = measurementNames
    let rows = cells.enumerated().map { index, cell -> [Value] in
      let labels = zip(axes, coordinates(of: index)).map { axis, position in
        Double(axis.labels[position]).map { Value.number($0) } ?? .string(axis.labels[position])
      }
      let measured = Self.measurements(of: cell)
      return labels
        + names.map { name in
          measured.first { $0.name == name }.map { .number($0.value) } ?? .nothing
        }
    }
    return Table(columns: axes.map(\.name) + names, rows: rows, caption: verb)
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
