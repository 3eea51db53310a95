import CommandLanguage
import Foundation
import JupyterKernel

/// What commands show, sent to the cell that runs them.
struct NotebookOutput: SessionOutput {
  private let output: Output

  init(_ output: Output) {
    self.output = output
  }

  func write(_ text: String, to stream: TextStream) {
    output.write(text, to: stream == .output ? .standardOutput : .standardError)
  }

  func display(_ display: Display, id: String?) {
    output.display(MIMEBundle(display), id: id)
  }

  func updateDisplay(_ display: Display, id: String) {
    output.updateDisplay(MIMEBundle(display), id: id)
  }

  func clear() {
    output.clear()
  }
}

extension MIMEBundle {
  /// A display with its metadata.
  init(_ display: Display) {
    let data = display.data.map { type, text -> (String, Content) in
      // Clients expect these as JSON values, not as text that holds some.
      guard type.hasSuffix("json"),
        let value = try? JSONDecoder().decode(JSON.self, from: Data(text.utf8))
      else { return (type, .text(text)) }
      return (type, .json(value))
    }
    self.init(
      Dictionary(data) { _, last in last },
      metadata: JSON(display.metadata).members)
  }
}

extension JSON {
  /// A map of the language.
  init(_ map: ValueMap) {
    self = .object(Dictionary(map.map { ($0.key, JSON($0.value)) }) { _, last in last })
  }

  /// A value of the language, as `Value.json` would write it.
  init(_ value: CommandLanguage.Value) {
    switch value {
    case .nothing: self = .null
    case .boolean(let flag): self = .boolean(flag)
    case .number(let number): self = Int(exactly: number).map(JSON.integer) ?? .number(number)
    case .string(let text), .symbol(let text): self = .string(text)
    case .list(let values): self = .array(values.map { JSON($0) })
    case .range(let range): self = .array(range.numbers.map { .number($0) })
    case .map(let map): self = JSON(map)
    case .call: self = .string(value.text)
    case .object(let object): self = .string(object.summary)
    }
  }

  fileprivate var members: [String: JSON] {
    guard case .object(let members) = self else { return [:] }
    return members
  }
}
