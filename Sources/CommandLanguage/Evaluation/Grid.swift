/// What a command gives for every combination of the values in lists:
/// `saliency [gpt2, xl] [sst2, trec] seed=1..5` is a grid of three axes and 20 cells.
public struct Grid: LanguageObject {
  /// A parameter that was given a list.
  public struct Axis: Sendable {
    public let name: String
    public let values: [Value]
    /// What each value is called: the word a person wrote, or the value's text; objects of one name are
    /// numbered.
    public let labels: [String]
    public var count: Int { values.count }

    public init(name: String, values: [Value], labels: [String]? = nil) {
      self.name = name
      self.values = values
      self.labels = Self.toldApart(labels ?? values.map(\.plainText), of: values)
    }

    /// Two prompts may have one name; a number or a word says all there is, even twice.
    private static func toldApart(_ labels: [String], of values: [Value]) -> [String] {
      let counts = Dictionary(labels.map { ($0, 1) }, uniquingKeysWith: +)
      return zip(values, labels).enumerated().map { index, named in
        guard case (.object, let label) = named, counts[label] != 1 else { return named.1 }
        return "\(index + 1). \(label)"
      }
    }
  }

  public static var typeName: String { "grid" }
  /// The axis over which means and intervals are taken.
  public static var seedAxis: String { "seed" }

  /// The verb that made the cells.
  public let verb: String
  public let axes: [Axis]
  /// One value a combination; the last axis runs fastest.
  public let cells: [Value]

  public init(verb: String, axes: [Axis], cells: [Value]) {
    self.verb = verb
    self.axes = axes
    self.cells = cells
  }

  public var summary: String {
    let sizes = axes.map { "\($0.count) \($0.name)" }.joined(separator: " × ")
    return "\(verb) over \(sizes): \(cells.count.grouped) results"
  }

  public func axis(_ name: String) -> Axis? { axes.first { $0.name == name } }

  /// The position along each axis of a cell.
  public func coordinates(of cell: Int) -> [Int] {
    Self.coordinates(of: cell, sizes: axes.map(\.count))
  }

  static func coordinates(of cell: Int, sizes: [Int]) -> [Int] {
    var rest = cell
    var result: [Int] = []
    for size in sizes.reversed() {
      result.append(rest % max(size, 1))
      rest /= max(size, 1)
    }
    return result.reversed()
  }

  /// Cells that differ only in the values of one axis.
  public struct Group: Sendable {
    /// The other axes with this group's label on each.
    public let labels: [(axis: String, label: String)]
    /// Where each of the labels stands on its axis.
    public let coordinates: [Int]
    public let cells: [Value]

    /// The labels in one: `xl · trec`; numbers and truth values with their axis: `shots=2`.
    public var title: String { title() }

    /// The same without the labels of some axes.
    public func title(leavingOut axes: [String] = []) -> String {
      labels.filter { !axes.contains($0.axis) }.map { axis, label in
        let says = Double(label) == nil && !["true", "false"].contains(label)
        return says ? label : "\(axis)=\(label)"
      }.joined(separator: " · ")
    }

    /// The cells as objects of a type; those of other types are left out.
    public func objects<T>(_ type: T.Type = T.self) -> [T] { cells.compactMap { $0.object(type) } }
  }

  /// The cells grouped by all axes but one, in order; each cell alone if there is no such axis.
  public func groups(over name: String = Grid.seedAxis) -> [Group] {
    var order: [[Int]] = []
    var members: [[Int]: [Value]] = [:]
    let kept = axes.indices.filter { axes[$0].name != name }
    for (index, cell) in cells.enumerated() {
      let coordinates = coordinates(of: index)
      let key = kept.map { coordinates[$0] }
      if members[key] == nil { order.append(key) }
      members[key, default: []].append(cell)
    }
    return order.map { key in
      Group(
        labels: zip(kept, key).map { (axes[$0].name, axes[$0].labels[$1]) }, coordinates: key,
        cells: members[key] ?? [])
    }
  }

  /// The cells as objects of a type; those of other types are left out.
  public func objects<T>(_ type: T.Type = T.self) -> [T] { cells.compactMap { $0.object(type) } }

  /// One object that shows all cells, if their type knows how (see ``Liftable``).
  public func combined() throws -> (any LanguageObject)? {
    guard case .object(let first)? = cells.first, let liftable = first as? any Liftable else {
      return nil
    }
    return try type(of: liftable).combined(self)
  }
}
