import Foundation
import Testing

@testable import InContext

@Suite("Data sets from files")
struct DataFileTests {
  /// The rows of a file as they are read, before classes and splits.
  private func rows(_ name: String, _ content: String) throws -> [String] {
    try Fixtures.withFiles([name: Array(content.utf8)]) { folder in
      let columns = Columns(text: "text", label: "label")
      let rows = try RawRows(folder.appendingPathComponent(name), columns: columns)
      return zip(rows.texts, rows.labels).map { "\($0)=\(rows.values[$1].name)" }
    }
  }

  // MARK: Comma-separated values

  @Test("Quotes, doubled quotes, separators and line breaks in fields are read by RFC 4180")
  func quoting() throws {
    let content =
      "text,label\r\n\"a, \"\"b\"\"\r\nc\",x\r\n\"\",y\r\nplain \"inner\" quote,x\r\n  z ,y"
    let found = try rows("a.csv", content)
    #expect(found == ["a, \"b\"\r\nc=x", "=y", "plain \"inner\" quote=x", "  z =y"])
  }

  @Test("A byte order mark, blank lines and a missing last line break do no harm")
  func tolerance() throws {
    let content = "\u{FEFF}label,text\n\nx,1\n\n\ny,2"
    #expect(try rows("a.csv", content) == ["1=x", "2=y"])
  }

