import Charts
import CommandLanguage
import LinearAlgebra

extension Setting where T == Theme {
  static let theme = Setting("theme", "Colours of figures.", default: .light)
}

extension Setting where T == Int {
  static let width = Setting("width", "Width of figures in pixels.", default: 720, in: 280...4_000)
  static let threads = Setting(
    "threads", "Processors that work at once.", default: Machine.cores, in: 1...1_024)
}

extension Session {
  /// Runs something long with a monitor that stops with the cell and moves a line of progress.
  func monitored<T>(unit: String, total: Int, _ body: (Monitor) throws -> T) throws -> T {
    try progress(unit: unit, total: total) { line in
      try body(
        Monitor(
          isCancelled: { self.isInterrupted }, advanced: { done, _ in line.advance(to: done) }))
    }
  }

  /// Stops with the cell, and shows nothing: for what comes before the long part.
  var quietMonitor: Monitor { Monitor(isCancelled: { self.isInterrupted }) }

  /// Says on standard error, where it is not overlooked, that a result rests on fewer samples than were
  /// asked for.
  ///
  /// - Parameters:
  ///   - title: whose result it is: `mini on sst2`.
  ///   - seed: which of several, over which means are taken.
  /// - Returns: the same for a recipe; nothing if none is missing.
  func warnOfShortfall(
    _ dropped: Int, of all: Int, for model: Model, title: String, seed: Int
  ) -> [String] {
    guard dropped > 0 else { return [] }
    let note =
      "\(title), seed=\(seed): only \((all - dropped).grouped) of \(all.grouped) samples; the prompts "
      + "of the others have more than the \(model.architecture.context.grouped) tokens that \(model.name) takes"
    write("WARNING: \(note)\n", to: .error)
    return [note]
  }

  /// The threads that an analysis may use.
  var threads: Int { self[.threads] }
}
