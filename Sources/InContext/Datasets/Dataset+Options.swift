import Foundation

extension Dataset {
  /// How to read a data set.
  public struct Options: Sendable {
    /// The column or member that holds the text.
    public var text: String
    /// The column or member that holds the class.
    public var label: String
    /// Which classes there are, and in what order.
    public var classes: ClassOrder
    /// Where the rows that are asked about come from.
    public var test: TestSplit
    /// How an example is written down. By default the built-in's way, else
    /// `"Text: {text}\nLabel:{label}"` with the names of the classes as label words.
    public var template: Template?

    public init(
      text: String = "text", label: String = "label", classes: ClassOrder = .automatic,
      test: TestSplit = .automatic, template: Template? = nil
    ) {
      self.text = text
      self.label = label
      self.classes = classes
      self.test = test
      self.template = template
    }
  }

  /// Which values of the label column make up which class, and the order of the classes.
  public enum ClassOrder: Sendable {
    /// The built-in's order; else every value is a class, sorted (as numbers if all are integers).
    case automatic
    /// These values are the classes, in this order.
    case listed([String])
    /// Each value belongs to the class named; classes are in the order of their first mention.
    /// Several values may belong to one class.
    case mapped([(value: String, className: String)])
  }

  /// Where the test rows come from.
  public enum TestSplit: Sendable {
    /// The built-in's or the folder's test file. A single file is split: of every class, the last
    /// 20 % of its rows in file order are held out (at least one row of two), which needs no seed
    /// and keeps the balance of the classes.
    case automatic
    /// The rows of another file.
    case file(URL)
    /// Of every class, this fraction of its rows is held out, the last ones in file order.
    case fraction(Double)
  }

  /// What is held out of a single file if nothing is said about the test rows.
  static let heldOutFraction = 0.2
}