  @Test("Errors in a file name the line they are on")
  func lines() {
    #expect(
      Fixtures.message("a.csv", "text,label\n\"a\nb\",x\nc\n").hasPrefix("a.csv, line 4: 1 field"))
    #expect(
      Fixtures.message("a.csv", "text,label\na,x\n\"b,y\nc,x\n").hasPrefix(
        "a.csv, line 3: the quote"))
    #expect(
      Fixtures.message("a.csv", "text,label\n\"a\"b,x\n").hasPrefix("a.csv, line 2: a closing"))
    #expect(
      Fixtures.message("a.csv", "text,label\na,x\nb,\n").hasPrefix(
        "a.csv, line 3: the label is empty"))
    #expect(Fixtures.message("a.csv", "text,label\na,x,1\n").hasPrefix("a.csv, line 2: 3 fields"))
  }

  @Test("In tab-separated files a lone quote is a plain character")
  func tabs() throws {
    let content =
      "text\tlabel\n\"Hello\" he said\tx\n\"quoted\ttab \"\"q\"\"\"\ty\n\"open\tx\nit \"is\"\ty\n"
    let found = try rows("a.tsv", content)
    #expect(
      found == ["\"Hello\" he said=x", "quoted\ttab \"q\"=y", "\"open=x", "it \"is\"=y"])
  }

  @Test("A missing column is answered with the columns there are")
  func missingColumn() {
    #expect(
      Fixtures.message("banking.csv", "utterance,intent\na,b\n", options: .init(text: "utterance"))
        == "banking.csv has no column 'label' (it has 'utterance', 'intent'); say label=intent.")
    #expect(
      Fixtures.message(
        "a.jsonl", "{\"text\":\"a\",\"label\":\"x\"}\n{\"text\":\"b\",\"lable\":\"y\"}\n")
        == "a.jsonl, line 2, has no column 'label' (it has 'text', 'lable'); say label=lable.")
  }

  @Test("A file that has something else between its columns is recognised by its header")
  func otherSeparators() {
    #expect(
      Fixtures.message("films.v2.csv", "text;label\na, b;c\n")
        == "films.v2.csv has semicolons between its columns ('text', 'label'), where commas are "
        + "wanted; save it again with commas as .csv, or with tabs as .tsv. In Python: "
        + "pandas.read_csv(\"films.v2.csv\", sep=\";\").to_csv(\"films.v2-commas.csv\", index=False)"
    )
    #expect(
      Fixtures.message("a.csv", "text\tlabel\nb\tc\n")
        == "a.csv has tabs between its columns ('text', 'label'), where commas are wanted; "
        + "rename it a.tsv.")
    #expect(
      Fixtures.message("a.tsv", "text,label\nb,c\n").hasSuffix("are wanted; rename it a.csv."))
    #expect(Fixtures.message("a.csv", "words\nb\n").contains("has no column 'text'"))
  }

  // MARK: JSON lines

  @Test("Escapes, other members, integers and blank lines are read")
  func jsonLines() throws {
    let content = """
      {"text":"a\\u00e9\\n","label":"x"}

       { "id" : 7, "label" : "y" , "text" : "b" }\r
      {"nested":{"a":[1]},"text":"c","label":"x"}
      {"text":"d","label":"y","truth":true}
      """
    let found = try rows("a.jsonl", content)
    #expect(found == ["aé\n=x", "b=y", "c=x", "d=y"])
  }

  @Test("Integer labels are classes in numerical order")
  func integers() throws {
    let content = [10, 9, 100, 9, 10, 100].map { "{\"text\":\"t\",\"label\":\($0)}\n" }.joined()
    let dataset = try Fixtures.load("a.jsonl", content)
    #expect(dataset.classes == ["9", "10", "100"])
    #expect(dataset.template.labelWords == [" 9", " 10", " 100"])
  }

  @Test(
    "What is no row is an error with its line",
    arguments: [
      (
        "{\"text\":\"a\",\"label\":\"x\"}\n{\"text\":\"b\" \"label\":\"y\"}\n",
        "a.jsonl, line 2: column 13"
      ),
      ("[1]\n", "a.jsonl, line 1: an array where an object should be"),
      (
        "{\"text\":1,\"label\":\"x\"}\n",
        "a.jsonl, line 1: 'text' is an integer; it must be a string"
      ),
      ("{\"text\":\"a\",\"label\":null}\n", "a.jsonl, line 1: 'label' is null"),
      ("{\"text\":\"a\",\"label\":\"x\",\"text\":\"b\"}\n", "a.jsonl, line 1"),
      ("\n \n", "a.jsonl has no rows."),
      ("", "a.jsonl has no rows."),
    ])
  func malformedLines(content: String, reason: String) {
    #expect(Fixtures.message("a.jsonl", content).hasPrefix(reason))
  }

  @Test("Text that is not UTF-8 is refused")
  func encoding() throws {
    let bytes = Array("{\"text\":\"a".utf8) + [0xFF] + Array("\",\"label\":\"x\"}\n".utf8)
    try Fixtures.withFiles(["a.jsonl": bytes, "a.csv": [0x74, 0x65, 0xE9, 0x0A]]) { folder in
      for name in ["a.jsonl", "a.csv"] {
        #expect(throws: DataError.rows(.notUTF8(file: name, line: 1))) {
          try Dataset.load(folder.appendingPathComponent(name).path)
        }
      }
    }
  }

  // MARK: Classes

  @Test("Classes can be listed, renamed and merged")
  func classOrder() throws {
    let content = "text,label\na,0\nb,1\nc,2\nd,0\n"
    var options = Dataset.Options(classes: .mapped([("1", "good"), ("0", "bad"), ("2", "good")]))
    let merged = try Fixtures.load("a.csv", content, options: options)
    #expect(merged.classes == ["good", "bad"])
    #expect(merged.train.map(\.label) == [1, 0])
    #expect(merged.test.map(\.text) == ["c", "d"])
    options.classes = .listed(["2", "0", "1"])
    #expect(try Fixtures.load("a.csv", content, options: options).classes == ["2", "0", "1"])
    options.classes = .listed(["0", "1"])
    #expect(
      Fixtures.message("a.csv", content, options: options).hasPrefix(
        "a.csv, line 4: the label '2' is none of '0', '1'"))
    options.classes = .listed(["0", "1", "2", "3"])
    #expect(
      Fixtures.message("a.csv", content, options: options).hasPrefix(
        "a has no training row of class '3'"))
    options.classes = .listed(["0", "1", "0"])
    #expect(Fixtures.message("a.csv", content, options: options) == "labels= names '0' twice.")
    #expect(Fixtures.message("a.csv", "text,label\na,x\n").hasPrefix("a must have at least two"))
  }

  // MARK: Splits

  @Test("One file is split class by class: the last fifth is held out")
  func heldOut() throws {
    let lines = (0..<20).map { "t\($0),\($0 < 10 ? "x" : "y")\n" }.joined()
    let dataset = try Fixtures.load("a.csv", "text,label\n" + lines)
    #expect(dataset.test.map(\.text) == ["t8", "t9", "t18", "t19"])
    #expect(dataset.train.count == 16)
    #expect(dataset.classCounts == [8, 8])
    #expect(dataset.test.map(\.row) == [0, 1, 2, 3])
    for fraction in [0, 1, -0.5, .nan, 2] {
      #expect(throws: DataError.self) {
        try Fixtures.load(
          "a.csv", "text,label\n" + lines, options: .init(test: .fraction(fraction)))
      }
    }
  }

  @Test("A folder's files and a second file give the test rows")
  func folders() throws {
    let train = Array("text,label\na,x\nb,y\n".utf8)
    let test = Array("{\"text\":\"c\",\"label\":\"y\"}\n".utf8)
    try Fixtures.withFiles(["train.csv": train, "test.jsonl": test]) { folder in
      let dataset = try Dataset.load(folder.path)
      #expect(dataset.train.map(\.text) == ["a", "b"])
      #expect(dataset.test == [Example(text: "c", label: 1, row: 0)])
      let second = try Dataset.load(
        folder.appendingPathComponent("train.csv").path,
        options: .init(test: .file(folder.appendingPathComponent("test.jsonl"))))
      #expect(second.fingerprint == dataset.fingerprint)
    }
    try Fixtures.withFiles(["train.csv": train, "dev.csv": train]) { folder in
      let error = #expect(throws: DataError.self) { try Dataset.load(folder.path) }
      #expect(error?.description.contains("(it has 'dev.csv', 'train.csv')") == true)
    }
  }

  @Test("The same rows have one fingerprint in every format")
  func fingerprints() throws {
    let csv = try Fixtures.load("a.csv", "text,label\na,x\nb,y\nc,x\nd,y\n")
    let tsv = try Fixtures.load("a.tsv", "label\ttext\nx\ta\ny\tb\nx\tc\ny\td\n")
    let other = try Fixtures.load("a.csv", "text,label\na,x\nb,y\nc,x\nd ,y\n")
    #expect(csv.fingerprint == tsv.fingerprint)
    #expect(csv.fingerprint != other.fingerprint)
  }

  // MARK: Hostile files

  @Test("Random bytes are read or refused, never more")
  func fuzz() throws {
    var random = SystemRandomNumberGenerator()
    let alphabet =
      Array("\"\"\",,\t\t\r\n\n{}[]:textlabel0189\\u \u{FEFF}é".utf8) + [0x00, 0xFF, 0xC3]
    for seed in ["text,label\n", "text\tlabel\n", "{\"text\":\"a\",\"label\":\"x\"}\n", ""] {
      for _ in 0..<150 {
        let noise = (0..<Int.random(in: 0...80, using: &random)).map { _ in
          alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
        }
        for name in ["a.csv", "a.tsv", "a.jsonl"] {
          try Fixtures.withFiles([name: Array(seed.utf8) + noise]) { folder in
            do {
              let dataset = try Dataset.load(folder.appendingPathComponent(name).path)
              #expect(dataset.train.allSatisfy { dataset.classes.indices.contains($0.label) })
            } catch let error as DataError {
              #expect(!error.description.isEmpty)
            }
          }
        }
      }
    }
  }
}
