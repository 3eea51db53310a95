import Files
import Foundation

extension Dataset {
  /// A data set by its built-in name, or from a file, or from a folder that holds a train and a
  /// test file (`train.jsonl` and `test.csv`, say).
  ///
  /// - Throws: ``DataError`` that says what was looked for, where, and what would work.
  public static func load(
    _ source: String, options: Options = Options()
  ) throws(DataError) -> Dataset {
    let path = (source as NSString).expandingTildeInPath
    if let builtIn = BuiltIn(named: source) { return try load(builtIn, options: options) }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      if source.contains("/") || source.contains(".") { throw .source(.missingFile(source)) }
      let known = BuiltIn.all.map(\.name)
      let nearest = source.nearest(among: known)
      throw .source(.unknownName(source, nearest: nearest, builtIn: known))
    }
    let url = URL(fileURLWithPath: path, isDirectory: isFolder.boolValue)
    return isFolder.boolValue
      ? try load(folder: url, options: options) : try load(file: url, options: options)
  }

  /// A data set from one file; see ``TestSplit`` for where its test rows come from.
  public static func load(
    file url: URL, options: Options = Options()
  ) throws(DataError) -> Dataset {
    let name = url.deletingPathExtension().lastPathComponent
    let columns = Columns(text: options.text, label: options.label)
    let rows = try RawRows(url, columns: columns)
    return try assemble(name: name, train: rows, test: nil, options: options)
  }

  /// A data set from a folder that holds a train and a test file.
  public static func load(
    folder url: URL, options: Options = Options()
  ) throws(DataError) -> Dataset {
    let columns = Columns(text: options.text, label: options.label)
    let train = try RawRows(try file("train", in: url), columns: columns)
    var test: RawRows?
    if case .automatic = options.test {
      test = try RawRows(try file("test", in: url), columns: columns)
    }
    let name = url.standardizedFileURL.lastPathComponent
    return try assemble(name: name, train: train, test: test, options: options)
  }

  private static func file(_ split: String, in folder: URL) throws(DataError) -> URL {
    for format in RawRows.Format.allCases {
      let url = folder.appendingPathComponent("\(split).\(format.rawValue)")
      if FileManager.default.fileExists(atPath: url.path) { return url }
    }
    let content = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let found = content.filter { RawRows.Format(URL(fileURLWithPath: $0)) != nil }.sorted()
    throw .source(.missingSplit(folder: folder.path, split: split, found: found))
  }

  /// Puts classes and splits together.
  ///
  /// - Parameter test: the test rows that the source has; `options.test` goes before them.
  static func assemble(
    name: String, train: RawRows, test: RawRows?, options: Options
  ) throws(DataError) -> Dataset {
    var test = test
    var heldOut: Double?
    switch options.test {
    case .automatic: heldOut = test == nil ? heldOutFraction : nil
    case .fraction(let fraction):
      guard fraction > 0, fraction < 1 else { throw .drawing(.fractionOutOfRange(fraction)) }
      heldOut = fraction
    case .file(let url):
      test = try RawRows(url, columns: Columns(text: options.text, label: options.label))
    }
    let assignment = try ClassAssignment(options.classes, name: name, rows: [train, test])
    guard assignment.classes.count >= 2 else {
      throw .classes(.tooFewClasses(name: name, classes: assignment.classes))
    }
    var examples = try assignment.examples(train)
    var testExamples =
      try test.map { rows throws(DataError) in try assignment.examples(rows) } ?? []
    if let heldOut {
      (examples, testExamples) = split(
        examples, classes: assignment.classes.count, heldOut: heldOut)
    }
    guard !testExamples.isEmpty else { throw .drawing(.emptyTest(name: name)) }
    return try Dataset(
      name: name, train: examples, test: testExamples, classes: assignment.classes,
      template: options.template)
  }

  /// Holds out the last rows of every class, at least one of them if there are two; at least one
  /// stays to be demonstrated.
  static func split(
    _ examples: [Example], classes: Int, heldOut: Double
  ) -> (train: [Example], test: [Example]) {
    var counts = [Int](repeating: 0, count: classes)
    for example in examples { counts[example.label] += 1 }
    var remaining = counts.map { count in
      let wanted = max(1, Int((Double(count) * heldOut).rounded()))
      return max(count - wanted, min(count, 1))
    }
    var train: [Example] = []
    var test: [Example] = []
    for example in examples {
      let isTrain = remaining[example.label] > 0
      if isTrain { remaining[example.label] -= 1 }
      let row = isTrain ? train.count : test.count
      let renumbered = Example(text: example.text, label: example.label, row: row)
      if isTrain { train.append(renumbered) } else { test.append(renumbered) }
    }
    return (train, test)
  }
}
