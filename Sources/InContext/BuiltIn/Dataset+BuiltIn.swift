import Files
import Foundation

extension Dataset {
  /// A data set that comes with Fathom, with the paper's classes, template and label words.
  ///
  /// - Parameter options: `classes` may reorder or merge the classes, `test` may replace the test
  ///   rows, `template` the way they are written; the columns are those of the bundled rows.
  public static func load(
    _ builtIn: BuiltIn, options: Options = Options()
  ) throws(DataError) -> Dataset {
    guard let resources = BundledResources.folder(target: "InContext") else {
      throw .source(.missingResources(builtIn.name))
    }
    let folder = resources.appendingPathComponent("datasets/\(builtIn.name)", isDirectory: true)
    var options = options
    if case .automatic = options.classes { options.classes = .listed(builtIn.classes.map(\.name)) }

    let columns = Columns(text: "text", label: "label")
    var train = try RawRows(folder.appendingPathComponent("train.jsonl"), columns: columns)
    var test = try RawRows(folder.appendingPathComponent("test.jsonl"), columns: columns)
    if builtIn.restoresTrailingBlank {
      train.appendBlanks()
      test.appendBlanks()
    }
    if case .fraction(_) = options.test { test = RawRows() }
    let dataset = try assemble(name: builtIn.name, train: train, test: test, options: options)
    let template = options.template ?? builtIn.template(for: dataset.classes)
    return try dataset.described(by: builtIn, template: template)
  }
}

extension BuiltIn {
  /// The paper's template for classes in another order; a class that the data set does not know (a
  /// merged or renamed one) is named by its own name.
  func template(for names: [String]) -> Template {
    let words = names.map { name in classes.first { $0.name == name }?.word ?? " " + name }
    return Template(prefix: prefix, infix: infix, labelWords: words)
  }
}
