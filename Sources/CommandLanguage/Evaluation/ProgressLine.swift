import Synchronization

/// One line about a long command, updated in place at most ten times a second and left behind
/// as `1,000 prompts · 12.3 s · 81 prompts/s`. A command that is quick shows none.
///
/// With `set progress=false` none shows any. It may be advanced from any thread. Within another one
/// (an analysis within a grid) it shows nothing of its own: the outer line tells of it.
public final class ProgressLine: Sendable {
  /// Nothing is shown before this many seconds.
  static let patience = 0.3
  /// The least time between two updates, in seconds.
  static let interval = 0.1

  private struct State {
    var done = 0
    var lastUpdate = -Double.infinity
    var isShown = false
    var isFinished = false
    var innerText: String?
  }

  let unit: String
  let total: Int
  private let id: String
  /// nil if nothing is to be shown.
  private let output: (any SessionOutput)?
  private let outer: ProgressLine?
  /// Seconds on a clock that never goes back.
  private let now: @Sendable () -> Double
  private let start: Double
  private let state = Mutex(State())

  init(
    unit: String, total: Int, id: String, output: (any SessionOutput)?, outer: ProgressLine?,
    now: @escaping @Sendable () -> Double
  ) {
    self.unit = unit
    self.total = total
    self.id = id
    self.output = output
    self.outer = outer
    self.now = now
    start = now()
  }

  /// So many are done. A smaller number than before is ignored.
  public func advance(to count: Int) {
    update { $0.done = max($0.done, count) }
  }

  /// So many more are done.
  public func advance(by count: Int = 1) {
    update { $0.done += count }
  }

  private func update(_ change: (inout State) -> Void) {
    let time = now()
    let innerText: String? = state.withLock { state in
      change(&state)
      guard !state.isFinished, time - start >= Self.patience,
        time - state.lastUpdate >= Self.interval
      else { return nil }
      state.lastUpdate = time
      let text = Self.line(
        done: state.done, total: total, unit: unit, seconds: time - start, inner: state.innerText)
      if outer != nil { return "\(state.done.grouped) of \(total.grouped) \(unit)" }
      // Under the lock, so that lines arrive in order.
      output?.progress(text, id: id, stage: state.isShown ? .went : .began)
      state.isShown = true
      return nil
    }
    if let innerText { outer?.update { $0.innerText = innerText } }
  }

  /// Says the last word; later calls change nothing. Shows nothing if nothing was shown.
  func finish(isStopped: Bool) {
    let time = now()
    state.withLock { state in
      guard !state.isFinished else { return }
      state.isFinished = true
      guard state.isShown else { return }
      let text = Self.summary(
        done: state.done, total: total, unit: unit, seconds: time - start, isStopped: isStopped)
      output?.progress(text, id: id, stage: .ended)
    }
    outer?.update { $0.innerText = nil }
  }

  static func line(done: Int, total: Int, unit: String, seconds: Double, inner: String?) -> String {
    var parts = ["\(done.grouped) of \(total.grouped) \(unit)", duration(seconds)]
    if done > 0, done < total {
      parts.append("\(duration(seconds / Double(done) * Double(total - done))) left")
    }
    if let inner { parts.append(inner) }
    return parts.joined(separator: " · ")
  }

  static func summary(
    done: Int, total: Int, unit: String, seconds: Double, isStopped: Bool
  ) -> String {
    if isStopped {
      return "\(done.grouped) of \(total.grouped) \(unit) · \(duration(seconds)) · stopped"
    }
    let rate = Double(done) / max(seconds, 1e-9)
    let rateText = rate >= 10 ? Int(rate.rounded()).grouped : rate.text(digits: 2)
    return "\(done.grouped) \(unit) · \(duration(seconds)) · \(rateText) \(unit)/s"
  }

  /// `12.3 s`, `4 min 05 s`, `2 h 10 min`.
  static func duration(_ seconds: Double) -> String {
    guard seconds >= 99.95 else { return "\(seconds.fixed(decimals: 1)) s" }
    let whole = Int(min(seconds, 1e9).rounded())
    func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return whole < 3600
      ? "\(whole / 60) min \(twoDigits(whole % 60)) s"
      : "\(whole / 3600) h \(twoDigits(whole % 3600 / 60)) min"
  }
}

extension Setting where T == Bool {
  /// Whether a ``ProgressLine`` shows.
  public static let progress = Setting(
    "progress", "Whether long commands tell how far they are.", default: true)
}
