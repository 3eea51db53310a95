import Testing

@testable import CommandLanguage

@Suite("Errors")
struct ErrorTests {
  @Test(
    "An error shows the message, the line, carets and a hint",
    arguments: [
      (
        "measure mini shots=40",
        """
        ArgumentError: shots=40 is outside 1...32.
            measure mini shots=40
                         ^^^^^^^^
        """
      ),
      (
        "mesure mini",
        """
        NameError: no verb 'mesure'; did you mean 'measure'?
            mesure mini
            ^^^^^^
        """
      ),
      (
        "x = 5\nmeasure mini shotz=4",
        """
        ArgumentError: measure has no option 'shotz'; did you mean 'shots'?
          line 2, column 14:
            measure mini shotz=4
                         ^^^^^
          options of measure: shots, seed, format, batch, share, labels
        """
      ),
      (
        "measure",
        """
        ArgumentError: measure wants a sensor; none is given.
            measure
            ^^^^^^^
          sensor: The sensor to read.
          usage: measure SENSOR [shots=1] [seed=42] [format=svg] [batch=auto] [share=0.5] [labels=[]]
        """
      ),
      (
        "measure [1] shots=5 shots=6",
        """
        ArgumentError: shots= is given twice.
            measure [1] shots=5 shots=6
                                ^^^^^^^
        """
      ),
      (
        "sensor a b",
        """
        ArgumentError: sensor takes one input; b is one too many.
            sensor a b
                     ^
          usage: sensor TITLE
        """
      ),
      (
        "measure mni",
        """
        NameError: measure wants a sensor; there is no variable 'mni'; did you mean 'mini'?
            measure mni
                    ^^^
        """
      ),
      (
        "measure 5",
        """
        TypeError: measure wants a sensor; got 5.
            measure 5
                    ^
        """
      ),
      (
        "measure mini shots=1.5",
        """
        TypeError: shots= wants a whole number; got 1.5.
            measure mini shots=1.5
                         ^^^^^^^^^
        """
      ),
      (
        "measure mini format=pgn",
        """
        ArgumentError: format=pgn is not svg or png; did you mean 'png'?
            measure mini format=pgn
                         ^^^^^^^^^^
        """
      ),
      (
        "sum 1 [2, x]",
        """
        TypeError: sum wants a list of numbers; got the list [1, [2, x]].
            sum 1 [2, x]
                ^^^^^^^^
        """
      ),
      (
        "banking.csv",
        """
        NameError: no variable 'banking'.
            banking.csv
            ^^^^^^^
          if it is a file, write "banking.csv"
        """
      ),
      (
        "s = measure mini\ns.levle",
        """
        NameError: a reading has no field 'levle'; did you mean 'level'?
          line 2, column 3:
            s.levle
              ^^^^^
          fields: level, seed
        """
      ),
      (
        "x = [1, 2]; x[2]",
        """
        ArgumentError: [2] is outside the list; it has 2 items, counted from 0.
            x = [1, 2]; x[2]
                          ^
        """
      ),
      (
        "measure mini shots=14",
        """
        DataError: the sensor is wet
            measure mini shots=14
            ^^^^^^^
          dry it
        """
      ),
      (
        "measure mini shots=[1, 14]",
        """
        DataError: the sensor is wet
            measure mini shots=[1, 14]
            ^^^^^^^
          dry it
          in run 2 of 2: shots=14
        """
      ),
      (
        "measure mini shots=[1, 40]",
        """
        ArgumentError: shots=40 is outside 1...32.
            measure mini shots=[1, 40]
                                   ^^
        """
      ),
      (
        "sensor [a, b]",
        """
        TypeError: sensor wants a word or a string; got the list [a, b].
            sensor [a, b]
                   ^^^^^^
        """
      ),
      (
        "x = 5; x 6",
        """
        NameError: 'x' is a variable, not a verb.
            x = 5; x 6
                   ^
          a command starts with its verb: show x
        """
      ),
      (
        "x = print 5",
        """
        TypeError: there is no value to keep.
            x = print 5
                ^^^^^^^
        """
      ),
      (
        "1..5..-1",
        """
        ArgumentError: a range from 1 to 5 cannot go in steps of -1.
            1..5..-1
            ^^^^^^^^
        """
      ),
    ])
  func rendering(text: String, expected: String) {
    #expect(toySession().traceback(text) == expected)
  }

  @Test("Carets stand under what a person sees, whatever the width of the characters")
  func width() {
    #expect(
      toySession().traceback("\tsum \"日本\"\t\"e\u{301}🐟\" qq=1 \"\"") == """
        ArgumentError: sum has no option 'qq'.
            sum "日本"  "é🐟" qq=1 ""
                              ^^
          it has none
        """)
    let failure = toySession().execute("sum \"🐟👨‍👩‍👧\" qq=1").failure
    #expect(failure?.column == 10 && failure?.line == 1)
  }

  @Test("A very long line is cut around the place")
  func longLine() throws {
    let numbers = (1...2_000).map(String.init).joined(separator: " ")
    for text in ["sum \(numbers) qq=1 \(numbers)", "qq \(numbers)", "sum \(numbers) [\(numbers)"] {
      let traceback = try #require(toySession().execute(text).failure).traceback
      #expect(traceback.allSatisfy { TextWidth.columns($0) <= 80 + 40 })
      #expect(TextWidth.columns(traceback[1]) <= 80)
      #expect(traceback[2].contains("^"))
    }
  }

  @Test("The name of a file stands in the place of an error")
  func fileName() {
    let failure = toySession().execute("x = 1\n)", name: "a.fathom").failure
    #expect(failure?.traceback[1] == "  a.fathom, line 2, column 1:")
  }

  @Test("The nearest name is near")
  func suggestions() {
    let names = ["saliency", "show", "save", "set"]
    #expect(Suggestion.nearest(to: "saliancy", in: names) == "saliency")
    #expect(Suggestion.nearest(to: "sohw", in: names) == "show")
    #expect(Suggestion.nearest(to: "Set", in: names) == "set")
    #expect(Suggestion.nearest(to: "sal", in: names) == "saliency")
    #expect(Suggestion.nearest(to: "plot", in: names) == nil)
    #expect(Suggestion.nearest(to: "x", in: ["y"]) == nil)
  }
}
