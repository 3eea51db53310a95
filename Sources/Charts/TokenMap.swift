/// A prompt as the model sees it: token after token, coloured by what each one is or by a value.
///
/// ```swift
/// let map = try TokenMap(
///   title: "An SST-2 prompt", tokens: [
///     .init("Review", category: "format", details: "0 · id 14832"),
///     .init(" Positive", category: "label", details: "21 · id 33733"),
///   ], categories: [.init("format"), .init("label", isEmphasized: true)])
/// ```
public struct TokenMap: Figure {
  /// A kind of token.
  public struct Category: Sendable, Equatable {
    /// The name in the legend, by which tokens refer to it.
    public var name: String
    /// Bold text and an outline, for the few tokens that matter.
    public var isEmphasized: Bool

    public init(_ name: String, isEmphasized: Bool = false) {
      self.name = name
      self.isEmphasized = isEmphasized
    }
  }

  /// One token.
  public struct Token: Sendable, Equatable {
    /// What the token stands for, with its leading space and its newlines.
    public var text: String
    /// The name of its category.
    public var category: String?
    /// Used where the map colours by value; nil or not finite: grey.
    public var value: Double?
    /// Lines of the tooltip, after the token itself.
    public var details: String

    public init(
      _ text: String, category: String? = nil, value: Double? = nil, details: String = ""
    ) {
      self.text = text
      self.category = category
      self.value = value
      self.details = details
    }
  }

  public let title: String
  public let subtitle: String?
  public let tokens: [Token]
  public let categories: [Category]
  /// What the values are; nil: tokens are coloured by category.
  public let valueName: String?
  public let scale: ColorScale
  public let range: ClosedRange<Double>?
  let categoryIndices: [Int?]

  /// A token map. Of more than 3,000 tokens only the first and the last 1,500 are drawn, and the
  /// figure says so.
  ///
  /// - Parameters:
  ///   - categories: In the order of the legend. Their fills suit the order text, format, label,
  ///     query, target.
  ///   - valueName: Give it to colour tokens by their values; emphasised categories keep their
  ///     outline.
  ///   - range: What the ends of the colour scale stand for; nil: as the values need.
  /// - Throws: ``ChartError/unknownCategory(_:known:)``, ``ChartError/range(of:reason:)``.
  public init(
    title: String, subtitle: String? = nil, tokens: [Token], categories: [Category] = [],
    valueName: String? = nil, scale: ColorScale = .oranges, range: ClosedRange<Double>? = nil
  ) throws(ChartError) {
    if let range, !range.lowerBound.isDrawable || !range.upperBound.isDrawable {
      throw .range(of: "colour scale", reason: "the range must be finite")
    }
    var known: [String: Int] = [:]
    for (index, category) in categories.enumerated() where known[category.name] == nil {
      known[category.name] = index
    }
    var indices: [Int?] = []
    indices.reserveCapacity(tokens.count)
    for token in tokens {
      guard let name = token.category else {
        indices.append(nil)
        continue
      }
      guard let index = known[name] else {
        throw .unknownCategory(name, known: categories.map(\.name))
      }
      indices.append(index)
    }
    self.title = title
    self.subtitle = subtitle
    self.tokens = tokens
    self.categories = categories
    self.valueName = valueName
    self.scale = scale
    self.range = range
    categoryIndices = indices
  }
}

extension TokenMap {
  /// The largest number of tokens that a figure draws.
  static let mostTokens = 3_000

  /// The tokens that are drawn: all, or as many from the beginning as from the end.
  var drawnIndices: (head: Range<Int>, tail: Range<Int>) {
    guard tokens.count > Self.mostTokens else { return (tokens.indices, 0..<0) }
    let half = Self.mostTokens / 2
    return (0..<half, (tokens.count - half)..<tokens.count)
  }

  var mapping: ColorMapping {
    ColorMapping(
      scale: scale, range: range, extent: Extent(tokens.lazy.compactMap { $0.value }))
  }

  func isEmphasized(_ index: Int) -> Bool {
    categoryIndices[index].map { categories[$0].isEmphasized } ?? false
  }

  public var summary: String {
    ([sentence] + (valueName == nil ? markedText : valuedText)).joined(separator: "\n")
  }

  /// What is shown: how many tokens of which kind, or where the values have their ends.
  var sentence: String {
    let subject = Blocks.onOneLine(title)
    let count = "\(NumberText.count(tokens.count)) token\(tokens.count == 1 ? "" : "s")"
    if let valueName {
      let places = tokens.indices.filter { tokens[$0].value?.isDrawable ?? false }
      guard let most = places.max(by: { value($0) < value($1) }),
        let least = places.min(by: { value($0) < value($1) })
      else { return "\(subject): \(count), none with a value." }
      func place(_ index: Int) -> String {
        "\(NumberText.compact(value(index))) ('\(TokenText.plain(tokens[index].text))' at \(index))"
      }
      return "\(subject): \(Blocks.onOneLine(valueName)) of \(count),"
        + " highest \(place(most)), lowest \(place(least))."
    }
    let kinds = categories.indices.compactMap { index -> String? in
      let members = categoryIndices.count { $0 == index }
      return members > 0 ? "\(members) \(Blocks.onOneLine(categories[index].name))" : nil
    }
    return kinds.isEmpty
      ? "\(subject): \(count)." : "\(subject): \(count), \(kinds.joined(separator: ", "))."
  }

  private func value(_ index: Int) -> Double { tokens[index].value ?? .nan }

  /// The text with emphasised tokens in brackets.
  private var markedText: [String] {
    lines { index in
      let text = TokenText.plain(tokens[index].text)
      return isEmphasized(index) ? "⟦\(text)⟧" : text
    }
  }

  /// The text with a block after each token, as high as its value.
  private var valuedText: [String] {
    let mapping = self.mapping
    return lines { index in
      let value = value(index)
      let mark = value.isDrawable ? String(Blocks.height(mapping.fraction(value))) : ""
      return TokenText.plain(tokens[index].text) + mark
    }
  }

  private func lines(_ text: (Int) -> String) -> [String] {
    let most = 400
    var lines: [String] = []
    var line = ""
    for index in tokens.indices.prefix(most) {
      let next = text(index)
      if TextMetrics.cells(line) + TextMetrics.cells(next) > 96, !line.isEmpty {
        lines.append(line)
        line = ""
      }
      line += next
      if TokenText.endsLine(tokens[index].text) {
        lines.append(line)
        line = ""
      }
    }
    if !line.isEmpty { lines.append(line) }
    if tokens.count > most {
      lines.append("… and \(NumberText.count(tokens.count - most)) more tokens")
    }
    return lines
  }
}
