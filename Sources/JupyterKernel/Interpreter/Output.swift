import Synchronization

/// Where a running cell writes to.
///
/// Safe to use from any thread. When the cell has ended the output is closed, and whatever comes
/// later is dropped, so that nothing can follow the kernel's `idle`.
public final class Output: Sendable {
  /// The two text streams of a cell.
  public enum Stream: String, Sendable, Codable {
    case standardOutput = "stdout"
    case standardError = "stderr"
  }

  /// What a cell can put out.
  public enum Event: Sendable, Equatable {
    case text(String, Stream)
    case display(MIMEBundle, id: String?)
    case updateDisplay(MIMEBundle, id: String)
    case clear(wait: Bool)
  }

  /// What a cell can have the front end do once the cell has ended.
  public enum Payload: Sendable, Equatable {
    /// Show something in a pager, beginning at a line.
    case page(MIMEBundle, start: Int)
    /// Put code into the next cell, or into this one in place of its code.
    case nextInput(String, replace: Bool)
  }

  /// Answers a question put to the person at the keyboard.
  public typealias Answerer =
    @Sendable (_ prompt: String, _ password: Bool) throws(InputError) ->
    String

  private struct State {
    var isOpen = true
    var payloads: [Payload] = []
  }

  private let state = Mutex(State())
  private let interruption = Atomic<Bool>(false)
  private let receive: @Sendable (Event) -> Void
  private let answer: Answerer?

  /// An output that hands each event on, in order and one at a time.
  ///
  /// - Parameters:
  ///   - answer: answers questions; nil where nobody can.
  ///   - receive: called on the thread that writes. It must not write to this output itself.
  public init(answer: Answerer? = nil, receive: @escaping @Sendable (Event) -> Void) {
    self.answer = answer
    self.receive = receive
  }

  /// Writes text to one of the cell's streams. Writes are gathered into few messages.
  public func write(_ text: String, to stream: Stream = .standardOutput) {
    if !text.isEmpty { send(.text(text, stream)) }
  }

  /// Displays a value below the cell.
  ///
  /// - Parameter id: a name under which the display can be updated later.
  public func display(_ bundle: MIMEBundle, id: String? = nil) {
    send(.display(bundle, id: id))
  }

  /// Replaces every display of this name, in this cell and in earlier ones.
  public func updateDisplay(_ bundle: MIMEBundle, id: String) {
    send(.updateDisplay(bundle, id: id))
  }

  /// Clears what the cell has put out.
  ///
  /// - Parameter wait: whether to wait for the next output, which avoids flicker.
  public func clear(wait: Bool = false) {
    send(.clear(wait: wait))
  }

  /// Shows something in the front end's pager once the cell has ended.
  public func page(_ bundle: MIMEBundle, start: Int = 0) {
    state.withLock { if $0.isOpen { $0.payloads.append(.page(bundle, start: start)) } }
  }

  /// Puts code into the next cell, or into this one, once the cell has ended.
  public func suggestInput(_ code: String, replace: Bool = false) {
    state.withLock { if $0.isOpen { $0.payloads.append(.nextInput(code, replace: replace)) } }
  }

  /// Asks the person at the keyboard, and waits for the answer.
  ///
  /// - Parameter password: whether the answer is to stay invisible.
  /// - Throws: ``InputError`` if nobody can answer, or if the cell was interrupted meanwhile.
  public func ask(_ prompt: String, password: Bool = false) throws(InputError) -> String {
    guard let answer, state.withLock({ $0.isOpen }) else { throw .notAllowed }
    return try answer(prompt, password)
  }

  /// Whether the cell has been asked to stop. A long command looks here every few milliseconds.
  ///
  /// Each cell has an output of its own, so that an interrupt can never hit the next cell.
  public var isInterrupted: Bool {
    interruption.load(ordering: .relaxed)
  }

  /// Asks the cell to stop.
  public func interrupt() {
    interruption.store(true, ordering: .relaxed)
  }

  /// The payloads so far.
  public var payloads: [Payload] {
    state.withLock { $0.payloads }
  }

  /// Drops everything that comes from now on.
  ///
  /// What was sent before has been handed on in full when this returns.
  public func close() {
    state.withLock { $0.isOpen = false }
  }

  private func send(_ event: Event) {
    // Handed on under the lock: two threads keep one order, and nothing slips past close().
    state.withLock { if $0.isOpen { receive(event) } }
  }
}

/// Why a question to the person at the keyboard has no answer.
public enum InputError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The front end takes no questions, as in a notebook executed without a person.
  case notAllowed
  /// The cell was interrupted, or the kernel is about to end.
  case interrupted

  public var description: String {
    switch self {
    case .notAllowed:
      "this cell cannot ask for input: the client that runs it does not allow it"
    case .interrupted: "the question was interrupted"
    }
  }
}
