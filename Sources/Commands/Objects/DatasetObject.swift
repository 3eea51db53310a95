import CommandLanguage
import InContext
import LinearAlgebra

/// A data set as a value of the language: its rows, and how to get them again.
struct DatasetObject: LanguageObject {
  static var typeName: String { "data set" }

  let dataset: Dataset
  /// How it is written in the language: `sst2`, or `(dataset "banking.csv" label=intent)`.
  let argumentText: String
  /// What it is called in titles: with its label words, if it was given others.
  let name: String

  init(_ dataset: Dataset, argumentText: String, name: String? = nil) {
    self.dataset = dataset
    self.argumentText = argumentText
    self.name = name ?? dataset.name
  }

  /// Built-in data sets that are in memory; their rows are read once.
  private static let builtIn = Locked<[String: Dataset]>([:])

  /// A data set by its built-in name, or from a file or folder with default columns.
  ///
  /// - Throws: `DataError`.
  init(named name: String) throws {
    guard let known = BuiltIn(named: name) else {
      self.init(
        try Dataset.load(name), argumentText: "(dataset \(Value.quoted(name)))")
      return
    }
    if let dataset = Self.builtIn.withLock({ $0[known.name] }) {
      self.init(dataset, argumentText: known.name)
      return
    }
    let dataset = try Dataset.load(known)
    Self.builtIn.withLock { $0[known.name] = dataset }
    self.init(dataset, argumentText: known.name)
  }

  static func convert(_ value: Value, in session: Session) throws -> DatasetObject? {
    if let object = unwrap(value) { return object }
    switch value {
    case .symbol(let name):
      return BuiltIn(named: name) == nil ? nil : try DatasetObject(named: name)
    case .string(let name): return try DatasetObject(named: name)
    default: return nil
    }
  }

  static func advice(insteadOf value: Value, written: String, in session: Session) -> String? {
    if let prompt = PromptObject.unwrap(value) {
      let name = prompt.dataset.map { BuiltIn(named: $0.name) == nil ? "its data set" : $0.name }
      return
        "it draws demonstrations and test rows itself: write \(name ?? "a data set, such as sst2")"
        + (name == nil ? "; predict, saliency, attention and trace take a prompt as it is" : "")
    }
    guard case .symbol(let name) = value else { return nil }
    return "write \(name.asVariable) = dataset \"FILE\" first, or use a built-in one: "
      + BuiltIn.all.map(\.name).joined(separator: ", ")
  }

  static func offersFile(_ name: String) -> Bool { Dataset.isReadable(name) }

  static func completions(in session: Session) -> [Completion] {
    BuiltIn.all.map { Completion($0.name, .value, $0.title) }
  }
}

// MARK: - Looking at it

extension DatasetObject: Tabular {
  var summary: String {
    "\(name): \(dataset.classes.count) classes, \(dataset.train.count.grouped) training and "
      + "\(dataset.test.count.grouped) test rows"
  }

  /// One row a class.
  var table: Table {
    var counts = [Int](repeating: 0, count: dataset.classes.count)
    for example in dataset.test { counts[example.label] += 1 }
    let rows = dataset.classes.indices.map { id -> [Value] in
      [
        id.value, dataset.classes[id].value,
        Value.quoted(dataset.template.labelWords[id]).value, dataset.classCounts[id].value,
        counts[id].value,
      ]
    }
    return Table(
      columns: ["id", "class", "label word", "train", "test"], rows: rows, caption: summary)
  }

  /// Three training rows: the first one of each class, then the first ones.
  private var examples: [String] {
    var rows = dataset.classes.indices.prefix(3).compactMap { id in
      dataset.train.firstIndex { $0.label == id }
    }
    rows += dataset.train.indices.prefix(3).filter { !rows.contains($0) }
    return rows.prefix(3).map { row in
      dataset.template.demonstration(dataset.train[row].text, labelled: dataset.train[row].label)
    }
  }

  func display() -> Display {
    let table = table
    let text = ([table.plain, "Three examples as a prompt writes them:"] + examples)
    let items = examples.map { "<pre>\($0.escapedForHTML)</pre>" }
    return Display(
      plain: text.joined(separator: "\n\n"), html: table.html + "\n" + items.joined(separator: "\n")
    )
  }

  var fieldNames: [String] {
    ["name", "title", "classes", "words", "train", "test", "template", "fingerprint"]
  }

  func field(_ name: String) -> Value? {
    switch name {
    case "name": dataset.name.value
    case "title": dataset.title.value
    case "classes": dataset.classes.value
    case "words": dataset.template.labelWords.value
    case "train": dataset.train.count.value
    case "test": dataset.test.count.value
    case "template": dataset.template.value
    case "fingerprint": Identity.short(dataset.fingerprint).value
    default: nil
    }
  }
}

extension String {
  /// The word as a variable may be called.
  var asVariable: String { replacing("-", with: "_") }

  /// The text between tags.
  var escapedForHTML: String {
    var result = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
