import CommandLanguage

/// Some layers or heads of a model: what `layers=` and `heads=` take.
enum Selection: ArgumentConvertible, Sendable, Equatable {
  case first(Int)
  case last(Int)
  case listed([Int])

  static var typeDescription: String { "first(5), last(5), a number, or a list of numbers" }
  static var acceptsList: Bool { true }
  static func isOne(_ list: Value) -> Bool { list.isListOfSingles }

  static func convert(_ value: Value, in session: Session) -> Selection? {
    if case .call(let name, let arguments) = value {
      guard arguments.count == 1, let count = index(arguments[0]), count > 0 else { return nil }
      return switch name {
      case "first": .first(count)
      case "last": .last(count)
      default: nil
      }
    }
    let elements = value.elements ?? [value]
    let numbers = elements.compactMap(index)
    return numbers.count == elements.count && !numbers.isEmpty ? .listed(numbers) : nil
  }

  private static func index(_ value: Value) -> Int? {
    value.number.flatMap(Int.init(exactly:)).flatMap { $0 >= 0 ? $0 : nil }
  }

  static func advice(insteadOf value: Value, written: String, in session: Session) -> String? {
    let isNegative = (value.elements ?? [value]).contains { $0.number.map { $0 < 0 } ?? false }
    return isNegative ? "they count from 0; last(1) is the last one" : nil
  }

  static func completions(in session: Session) -> [Completion] {
    ["first(5)", "last(5)"].map { Completion($0, .value, "some of all") }
  }

  var argumentText: String {
    switch self {
    case .first(let count): "first(\(count))"
    case .last(let count): "last(\(count))"
    case .listed(let numbers) where numbers.count == 1: "\(numbers[0])"
    case .listed(let numbers): numbers.argumentText
    }
  }

  var textInList: String {
    if case .listed(let numbers) = self { numbers.argumentText } else { argumentText }
  }

  /// The indices, ascending.
  ///
  /// - Parameters:
  ///   - count: how many there are.
  ///   - parameter: whose argument it is.
  /// - Throws: a ``LanguageError`` for more than there are.
  func indices(of count: Int, _ parameter: String, of model: Model) throws(LanguageError) -> [Int] {
    let wanted: [Int]
    switch self {
    case .first(let number): wanted = number <= count ? Array(0..<number) : [number - 1]
    case .last(let number): wanted = number <= count ? Array(count - number..<count) : [number - 1]
    case .listed(let numbers): wanted = Set(numbers).sorted()
    }
    guard let largest = wanted.last, largest < count else {
      throw .argument(
        "\(parameter)=\(argumentText) is more than \(model.name) has: its \(parameter) are "
          + "0...\(count - 1)."
      ).blaming(parameter)
    }
    return wanted
  }
}

/// Heads by layer and number, as the field writes them, `9.6`, or all of a layer, `9.*`: what `ablate=`
/// takes.
struct HeadList: ArgumentConvertible, Sendable, Equatable {
  /// Without a number, every head of the layer.
  let heads: [(layer: Int, head: Int?)]

  static var typeDescription: String {
    #"heads as "LAYER.HEAD", such as "3.1", or "3.*" for a layer's"#
  }
  static var acceptsList: Bool { true }
  static func isOne(_ list: Value) -> Bool { list.isListOfSingles }

  static func == (a: HeadList, b: HeadList) -> Bool { a.argumentText == b.argumentText }

  static func convert(_ value: Value, in session: Session) -> HeadList? {
    let elements = value.elements ?? [value]
    let heads = elements.compactMap { $0.word.flatMap(head) }
    return heads.count == elements.count && !heads.isEmpty ? HeadList(heads: heads) : nil
  }

  private static let all = "*"

  static func head(_ text: String) -> (layer: Int, head: Int?)? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, let layer = Int(parts[0]), layer >= 0 else { return nil }
    if parts[1] == all { return (layer, nil) }
    return Int(parts[1]).flatMap { $0 >= 0 ? (layer, $0) : nil }
  }

  /// What a head is called: `9.6`, and `9.*` for every one of a layer.
  static func name(layer: Int, head: Int?) -> String { "\(layer).\(head.map(String.init) ?? all)" }

  static func advice(insteadOf value: Value, written: String, in session: Session) -> String? {
    guard (value.elements ?? [value]).contains(where: { $0.number != nil }) else { return nil }
    return #"write each head in quotes, "9.6": the number 9.10 would be 9.1"#
  }

  var argumentText: String { heads.count == 1 ? texts[0] : textInList }
  var textInList: String { "[\(texts.joined(separator: ", "))]" }

  private var texts: [String] {
    heads.map { Value.quoted(Self.name(layer: $0.layer, head: $0.head)) }
  }
}

extension Value {
  /// Whether a list holds numbers and words only, and so is one choice; a list of lists, or of
  /// `first(5)`, is several.
  fileprivate var isListOfSingles: Bool {
    (elements ?? []).allSatisfy { $0.number != nil || $0.word != nil }
  }
}
