import ArgumentParser
import Commands

/// What `fathom` understands on the command line.
@main
struct FathomCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fathom",
    abstract: "A Jupyter kernel for finding out how language models learn in context.",
    discussion: """
      In a notebook, choose the kernel Fathom after `fathom install --user`. On a terminal, \
      `fathom run -c help` lists the verbs of the language.
      """,
    version: Fathom.version,
    subcommands: [
      KernelCommand.self, RunCommand.self, InstallCommand.self, VersionCommand.self,
    ])
}

/// Says which version this is.
struct VersionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "Print the version.")

  func run() {
    print(Fathom.version)
  }
}
