import Synchronization

@testable import CommandLanguage

/// A toy result that measures one number and has two fields.
struct Reading: LanguageObject, Measured, Liftable {
  static let typeName = "reading"
  let level: Double
  let seed: Int

  var summary: String { "a reading of \(level.plainText)" }
  var fieldNames: [String] { ["level", "seed"] }
  func field(_ name: String) -> Value? {
    switch name {
    case "level": level.value
    case "seed": seed.value
    default: nil
    }
  }
  var measurements: [(name: String, value: Double)] { [("level", level)] }
  static func combined(_ grid: Grid) -> (any LanguageObject)? {
    Table(columns: ["title"], rows: grid.groups().map { [.string($0.title)] })
  }
}

/// A toy result that measures a number, or says why it does not.
struct Sighting: LanguageObject, Measured {
  static let typeName = "sighting"
  var distance: Double?
  var speed: Double?
  var reason: String?

  var summary: String { "a sighting" }
  var measurements: [(name: String, value: Double)] {
    [("distance", distance ?? .nan)] + (speed.map { [("speed", $0)] } ?? [])
  }
  var whyUndefined: String? { reason }
}

/// A toy model that can be named by a word.
struct Sensor: LanguageObject {
  static let typeName = "sensor"
  let name: String
  var summary: String { "sensor \(name)" }
  var fieldNames: [String] { ["name"] }
  func field(_ name: String) -> Value? { name == "name" ? .string(self.name) : nil }

  static func convert(_ value: Value, in session: Session) throws -> Sensor? {
    if let sensor = unwrap(value) { return sensor }
    guard let word = value.word, ["mini", "maxi"].contains(word) else { return nil }
    return Sensor(name: word)
  }
  static func completions(in session: Session) -> [Completion] {
    [Completion("mini", .value, "a small one"), Completion("maxi", .value, "a large one")]
  }
}

struct BrokenError: Error, CustomStringConvertible {
  var description: String { "the sensor\nis broken" }
}

struct WetError: NamedError, CustomStringConvertible {
  var languageName: String { "DataError" }
  var languageHint: String? { "dry it" }
  var description: String { "the sensor is wet" }
}

struct MeasureCommand: Command {
  static let group = "looking"
  static let summary = "Measures a level."
  static let discussion = "First paragraph,\nstill the first.\n\n  indented code"
  static let examples = ["measure mini shots=3"]
  static let lifts = true

  @Input("The sensor to read.") var sensor: Sensor
  @Option("Shots.", in: 1...32) var shots = 1
  @Option("Seed of the draw.") var seed = 42
  @Option("Form of the answer.", choices: ["svg", "png"]) var format = "svg"
  @Option("How many at once.", in: 1..., defaultText: "auto") var batch: Int?
  @Option("A share.", in: 0...1) var share = 0.5
  @Option("Words.") var labels: [String] = []

  func run(in session: Session) throws -> Reading {
    if shots == 13 { throw BrokenError() }
    if shots == 14 { throw WetError() }
    if shots == 15 { session.interrupt() }
    return Reading(level: Double(shots * 10 + seed), seed: seed)
  }
}

struct SensorCommand: Command {
  static let group = "looking"
  static let summary = "A sensor by its name."
  @Input("Its name.") var title: String
  func run(in session: Session) -> Sensor { Sensor(name: title) }
}

struct ShowCommand: Command {
  static let group = "looking"
  static let summary = "Shows a value at once."
  @Input("What to show.") var subject: Value
  func run(in session: Session) -> Shown {
    session.show(subject.display)
    return Shown(subject)
  }
}

struct SumCommand: Command {
  static let group = "numbers"
  static let summary = "Adds numbers up."
  @Input("Numbers.") var numbers: [Double]
  func run(in session: Session) -> Double { numbers.reduce(0, +) }
}

struct EchoCommand: Command {
  static let group = "numbers"
  static let summary = "Gives back what it gets."
  @Input("Anything.") var subject: Value
  @Option("Anything.") var layers: Value = .nothing
  func run(in session: Session) -> Value { layers.isNothing ? subject : layers }
}

struct Sampling: ParameterGroup {
  @Option("Shots.", in: 1...8) var shots = 1
  @Option("Seed.") var seed = 42
}

struct DrawCommand: Command {
  static let group = "numbers"
  static let summary = "Says what it was given."
  @Input("Anything.") var first: Value
  let sampling = Sampling()
  @Option("How many at once.", defaultText: "auto") var batch: Int?

  func run(in session: Session) -> String {
    "[" + arguments.map { "\($0.name)=\($0.text)" }.joined(separator: " ") + "] "
      + session.statement
  }
}

enum Theme: String, ChoiceConvertible, Sendable { case light, dark }

extension Setting where T == Theme {
  static let theme = Setting("theme", "Colours of figures.", default: .light)
}

extension Setting where T == Int {
  static let width = Setting("width", "Width of figures.", default: 640, in: 200...4000)
}

/// Keeps what is shown.
final class Recorder: SessionOutput {
  private let events = Mutex<[String]>([])
  var log: [String] { events.withLock { $0 } }
  private func add(_ event: String) { events.withLock { $0.append(event) } }
  func write(_ text: String, to stream: TextStream) { add("\(stream.rawValue): \(text)") }
  func display(_ display: Display, id: String?) { add("display: \(display.plain)") }
  func updateDisplay(_ display: Display, id: String) { add("update: \(display.plain)") }
  func clear() { add("clear") }
}

/// A clock that moves when it is told to.
final class ToyClock: Sendable {
  private let seconds = Mutex(0.0)
  func advance(_ by: Double) { seconds.withLock { $0 += by } }
  var now: Double { seconds.withLock { $0 } }
}

func toySession(output: any SessionOutput = NoOutput(), clock: ToyClock = ToyClock()) -> Session {
  Session(
    commands: [
      MeasureCommand.self, SensorCommand.self, ShowCommand.self, SumCommand.self,
      EchoCommand.self,
    ],
    settings: [Setting.theme, Setting.width],
    topics: [HelpTopic("files", summary: "What is written.", text: "One file.")],
    welcome: "Toys.", output: output, now: { clock.now })
}

extension Session {
  /// The text of a cell's result, or its error's name and message.
  func result(_ text: String) -> String {
    let result = execute(text)
    if let failure = result.failure { return "\(failure.name): \(failure.message)" }
    return result.display?.plain ?? ""
  }

  func traceback(_ text: String) -> String {
    execute(text).failure?.traceback.joined(separator: "\n") ?? "no error"
  }
}
