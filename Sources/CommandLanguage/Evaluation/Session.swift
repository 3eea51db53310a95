import Synchronization

/// One conversation: variables, settings, the verbs, and where output goes.
///
/// Cells are executed one at a time; ``interrupt()`` may be called from any thread meanwhile.
public final class Session: Sendable {
  struct State: Sendable {
    var variables = ValueMap()
    var settings = ValueMap()
    /// `_`.
    var last: Value?
  }

  private struct Channel: Sendable {
    var output: any SessionOutput
    var progress: ProgressLine?
    var displayCount = 0
    var statement = ""
  }

  /// The verbs, in the order they were given; those of the language itself come last.
  public let commands: [any Command.Type]
  public let settings: [any AnySetting]
  public let topics: [HelpTopic]
  /// What help says above the list of verbs.
  public let welcome: String
  let commandsByName: [String: any Command.Type]
  private let state: Mutex<State>
  private let channel: Mutex<Channel>
  private let interruptFlag = Atomic<Bool>(false)
  private let now: @Sendable () -> Double

  /// - Parameters:
  ///   - commands: the verbs; one of the language's own names replaces the language's verb.
  ///   - settings: what `set` can change.
  ///   - topics: pages of help that are not about one verb.
  ///   - welcome: a line or two above the list of verbs.
  ///   - output: where output goes when ``execute(_:name:echo:output:)`` is not told otherwise.
  public convenience init(
    commands: [any Command.Type], settings: [any AnySetting] = [], topics: [HelpTopic] = [],
    welcome: String = "", output: any SessionOutput = NoOutput()
  ) {
    let start = ContinuousClock.now
    self.init(
      commands: commands, settings: settings, topics: topics, welcome: welcome, output: output,
      now: { (ContinuousClock.now - start) / .seconds(1) })
  }

  init(
    commands: [any Command.Type], settings: [any AnySetting], topics: [HelpTopic],
    welcome: String, output: any SessionOutput, now: @escaping @Sendable () -> Double
  ) {
    let given = Set(commands.map { $0.name })
    self.commands = commands + Self.languageCommands.filter { !given.contains($0.name) }
    commandsByName = Dictionary(
      self.commands.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    self.settings = settings + [Setting<Bool>.progress]
    self.topics = topics
    self.welcome = welcome
    self.now = now
    var initial = State()
    for setting in settings { initial.settings[setting.name] = setting.initial }
    state = Mutex(initial)
    channel = Mutex(Channel(output: output))
  }

  private static let languageCommands: [any Command.Type] = [
    HelpCommand.self, SetCommand.self, VarsCommand.self, ForgetCommand.self, PrintCommand.self,
    WarnCommand.self, ClearCommand.self,
  ]

  // MARK: Variables and settings

  /// The variables, oldest first.
  public var variables: ValueMap { state.withLock { $0.variables } }

  /// The value of a variable; `_` is the last statement's.
  public subscript(variable name: String) -> Value? {
    get { state.withLock { name == "_" ? $0.last : $0.variables[name] } }
    set {
      state.withLock { state in
        if name == "_" { state.last = newValue } else { state.variables[name] = newValue }
      }
    }
  }

  /// How a name that has no value would get one: `mini = load mini first`. Nil if no verb knows it.
  func origin(of name: String) -> String? {
    let maker = commands.first { command in
      command.makesNamedValues
        && command.init().parameters.first?.completions(in: self)
          .contains { $0.text == name } == true
    }
    return maker.map { "write \(name) = \($0.name) \(name) first" }
  }

  /// The value of a setting; its default if the session does not know it.
  public subscript<T>(setting: Setting<T>) -> T {
    guard let value = settingValues[setting.name],
      let converted = try? T.convert(value, in: self)
    else { return setting.defaultValue }
    return converted
  }

  var settingValues: ValueMap { state.withLock { $0.settings } }

  /// Changes a setting, as `set name=value` does.
  ///
  /// - Throws: a ``LanguageError`` if there is no such setting or the value does not fit.
  public func set(_ name: String, to value: Value) throws(LanguageError) {
    guard let setting = settings.first(where: { $0.name == name }) else {
      throw .argument(
        "there is no setting '\(name)'" + Suggestion.question(name, settings.map(\.name)))
    }
    do {
      _ = try setting.parameter.box.convert(value, in: self)
    } catch {
      throw Binder.explain(error, verb: "set", parameter: setting.parameter, value: value)
    }
    state.withLock { $0.settings[name] = value }
  }

  func snapshot() -> State { state.withLock { $0 } }

  func restore(_ saved: State) { state.withLock { $0 = saved } }

  // MARK: Output

  public internal(set) var output: any SessionOutput {
    get { channel.withLock { $0.output } }
    set { channel.withLock { $0.output = newValue } }
  }

  /// Shows something now, above the cell's result.
  public func show(_ display: Display) {
    output.display(display, id: nil)
  }

  /// Writes text to standard output or standard error.
  public func write(_ text: String, to stream: TextStream = .output) {
    output.write(text, to: stream)
  }

  /// The text of the statement that is being run, for the recipe of a result.
  public internal(set) var statement: String {
    get { channel.withLock { $0.statement } }
    set { channel.withLock { $0.statement = newValue } }
  }

  // MARK: Interrupts

  /// Asks the running cell to stop. Safe from any thread.
  public func interrupt() {
    interruptFlag.store(true, ordering: .releasing)
  }

  public var isInterrupted: Bool { interruptFlag.load(ordering: .acquiring) }

  /// To be called at least every 100 ms by what takes long.
  public func checkInterrupt() throws(Interrupted) {
    if isInterrupted { throw Interrupted() }
  }

  func clearInterrupt() {
    interruptFlag.store(false, ordering: .releasing)
  }

  // MARK: Progress

  /// Runs something long with a line of progress.
  ///
  /// ```swift
  /// try session.progress(unit: "prompts", total: prompts.count) { progress in
  ///   for prompt in prompts {
  ///     try session.checkInterrupt()
  ///     …
  ///     progress.advance()
  ///   }
  /// }
  /// ```
  public func progress<T>(
    unit: String, total: Int, _ body: (ProgressLine) throws -> T
  ) rethrows -> T {
    let isShown = self[.progress]
    let (line, outer) = channel.withLock { channel in
      channel.displayCount += 1
      let outer = channel.progress
      let line = ProgressLine(
        unit: unit, total: total,
        id: "progress-\(channel.displayCount)-\(UInt32.random(in: 0...(.max)))",
        output: isShown ? channel.output : nil, outer: outer, now: now)
      channel.progress = line
      return (line, outer)
    }
    defer { channel.withLock { $0.progress = outer } }
    do {
      let result = try body(line)
      line.finish(isStopped: false)
      return result
    } catch {
      line.finish(isStopped: true)
      throw error
    }
  }
}
