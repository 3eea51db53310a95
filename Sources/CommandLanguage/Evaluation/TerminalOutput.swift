import Foundation

/// Plain text on the standard streams, as `fathom run` prints it. Progress goes to standard
/// error, and only if that is a terminal.
public struct TerminalOutput: SessionOutput {
  private let showsProgress: Bool

  public init() {
    showsProgress = isatty(STDERR_FILENO) == 1
  }

  public func write(_ text: String, to stream: TextStream) {
    let handle = stream == .output ? FileHandle.standardOutput : FileHandle.standardError
    // A reader that went away (`| head`) is no reason to stop.
    try? handle.write(contentsOf: Data(text.utf8))
  }

  public func display(_ display: Display, id: String?) {
    write(display.plain + "\n", to: .output)
  }

  public func updateDisplay(_ display: Display, id: String) {
    write(display.plain + "\n", to: .output)
  }

  public func clear() {}

  public func progress(_ line: String, id: String, stage: ProgressStage) {
    guard showsProgress else { return }
    write("\r\u{1B}[K" + line + (stage == .ended ? "\n" : ""), to: .error)
  }
}
