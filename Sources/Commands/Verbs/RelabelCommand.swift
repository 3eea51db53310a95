import CommandLanguage
import InContext

/// Gives a data set other label words.
struct RelabelCommand: Command {
  static let group = "behaviour"
  static let summary = "A data set with other label words."
  static let discussion = """
    Rows and classes stay; what names a class in a prompt changes. Words without a leading blank are \
    given one, as the paper's have. labels=unrelated are the letters A, B, C … in class order, so that \
    only the demonstrations say what they mean (appendix of Label Words are Anchors). Every verb that \
    takes a data set takes the result; labels= of an analysis does the same for it alone.
    """
  static let examples = [
    "ab = relabel sst2 labels=unrelated",
    "evaluate mini (relabel sst2 labels=[bad, good]) samples=100",
    "dataset sst2 | relabel labels=[A, B] | evaluate model=mini samples=100",
  ]
  static let lifts = true

  @Input("The data set.") var dataset: DatasetObject
  @Option("Label words in class order, a map from class to word, or unrelated.")
  var labels: LabelOption

  func run(in session: Session) throws -> DatasetObject {
    let relabelled = try dataset.dataset.written(template: nil, labels: labels)
    return DatasetObject(
      relabelled,
      argumentText: "(relabel \(dataset.argumentText) labels=\(labels.argumentText))",
      name: relabelled.nameWithLabelWords)
  }
}
