import Foundation

/// A text classification data set: rows to demonstrate with, rows to ask about, and how to write
/// them down.
///
/// ```swift
/// let sst2 = try Dataset.load("sst2")
/// let banking = try Dataset.load("banking.csv", options: .init(text: "utterance", label: "intent"))
/// ```
public struct Dataset: Sendable {
  /// The built-in name, or the file's name without its extension.
  public let name: String
  /// The name for people: "Stanford Sentiment Treebank, two classes".
  public let title: String
  /// The rows that demonstrations are drawn from; `row` counts from 0.
  public let train: [Example]
  /// The rows that are asked about; `row` counts from 0.
  public let test: [Example]
  /// The names of the classes, by class id.
  public let classes: [String]
  /// How an example is written down; its label words are in class-id order.
  public let template: Template
  /// SHA-256 of the rows and class names as they are used, in hexadecimal digits. The same rows
  /// have the same fingerprint whatever file they come from.
  public let fingerprint: String
  /// The BibTeX entry of the data set's paper, if it is built in.
  public let citation: String?
  /// The terms of use, if it is built in.
  public let licence: String?
  /// What differs from the published data set, if anything does.
  public let note: String?

  /// A data set from rows at hand.
  ///
  /// - Throws: ``DataError`` if a class has no training row, there are fewer than two classes, or
  ///   the template has not one label word a class.
  public init(
    name: String, title: String? = nil, train: [Example], test: [Example], classes: [String],
    template: Template? = nil, citation: String? = nil, licence: String? = nil, note: String? = nil
  ) throws(DataError) {
    guard classes.count >= 2 else { throw .classes(.tooFewClasses(name: name, classes: classes)) }
    guard !train.isEmpty else { throw .source(.emptyFile(name)) }
    var counts = [Int](repeating: 0, count: classes.count)
    for example in train where classes.indices.contains(example.label) {
      counts[example.label] += 1
    }
    if let empty = counts.firstIndex(of: 0) {
      throw .classes(.emptyClass(classes[empty], name: name))
    }
    for example in [train, test].joined() where !classes.indices.contains(example.label) {
      throw .classes(.labelOutOfRange(name: name, label: example.label, classes: classes))
    }
    self.name = name
    self.title = title ?? name
    self.train = train
    self.test = test
    self.classes = classes
    self.template = try Self.template(template, for: classes, of: name)
    self.citation = citation
    self.licence = licence
    self.note = note
    fingerprint = Self.fingerprint(train: train, test: test, classes: classes)
  }

  private init(_ other: Dataset, template: Template, builtIn: BuiltIn? = nil) {
    name = other.name
    title = builtIn?.title ?? other.title
    train = other.train
    test = other.test
    classes = other.classes
    self.template = template
    fingerprint = other.fingerprint
    citation = builtIn?.citation ?? other.citation
    licence = builtIn?.licence ?? other.licence
    note = builtIn?.note ?? other.note
  }

  /// The same rows, written down in another way.
  ///
  /// - Throws: ``DataError`` if the template has not one label word a class.
  public func with(template: Template) throws(DataError) -> Dataset {
    Dataset(self, template: try Self.template(template, for: classes, of: name))
  }

  /// The same rows with what is known of a built-in data set.
  func described(by builtIn: BuiltIn, template: Template) throws(DataError) -> Dataset {
    let template = try Self.template(template, for: classes, of: name)
    return Dataset(self, template: template, builtIn: builtIn)
  }

  /// How many training rows each class has, by class id.
  public var classCounts: [Int] {
    var counts = [Int](repeating: 0, count: classes.count)
    for example in train { counts[example.label] += 1 }
    return counts
  }

  private static func template(
    _ template: Template?, for classes: [String], of name: String
  ) throws(DataError) -> Template {
    if let template {
      guard template.labelWords.count == classes.count else {
        throw .classes(.labelWordCount(name: name, words: template.labelWords, classes: classes))
      }
      return template
    }
    do {
      return try Template("Text: {text}\nLabel:{label}", labelWords: classes)
    } catch {
      throw .classes(.classNamesAsWords(name: name, reason: error.description))
    }
  }
}
