import Foundation

/// The process that started the kernel and said so in `JPY_PARENT_PID`.
struct ParentProcess: Sendable {
  /// Milliseconds between two looks.
  static let interval = 500

  private let identifier: pid_t
  /// Whether it is the direct parent; there may be a shell or a launcher in between.
  private let isDirect: Bool

  /// - Parameter environment: nil is returned if it names no parent.
  init?(environment: [String: String] = ProcessInfo.processInfo.environment) {
    guard let text = environment["JPY_PARENT_PID"], let identifier = pid_t(text), identifier > 1
    else { return nil }
    self.identifier = identifier
    isDirect = getppid() == identifier
  }

  /// An orphan gets a new parent, whichever that is: not always process 1.
  var isAlive: Bool {
    if isDirect { return getppid() == identifier }
    return kill(identifier, 0) == 0 || errno != ESRCH
  }
}
