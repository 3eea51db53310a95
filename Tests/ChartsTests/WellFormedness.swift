/// A small, strict reader of the part of XML that the figures use. It knows start tags, end tags,
/// empty elements, attributes in double quotes, text and the predefined entities, and refuses
/// everything else.
struct WellFormedness {
  struct Violation: Error, CustomStringConvertible {
    let description: String
  }

  private let scalars: [Unicode.Scalar]
  private var place = 0
  private(set) var elements: [String] = []
  private(set) var ids: [String] = []
  /// Values of every attribute but `aria-labelledby` and `xmlns`.
  private(set) var attributes: [(name: String, value: String)] = []

  init(_ document: String) throws {
    scalars = Array(document.unicodeScalars)
    for scalar in scalars {
      switch scalar.value {
      case 0x09, 0x0A, 0x0D, 0x20...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF: break
      default: throw Violation(description: "U+\(String(scalar.value, radix: 16)) in XML")
      }
    }
    try read()
  }

  private mutating func read() throws {
    var open: [String] = []
    var roots = 0
    while place < scalars.count {
      if scalars[place] != "<" {
        let text = try characters(until: "<")
        if open.isEmpty, text.contains(where: { !$0.isWhitespace }) {
          throw Violation(description: "text outside the root: \(text.prefix(40))")
        }
        continue
      }
      place += 1
      if take("/") {
        let name = name()
        guard open.popLast() == name, take(">") else {
          throw Violation(description: "</\(name)> closes nothing")
        }
        continue
      }
      let name = name()
      guard !name.isEmpty else { throw Violation(description: "a tag without a name") }
      elements.append(name)
      if open.isEmpty { roots += 1 }
      try readAttributes(of: name)
      if take("/") {
        guard take(">") else { throw Violation(description: "'/' inside <\(name)>") }
      } else {
        guard take(">") else { throw Violation(description: "<\(name)> does not end") }
        open.append(name)
      }
    }
    guard open.isEmpty, roots == 1 else {
      throw Violation(description: "\(roots) roots, open at the end: \(open)")
    }
  }

  private mutating func readAttributes(of element: String) throws {
    var seen: Set<String> = []
    while take(" ") {
      while take(" ") {}
      let key = name()
      guard !key.isEmpty, take("="), take("\"") else {
        throw Violation(description: "a broken attribute '\(key)' in <\(element)>")
      }
      guard seen.insert(key).inserted else {
        throw Violation(description: "'\(key)' twice in <\(element)>")
      }
      let value = try characters(until: "\"")
      guard take("\"") else { throw Violation(description: "'\(key)' does not end") }
      if key == "id" { ids.append(value) }
      if key != "xmlns", key != "aria-labelledby" { attributes.append((key, value)) }
    }
  }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard place < scalars.count, scalars[place] == scalar else { return false }
    place += 1
    return true
  }

  private mutating func name() -> String {
    var name = ""
    while place < scalars.count,
      scalars[place].properties.isAlphabetic
        || scalars[place] == "-" || ("0"..."9").contains(scalars[place])
    {
      name.unicodeScalars.append(scalars[place])
      place += 1
    }
    return name
  }

  /// Characters with their entities resolved.
  private mutating func characters(until end: Unicode.Scalar) throws -> String {
    let entities = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "#39": "'"]
    var text = ""
    while place < scalars.count, scalars[place] != end {
      let scalar = scalars[place]
      place += 1
      if scalar == "<" { throw Violation(description: "'<' inside an attribute") }
      guard scalar == "&" else {
        text.unicodeScalars.append(scalar)
        continue
      }
      var entity = ""
      while place < scalars.count, scalars[place] != ";", entity.utf8.count < 8 {
        entity.unicodeScalars.append(scalars[place])
        place += 1
      }
      guard let resolved = entities[entity], take(";") else {
        throw Violation(description: "&\(entity) is no entity")
      }
      text += resolved
    }
    return text
  }
}
