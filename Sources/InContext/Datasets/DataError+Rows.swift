extension DataError {
  /// What is wrong in a file.
  public enum Rows: Error, Sendable, Equatable {
    case missingColumn(file: String, column: String, option: String, columns: [String], line: Int?)
    /// The whole header is one column, whose name holds what separates columns elsewhere.
    case otherSeparator(file: String, header: String, separator: OtherSeparator)
    case repeatedColumn(file: String, column: String)
    case invalidJSON(file: String, line: Int, reason: String)
    case wrongKind(file: String, line: Int, column: String, found: String, wanted: String)
    case notUTF8(file: String, line: Int)
    case raggedRow(file: String, line: Int, expected: Int, found: Int)
    case unclosedQuote(file: String, line: Int)
    case textAfterQuote(file: String, line: Int)
    case emptyLabel(file: String, line: Int)
  }

  /// What stands between the fields of a file that was taken for one of another kind.
  public enum OtherSeparator: Character, Sendable, CaseIterable {
    case tab = "\t"
    case semicolon = ";"
    case bar = "|"
    case comma = ","
  }
}

extension DataError.Rows: CustomStringConvertible {
  public var description: String {
    switch self {
    case .missingColumn(let file, let column, let option, let columns, let line):
      let place = line.map { ", line \($0)," } ?? ""
      let others = columns.filter { $0 != column }
      let guess = column.nearest(among: others) ?? (option == "text" ? others.first : others.last)
      let hint = guess.map { "; say \(option)=\($0.asArgument)." } ?? "."
      return "\(file)\(place) has no column '\(column)' (it has \(columns.inQuotes))\(hint)"
    case .otherSeparator(let file, let header, let separator):
      return Self.advice(on: separator, in: header, of: file)
    case .repeatedColumn(let file, let column):
      return "\(file) has two columns named '\(column)'; rename one."
    case .invalidJSON(let file, let line, let reason): return "\(file), line \(line): \(reason)."
    case .wrongKind(let file, let line, let column, let found, let wanted):
      return "\(file), line \(line): '\(column)' is \(found); it must be \(wanted)."
    case .notUTF8(let file, let line):
      return "\(file), line \(line): the text is not UTF-8; convert the file to UTF-8."
    case .raggedRow(let file, let line, let expected, let found):
      return "\(file), line \(line): \(found) \(found == 1 ? "field" : "fields") where the header "
        + "has \(expected); fields with separators, quotes or line breaks want quotes around them."
    case .unclosedQuote(let file, let line):
      return "\(file), line \(line): the quote opened here is never closed."
    case .textAfterQuote(let file, let line):
      return "\(file), line \(line): a closing quote is followed by more text; "
        + "write a quote inside quotes twice."
    case .emptyLabel(let file, let line): return "\(file), line \(line): the label is empty."
    }
  }

  private static func advice(
    on separator: DataError.OtherSeparator, in header: String, of file: String
  ) -> String {
    let stem = file.split(separator: ".").dropLast().joined(separator: ".")
    let isCommaFile = file.lowercased().hasSuffix(".csv")
    let shown = header.split(separator: separator.rawValue).map(String.init).inQuotes
    let taken = isCommaFile ? "commas" : "tabs"
    switch separator {
    case .tab, .comma:
      let found = separator == .tab ? "tabs" : "commas"
      let ending = separator == .tab ? "tsv" : "csv"
      return "\(file) has \(found) between its columns (\(shown)), where \(taken) are wanted; "
        + "rename it \(stem).\(ending)."
    case .semicolon, .bar:
      let found = separator == .semicolon ? "semicolons" : "bars"
      return "\(file) has \(found) between its columns (\(shown)), where \(taken) are wanted; "
        + "save it again with commas as .csv, or with tabs as .tsv. In Python: pandas.read_csv("
        + "\"\(file)\", sep=\"\(separator.rawValue)\").to_csv(\"\(stem)-commas.csv\", index=False)"
    }
  }
}

extension String {
  /// The string as it is written in the command language: bare if it is one word.
  fileprivate var asArgument: String {
    let isWord = unicodeScalars.allSatisfy { $0.properties.isAlphabetic || $0 == "_" }
    return isWord && !isEmpty ? self : debugDescription
  }
}
