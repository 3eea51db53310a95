/// Why a data set cannot be read or drawn from.
public enum DataError: Error, Sendable, Equatable {
  case source(Source)
  case rows(Rows)
  case classes(Classes)
  case drawing(Drawing)
}

extension DataError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .source(let problem): problem.description
    case .rows(let problem): problem.description
    case .classes(let problem): problem.description
    case .drawing(let problem): problem.description
    }
  }
}
