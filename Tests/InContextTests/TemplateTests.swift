import Testing

@testable import InContext

@Suite("Templates")
struct TemplateTests {
  @Test("A demonstration ends in its label word and the query at the colon")
  func writing() throws {
    let template = try Template(
      "Review: {text}\nSentiment:{label}", labelWords: [" Negative", " Positive"])
    #expect(
      template.demonstration("so good ", labelled: 1) == "Review: so good \nSentiment: Positive")
    #expect(template.query("so good ") == "Review: so good \nSentiment:")
  }

  @Test("A blank before {label} belongs to the label word")
  func blankBeforeLabel() throws {
    let spaced = try Template("Q {text}\nA: {label}", labelWords: ["yes", " no"])
    let bare = try Template("Q {text}\nA:{label}", labelWords: [" yes", "no"])
    #expect(spaced == bare)
    #expect(spaced.labelWords == [" yes", " no"])
    #expect(spaced.query("?") == "Q ?\nA:")
  }

  @Test("Words are taken as they are if asked")
  func literalWords() throws {
    let template = try Template("{text}\n情感:{label}", labelWords: ["好", "坏"], spacing: .literal)
    #expect(template.demonstration("x", labelled: 0) == "x\n情感:好")
  }

  @Test(
    "A template that cannot work says which rule it breaks",
    arguments: [
      ("Review:\n{label}", "has no {text}"),
      ("{text} {text}\nA:{label}", "has 2 times {text}"),
      ("{text}\nA:", "has no {label}"),
      ("A:{label}\n{text}", "names the label before the text"),
      ("{text}\nA:{label}.", "goes on after {label}"),
      ("{text}{label}", "has nothing between"),
      ("{text} {label}", "has nothing between"),
      ("", "has no {text}"),
    ])
  func malformed(text: String, reason: String) {
    let error = #expect(throws: TemplateError.self) {
      try Template(text, labelWords: ["a", "b"])
    }
    #expect(error?.description.contains(reason) == true)
  }

  @Test("Label words must be there, on one line, and different")
  func malformedWords() {
    let text = "{text}\nA:{label}"
    #expect(throws: TemplateError.tooFewWords(count: 1)) { try Template(text, labelWords: ["a"]) }
    #expect(throws: TemplateError.emptyWord(words: ["a", " "])) {
      try Template(text, labelWords: ["a", " "])
    }
    #expect(throws: TemplateError.newline(word: "a\nb")) {
      try Template(text, labelWords: ["a\nb", "c"])
    }
    #expect(throws: TemplateError.duplicateWord(" a")) {
      try Template(text, labelWords: ["a", " a"])
    }
  }

  @Test("Words can be given class by class")
  func wordsByClass() throws {
    let template = try Template("{text}\nA:{label}", labelWords: ["x", "y"])
    let named = try template.with(
      labelWords: [("bad", "foul"), ("good", "fine")], of: ["good", "bad"])
    #expect(named.labelWords == [" fine", " foul"])
    #expect(throws: TemplateError.classWithoutWord(className: "bad")) {
      try template.with(labelWords: [("good", "fine")], of: ["good", "bad"])
    }
    #expect(throws: TemplateError.wordWithoutClass(className: "ugly", classes: ["good", "bad"])) {
      try template.with(labelWords: [("ugly", "fine")], of: ["good", "bad"])
    }
  }

  @Test("A text that looks like a template is left alone")
  func noInjection() throws {
    let template = try Template("{text}\nA:{label}", labelWords: ["x", "y"])
    #expect(template.demonstration("{label}{text}", labelled: 0) == "{label}{text}\nA: x")
  }
}
