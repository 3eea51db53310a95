extension Evaluation {
  /// How well one class is answered.
  public struct ClassScore: Sendable, Equatable {
    /// Rows that are of the class, rows so answered, and rows that are both.
    public let gold: Int
    public let answered: Int
    public let correct: Int

    /// The share of the class's rows that are answered right: its accuracy. Nil without rows.
    public var recall: Double? { gold > 0 ? Double(correct) / Double(gold) : nil }
    /// The share of the answers that are right; nil if the class is never answered.
    public var precision: Double? { answered > 0 ? Double(correct) / Double(answered) : nil }
    /// The harmonic mean of recall and precision; nil of a class that neither occurs nor is answered.
    public var f1: Double? {
      gold + answered > 0 ? 2 * Double(correct) / Double(gold + answered) : nil
    }
  }

  /// A score for every class.
  public var classScores: [ClassScore] {
    let confusion = confusion
    return classes.indices.map { id in
      ClassScore(
        gold: confusion[id].reduce(0, +), answered: confusion.reduce(0) { $0 + $1[id] },
        correct: confusion[id][id])
    }
  }

  /// The mean F1 of the classes that occur or are answered, as scikit-learn takes it.
  public var macroF1: Double {
    let values = classScores.compactMap(\.f1)
    return values.reduce(0, +) / Double(max(values.count, 1))
  }
}
