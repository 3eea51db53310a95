import Files
import Testing

@testable import InContext

@Suite("Built-in data sets")
struct BuiltInTests {
  @Test(
    "The four sets have the paper's sizes, classes and label words",
    arguments: [
      ("sst2", 67349, 872, [29780, 37569], [" Negative", " Positive"]),
      (
        "trec", 5452, 500, [86, 1250, 1162, 1223, 835, 896],
        [" Abbreviation", " Entity", " Description", " Person", " Location", " Number"]
      ),
      (
        "agnews", 5615, 7600, [1410, 1410, 1437, 1358],
        [" World", " Sports", " Business", " Technology"]
      ),
      ("emoc", 30160, 5509, [14948, 4243, 5463, 5506], [" Others", " Happy", " Sad", " Angry"]),
    ])
  func sizes(name: String, train: Int, test: Int, counts: [Int], words: [String]) throws {
    let dataset = try Fixtures.dataset(name)
    #expect(dataset.train.count == train)
    #expect(dataset.test.count == test)
    #expect(dataset.classCounts == counts)
    #expect(dataset.template.labelWords == words)
    #expect(dataset.train.indices.allSatisfy { dataset.train[$0].row == $0 })
    #expect(dataset.fingerprint.count == 64)
    #expect(dataset.citation?.hasPrefix("@inproceedings{") == true)
    #expect(dataset.licence != nil)
  }

  @Test("SST-2's sentences end with the blank that GLUE's have")
  func trailingBlank() throws {
    let sst2 = try Fixtures.dataset("sst2")
    #expect(sst2.train[0].text == "hide new secretions from the parental units ")
    #expect(sst2.train.allSatisfy { $0.text.utf8.last == 0x20 })
    #expect(sst2.test.allSatisfy { $0.text.utf8.last == 0x20 })
    #expect(
      sst2.template.demonstration(sst2.train[0].text, labelled: 0)
        == "Review: hide new secretions from the parental units \nSentiment: Negative")
  }

  @Test("EmoContext answers to both of its names")
  func aliases() throws {
    let emo = try Dataset.load("emo")
    #expect(try emo.fingerprint == Fixtures.dataset("emoc").fingerprint)
    #expect(emo.name == "emoc")
  }

  @Test("Label words follow the classes into another order")
  func reordered() throws {
    let options = Dataset.Options(classes: .listed(["positive", "negative"]))
    let sst2 = try Dataset.load("sst2", options: options)
    #expect(sst2.template.labelWords == [" Positive", " Negative"])
    #expect(sst2.classCounts == [37569, 29780])
    #expect(try sst2.fingerprint != Fixtures.dataset("sst2").fingerprint)
  }

  @Test("Every built-in template is one that a person could have given")
  func templatesAreWellFormed() throws {
    for builtIn in BuiltIn.all {
      let words = builtIn.template.labelWords
      #expect(try Template(builtIn.template.text, labelWords: words) == builtIn.template)
    }
  }

  @Test("A misspelt name brings the nearest one to mind")
  func unknownName() {
    let error = #expect(throws: DataError.self) { try Dataset.load("sst") }
    #expect(error?.description.contains("there is no data set 'sst'; did you mean 'sst2'?") == true)
    #expect(throws: DataError.source(.missingFile("gone.csv"))) { try Dataset.load("gone.csv") }
  }
}
