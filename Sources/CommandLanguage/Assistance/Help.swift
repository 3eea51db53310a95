/// A page of help that is not about one verb, such as what `save` writes.
public struct HelpTopic: Sendable {
  public let name: String
  public let summary: String
  /// Paragraphs, a blank line apart; indented lines are shown as they are.
  public let text: String

  public init(_ name: String, summary: String, text: String) {
    self.name = name
    self.summary = summary
    self.text = text
  }
}

/// A page of help.
public struct HelpPage: LanguageObject {
  /// What a page is made of.
  enum Part: Sendable {
    case heading(String)
    case paragraph(String)
    case code([String])
    /// Names with what they are and what to say about them.
    case list([(term: String, text: String, detail: String)])
  }

  public static var typeName: String { "page of help" }

  let title: String
  let parts: [Part]

  public var summary: String { "help: \(title)" }

  public func display() -> Display { Display(plain: plain, html: html) }

  private var plain: String {
    var lines = [title]
    for part in parts {
      switch part {
      case .heading(let text): lines += ["", text]
      case .paragraph(let text): lines += ["", text]
      case .code(let code): lines += code.map { "    " + $0 }
      case .list(let entries):
        let width = entries.reduce(0) { max($0, TextWidth.columns($1.term)) }
        for entry in entries {
          let detail = entry.detail.isEmpty ? "" : " (\(entry.detail))"
          lines.append("  " + entry.term.padded(to: width) + "  " + entry.text + detail)
        }
      }
    }
    return lines.joined(separator: "\n")
  }

  private var html: String {
    var html = "<h3>\(title.htmlEscaped)</h3>\n"
    for part in parts {
      switch part {
      case .heading(let text): html += "<h4>\(text.htmlEscaped)</h4>\n"
      case .paragraph(let text): html += "<p>\(text.htmlEscaped)</p>\n"
      case .code(let code):
        html += "<pre><code>\(code.joined(separator: "\n").htmlEscaped)</code></pre>\n"
      case .list(let entries):
        html += "<table>\n<tbody>\n"
        for entry in entries {
          html += "<tr><th scope=\"row\" style=\"text-align:left\"><code>"
          html += "\(entry.term.htmlEscaped)</code></th>"
          html += "<td style=\"text-align:left\">\(entry.text.htmlEscaped)"
          if !entry.detail.isEmpty { html += " <em>(\(entry.detail.htmlEscaped))</em>" }
          html += "</td></tr>\n"
        }
        html += "</tbody>\n</table>\n"
      }
    }
    return html
  }
}

extension HelpPage {
  /// All verbs by group, and the topics.
  static func overview(of session: Session) -> HelpPage {
    var groups: [String] = []
    for command in session.commands where !groups.contains(command.group) {
      groups.append(command.group)
    }
    var parts: [Part] = session.welcome.isEmpty ? [] : [.paragraph(session.welcome)]
    for group in groups {
      let members = session.commands.filter { $0.group == group }
      parts += [.heading(group), .list(members.map { ($0.name, $0.summary, "") })]
    }
    if !session.topics.isEmpty {
      parts += [.heading("topics"), .list(session.topics.map { ($0.name, $0.summary, "") })]
    }
    parts.append(.paragraph("help VERB says more about a verb; Tab completes, Shift-Tab explains."))
    return HelpPage(title: "The verbs", parts: parts)
  }

  /// A verb with everything its declaration says.
  static func page(for command: any Command.Type, in session: Session) -> HelpPage {
    let parameters = command.init().parameters
    var parts: [Part] = [.paragraph(command.summary), .heading("Usage"), .code([command.usage])]
    func list(_ title: String, _ parameters: [Parameter]) {
      guard !parameters.isEmpty else { return }
      parts += [.heading(title), .list(parameters.map { ($0.name, $0.doc, $0.details) })]
    }
    list("Inputs", parameters.filter { $0.kind == .input || $0.kind == .variadicInput })
    list(
      "Options", parameters.filter { $0.kind == .option } + command.otherOptions(in: session))
    parts += paragraphs(of: command.discussion)
    if command.lifts {
      parts.append(
        .paragraph("A list where one value is wanted runs it for each: seed=1..5, or [a, b]."))
    }
    if let topic = session.topics.first(where: { $0.name == command.name }) {
      parts += paragraphs(of: topic.text)
    }
    if !command.examples.isEmpty { parts += [.heading("Examples"), .code(command.examples)] }
    return HelpPage(title: command.name, parts: parts)
  }

  /// The verbs that have an option, and what it is to each; nil if none has it.
  static func page(forOption name: String, in session: Session) -> HelpPage? {
    let entries = session.commands.flatMap { command in
      (command.init().parameters + command.otherOptions(in: session))
        .filter { $0.name == name && $0.kind == .option }
        .map { (term: command.name, text: $0.doc, detail: $0.details) }
    }
    guard !entries.isEmpty else { return nil }
    return HelpPage(
      title: "\(name)=", parts: [.paragraph("An option of these verbs:"), .list(entries)])
  }

  static func page(for topic: HelpTopic) -> HelpPage {
    HelpPage(title: topic.name, parts: [.paragraph(topic.summary)] + paragraphs(of: topic.text))
  }

  /// Blocks set apart by blank lines; a block whose lines are all indented is code.
  private static func paragraphs(of text: String) -> [Part] {
    var parts: [Part] = []
    var block: [Substring] = []
    func end() {
      guard !block.isEmpty else { return }
      if block.allSatisfy({ $0.hasPrefix("  ") }) {
        let indent = block.map { $0.prefix { $0 == " " }.count }.min() ?? 0
        parts.append(.code(block.map { String($0.dropFirst(indent)) }))
      } else {
        parts.append(.paragraph(block.joined(separator: " ")))
      }
      block = []
    }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.allSatisfy(\.isWhitespace) { end() } else { block.append(line) }
    }
    end()
    return parts
  }
}
