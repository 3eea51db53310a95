import Charts
import CommandLanguage

/// The command language with every verb that Fathom has.
public enum Fathom {
  /// The version of the program, of its language, and of what recipes say.
  public static let version = "0.1.0"

  /// A new session: no variables, default settings.
  ///
  /// - Parameter output: where output goes when a cell is executed without one of its own.
  public static func session(output: any SessionOutput = NoOutput()) -> Session {
    Session(
      commands: commands, settings: settings, topics: topics, welcome: welcome, output: output)
  }

  private static let commands: [any Command.Type] = [
    // models
    LoadCommand.self, ModelsCommand.self, DescribeCommand.self, TokensCommand.self,
    GenerateCommand.self,
    // data and prompts
    DatasetCommand.self, DatasetsCommand.self, TemplateCommand.self, PromptCommand.self,
    ShowCommand.self,
    // behaviour, inside the model, information flow
    PredictCommand.self, EvaluateCommand.self, RelabelCommand.self, TraceCommand.self,
    SaliencyCommand.self, IsolateCommand.self, AttentionCommand.self,
    // uses of it
    ReweightCommand.self, CompressCommand.self, ConfuseCommand.self,
    // looking and keeping
    PlotCommand.self, TableCommand.self, SaveCommand.self, CiteCommand.self,
    // session
    VersionCommand.self,
  ]

  private static let settings: [any AnySetting] = [
    Setting<Theme>.theme, Setting<Int>.width, Setting<Int>.threads,
  ]

  private static let welcome = """
    Fathom \(version) looks into language models that learn in context. Begin with \
    saliency mini sst2 samples=50 | plot, or show (prompt sst2).
    """
}
