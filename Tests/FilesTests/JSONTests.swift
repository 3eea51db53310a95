import Files
import Testing

@Suite("JSON")
struct JSONTests {
  @Test("Every kind of value is read")
  func kinds() throws {
    let text = #" {"a": [1, -2.5, 1e3, true, false, null], "b": {"c": "d"}, "e": [], "f": {}} "#
    let value = try JSONValue(parsing: text)
    #expect(
      value == [
        "a": [1, -2.5, .number(1000), true, false, nil], "b": ["c": "d"], "e": [], "f": [:],
      ])
    #expect(value["b"]?["c"]?.string == "d")
    #expect(value["a"]?.array?.count == 6)
    #expect(value["none"] == nil)
  }

  @Test("Numbers keep whether they were integers, and are read as what is asked for")
  func numbers() throws {
    #expect(try JSONValue(parsing: "3") == .integer(3))
    #expect(try JSONValue(parsing: "3.0").int == 3)
    #expect(try JSONValue(parsing: "3.5").int == nil)
    #expect(try JSONValue(parsing: "3").double == 3)
    #expect(try JSONValue(parsing: "1e-05").double == 1e-05)
    #expect(try JSONValue(parsing: "-9223372036854775808") == .integer(.min))
    #expect(try JSONValue(parsing: "9223372036854775808") == .number(9_223_372_036_854_775_808))
    #expect(try JSONValue(parsing: "-0").double?.sign == .minus)
  }

  @Test("Escapes stand for their characters, pairs of surrogates for one")
  func escapes() throws {
    let text = #""\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\ud83d\ude00""#
    #expect(try JSONValue(parsing: text).string == "\"\\/\u{8}\u{c}\n\r\tAé€😀")
  }

  @Test("Names that look alike but have other bytes are different names")
  func canonicalEquivalence() throws {
    let value = try JSONValue(parsing: "{\"\u{E9}\": 1, \"e\u{301}\": 2}")
    #expect(value["\u{E9}"] == 1)
    #expect(value["e\u{301}"] == 2)
    #expect(JSONValue.string("\u{E9}") != JSONValue.string("e\u{301}"))
  }

  @Test(
    "What RFC 8259 does not allow is refused, with its place",
    arguments: [
      ("", 1, 1), ("[1,]", 1, 4), ("{\"a\":1,}", 1, 8), ("[1 2]", 1, 4), ("01", 1, 1),
      ("-", 1, 2), ("1.", 1, 3), (".5", 1, 1), ("1e", 1, 3), ("+1", 1, 1), ("NaN", 1, 1),
      ("nul", 1, 1), ("\"a", 1, 1), ("\"\\x\"", 1, 2), ("\"\\u12g4\"", 1, 6), ("[", 1, 2),
      ("\"\\ud800\"", 1, 2), ("\"\\udc00\\ud800\"", 1, 2), ("\"\\ud800\\u0041\"", 1, 2),
      ("{\"a\" 1}", 1, 6), ("{a:1}", 1, 2), ("1 1", 1, 3), ("// x\n1", 1, 1),
      ("\"a\u{1}\"", 1, 3), ("\u{FEFF}1", 1, 1), ("1e999", 1, 1), ("{\n\"é\":\n  x}", 3, 3),
      ("[{\"a\":1,\"a\":2}]", 1, 2), ("'a'", 1, 1), ("\u{A0}1", 1, 1),
    ])
  func refused(text: String, line: Int, column: Int) {
    let error = #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    #expect(error?.line == line, "\(text)")
    #expect(error?.column == column, "\(text): \(String(describing: error))")
  }

  @Test("Invalid UTF-8 is refused wherever it stands in a string")
  func invalidEncoding() {
    let cases: [[UInt8]] = [
      [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xC3],
      [0x5C, 0x6E, 0xFF],
    ]
    for bytes in cases {
      #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22] + bytes + [0x22]) }
    }
  }

  @Test("Nesting is refused beyond the limit and read up to it")
  func depth() throws {
    let deep = { (levels: Int) in
      String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
    }
    _ = try JSONValue(parsing: deep(128))
    #expect(throws: JSONError.self) { try JSONValue(parsing: deep(129)) }
    #expect(throws: JSONError.self) { try JSONValue(parsing: deep(1_000_000)) }
    #expect(throws: JSONError.self) {
      try JSONValue(parsing: String(repeating: "{\"a\":", count: 100_000))
    }
  }

  @Test("In a large object members are found by name and a second use of a name is an error")
  func largeObject() throws {
    let members = (0..<5000).map { "\"k\($0)\": \($0)" }
    let value = try JSONValue(parsing: "{" + members.joined(separator: ",") + "}")
    #expect(value["k0"] == 0)
    #expect(value["k4999"] == 4999)
    #expect(value["k5000"] == nil)
    #expect(throws: JSONError.self) {
      try JSONValue(parsing: "{" + members.joined(separator: ",") + ",\"k17\": 1}")
    }
  }

  @Test("What is written is read back the same")
  func roundTrip() throws {
    let value: JSONValue = [
      "text": "a\"b\\c\n\u{1}\u{7F}é😀", "numbers": [0, -1, 1.5, 1e-7, 1e300],
      "empty": [[], [:]], "nothing": nil, "yes": true,
    ]
    #expect(try JSONValue(parsing: value.text) == value)
    #expect(try JSONValue(parsing: value.prettyText) == value)
    #expect(JSONValue.number(.infinity).text == "null")
    #expect(
      (["a": [1, "b"]] as JSONValue).prettyText == "{\n  \"a\": [\n    1,\n    \"b\"\n  ]\n}")
  }

  @Test("No mutation of a text makes the parser stop the program")
  func mutations() {
    var generator = SplitMix(state: 7)
    let text = #"{"a":[1,-2.5e+3,"x\u00e9\ud83d\ude00",{"b":null,"c":[true,false]}],"é":0}"#
    let seed = Array(text.utf8)
    for _ in 0..<3000 {
      var bytes = seed
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &generator)
        case 1: bytes.remove(at: place)
        default: bytes.insert(contentsOf: bytes[..<place].suffix(5), at: place)
        }
        if bytes.isEmpty { break }
      }
      if let value = try? JSONValue(parsing: bytes) {
        #expect((try? JSONValue(parsing: value.text)) == value)
      }
    }
  }

  @Test(
    "What a download left in place of a file is called what it is",
    arguments: [
      ("\n<!doctype html>", "a web page"),
      ("version https://git-lfs.github.com/spec/v1", "Git LFS"),
    ])
  func strangeContent(text: String, part: String) throws {
    let error = #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    #expect(try #require(error).description.contains(part))
  }
}

/// A small seeded generator, so that a failure can be had again.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
