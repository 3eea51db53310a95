/// One labelled text of a data set.
public struct Example: Sendable, Equatable {
  /// The text, as the data set has it.
  public let text: String
  /// The class id: an index into ``Dataset/classes``.
  public let label: Int
  /// The row in its split, from 0.
  public let row: Int

  public init(text: String, label: Int, row: Int) {
    self.text = text
    self.label = label
    self.row = row
  }
}
