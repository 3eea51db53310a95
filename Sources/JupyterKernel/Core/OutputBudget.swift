/// How much one cell may put out before the rest is dropped, so that a runaway cell can neither
/// fill the memory of the kernel nor make the notebook file unusable.
public struct OutputLimits: Sendable, Equatable {
  /// Bytes of text on both streams together.
  public var textBytes: Int
  /// Bytes of all displays together. Updates of a display replace it and are not counted.
  public var displayBytes: Int

  public init(textBytes: Int = 1 << 20, displayBytes: Int = 64 << 20) {
    self.textBytes = max(0, textBytes)
    self.displayBytes = max(0, displayBytes)
  }
}

/// What is left of the limits while a cell runs.
struct OutputBudget: Sendable {
  private let limits: OutputLimits
  private var text: Int
  private var display: Int
  private var hasComplained = (text: false, display: false)

  init(_ limits: OutputLimits) {
    self.limits = limits
    text = limits.textBytes
    display = limits.displayBytes
  }

  /// The part of an event that may pass, and a notice the first time that something may not.
  mutating func admit(_ event: Output.Event) -> [Output.Event] {
    switch event {
    case .text(let addition, let stream):
      if addition.utf8.count <= text {
        text -= addition.utf8.count
        return [event]
      }
      let part = Self.prefix(of: addition, bytes: text)
      text = 0
      let notice = Self.notice("text", limits.textBytes, &hasComplained.text)
      return (part.isEmpty ? [] : [.text(part, stream)]) + notice
    case .display(let bundle, _):
      if bundle.textByteCount <= display {
        display -= bundle.textByteCount
        return [event]
      }
      display = 0
      return Self.notice("displays", limits.displayBytes, &hasComplained.display)
    case .updateDisplay, .clear:
      return [event]
    }
  }

  /// The longest beginning of a text that has at most so many bytes and cuts no scalar in two.
  private static func prefix(of text: String, bytes: Int) -> String {
    let end = text.utf8.index(text.startIndex, offsetBy: bytes)
    return String(text.unicodeScalars[..<text.unicodeScalars.index(alignedDown: end)])
  }

  private static func notice(_ what: String, _ bytes: Int, _ done: inout Bool) -> [Output.Event] {
    guard !done else { return [] }
    done = true
    let size = bytes >= 1 << 20 ? "\(bytes >> 20) MiB" : "\(bytes) bytes"
    return [
      .text("\n[The cell has put out \(size) of \(what); the rest is dropped.]\n", .standardError)
    ]
  }
}

extension String.UnicodeScalarView {
  /// The start of the scalar that an index points into.
  fileprivate func index(alignedDown index: Index) -> Index {
    Self.Index(index, within: String(self)) ?? self.index(before: self.index(after: index))
  }
}
