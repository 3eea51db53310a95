import ArgumentParser
import CommandLanguage
import Commands
import Foundation

/// Runs a script, or commands given in place of one, and prints what they show as plain text.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run a script in the language of Fathom.",
    discussion: """
      Every value that a cell of a notebook would show is printed as plain text. The exit status \
      is 0, or 1 with the error on standard error, or 1 where a check fails (describe check=true). \
      Relative paths in a script are of the current folder, not of the script's.
      """)

  @Argument(help: "The script, UTF-8; - for standard input.", completion: .file())
  var file: String?

  @ArgumentParser.Option(
    name: .customShort("c"), parsing: .unconditional,
    help: ArgumentHelp("Run these commands instead of a script.", valueName: "commands"))
  var commands: String?

  @ArgumentParser.Option(
    name: .customLong("set"),
    help: ArgumentHelp("Change a setting first, as set does.", valueName: "key=value"))
  var settings: [String] = []

  func validate() throws {
    if (file == nil) == (commands == nil) {
      throw ValidationError("Say a script, - for standard input, or -c 'COMMANDS'; one of them.")
    }
  }

  func run() throws {
    let session = Fathom.session(output: TerminalOutput())
    for setting in settings {
      try finish(session.execute("set " + setting, name: "--set"))
    }
    if let commands {
      try finish(session.execute(commands, echo: .every))
    } else if let file {
      let name = file == "-" ? "standard input" : file
      try finish(session.execute(try script(from: file), name: name, echo: .every))
    }
  }

  private func finish(_ result: CellResult) throws {
    if let failure = result.failure { complain(failure.traceback.joined(separator: "\n")) }
    guard result.failure == nil, result.passed else { throw ExitCode.failure }
  }

  private func script(from file: String) throws -> String {
    do {
      let data =
        try file == "-"
        ? FileHandle.standardInput.readToEnd() ?? Data()
        : Data(contentsOf: URL(fileURLWithPath: file))
      guard let text = String(validating: data, as: UTF8.self) else {
        complain("\(file): not a script: the text is not UTF-8")
        throw ExitCode.failure
      }
      // Some editors begin a file with a byte order mark.
      return text.unicodeScalars.first == "\u{FEFF}"
        ? String(text.unicodeScalars.dropFirst()) : text
    } catch let error as CocoaError {
      let isMissing = error.code == .fileReadNoSuchFile || error.code == .fileNoSuchFile
      complain("\(file): \(isMissing ? "there is no such file" : error.localizedDescription)")
      throw ExitCode.failure
    }
  }

  private func complain(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
  }
}
