/// A value that a command makes: a model, a data set, a result, a table, a figure.
///
/// A type that conforms may be the type of an `@Input` or `@Option`: an object of the type is
/// accepted, and everything else is a `TypeError`, unless the type has its own
/// ``ArgumentConvertible/convert(_:in:)`` (for example to load a model by its name).
public protocol LanguageObject: ArgumentConvertible, ValueConvertible, Sendable {
  /// What a person calls it, in lower case and without an article: `data set`.
  static var typeName: String { get }
  /// One line about this one.
  var summary: String { get }
  /// The fields of `s.pq`, in the order they are listed.
  var fieldNames: [String] { get }
  /// The value of a field, or nil if there is none of that name.
  func field(_ name: String) -> Value?
  /// The value of `object[index]`, or nil if it has none; by default a string names a field.
  func element(_ index: Value) -> Value?
  /// How it is shown.
  func display() -> Display
}

extension LanguageObject {
  public var value: Value { .object(self) }
  public var fieldNames: [String] { [] }
  public func field(_ name: String) -> Value? { nil }
  public func element(_ index: Value) -> Value? { index.word.flatMap(field) }
  public func display() -> Display { Display(plain: summary) }

  public static var typeDescription: String { withArticle(typeName) }
  public var argumentText: String { summary }

  public static func convert(_ value: Value, in session: Session) throws -> Self? {
    unwrap(value)
  }

  public static func fits(_ value: Value, in session: Session) -> Bool { unwrap(value) != nil }

  /// The object in a value, if it is one of this type.
  public static func unwrap(_ value: Value) -> Self? { value.object(Self.self) }
}

/// A result whose numbers a table of a grid may list, such as `accuracy` or `auc`.
public protocol Measured {
  /// A value that is not finite is undefined.
  var measurements: [(name: String, value: Double)] { get }
  /// Why one of them is undefined; nil if none is.
  var whyUndefined: String? { get }
}

extension Measured {
  public var whyUndefined: String? { nil }
}

/// A result that is measured at several places, such as the layers of a model.
public protocol Profiled {
  /// One row a place, which the first column names; the other columns are numbers.
  var table: Table { get }
}

/// A result that knows how to show many of its kind at once: one curve for each model, a band
/// for the interval over seeds.
public protocol Liftable: LanguageObject {
  /// One object (a figure, say) for a grid whose cells are all of this type.
  static func combined(_ grid: Grid) throws -> (any LanguageObject)?
  /// Which grids there is such an object for, where not for all: `lists of single heads are drawn`.
  static var combinable: String? { get }
}

extension Liftable {
  public static var combinable: String? { nil }
}

/// A result that may say that something is wrong, such as a certificate: a script that shows one does
/// not succeed.
public protocol Verdict: LanguageObject {
  var passed: Bool { get }
}
