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

  /// The threads that an analysis may use.
  var threads: Int { self[.threads] }
}
