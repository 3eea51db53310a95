import CZeroMQ
import Foundation

/// A failure of the transport.
public struct TransportError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was being done, with the address if there is one.
  public let action: String
  /// The error number of ZeroMQ or of the system.
  public let code: Int32

  init(_ action: String, code: Int32 = zmq_errno()) {
    self.action = action
    self.code = code
  }

  public var description: String {
    "cannot \(action): \(String(cString: zmq_strerror(code)))"
  }
}

/// A ZeroMQ context.
///
/// Unchecked: ZeroMQ lets every thread use a context; the pointer never changes.
final class SocketContext: @unchecked Sendable {
  fileprivate let raw: UnsafeMutableRawPointer

  init() throws(TransportError) {
    guard let raw = zmq_ctx_new() else { throw TransportError("start ZeroMQ") }
    self.raw = raw
  }

  /// Makes every call that waits on one of the sockets return with an error.
  func stop() {
    zmq_ctx_shutdown(raw)
  }

  /// Waits until what was sent has left, as long as the sockets linger. All must be closed.
  func terminate() {
    while zmq_ctx_term(raw) != 0, zmq_errno() == EINTR {}
  }
}

/// A ZeroMQ socket.
///
/// Unchecked: a socket is made and bound on the thread that starts the kernel, and then used only
/// by the one thread that owns it; starting that thread is the memory fence ZeroMQ asks for.
final class Socket: @unchecked Sendable {
  enum Kind {
    case router, publisher

    fileprivate var code: Int32 {
      switch self {
      case .router: ZMQ_ROUTER
      case .publisher: ZMQ_XPUB
      }
    }
  }

  let raw: UnsafeMutableRawPointer
  private var isOpen = true

  /// - Parameters:
  ///   - maximumBytes: a frame longer than this ends the connection of the peer that sends it.
  ///   - linger: milliseconds that closing waits for peers to take what was sent to them.
  init(_ kind: Kind, in context: SocketContext, maximumBytes: Int64, linger: Int32)
    throws(TransportError)
  {
    guard let raw = zmq_socket(context.raw, kind.code) else {
      throw TransportError("open a socket")
    }
    self.raw = raw
    set(ZMQ_LINGER, linger)
    // Never drop a message because a client reads slowly; what a cell may put out is limited.
    set(ZMQ_SNDHWM, Int32(0))
    set(ZMQ_MAXMSGSIZE, maximumBytes)
    switch kind {
    case .router:
      // A client that comes back under its old identity takes its place.
      set(ZMQ_ROUTER_HANDOVER, Int32(1))
    case .publisher:
      // Each subscription is answered with a welcome, also if the topic is known already.
      set(ZMQ_XPUB_VERBOSE, Int32(1))
    }
  }

  deinit {
    close()
  }

  private func set<Value: BitwiseCopyable>(_ option: Int32, _ value: Value) {
    var value = value
    zmq_setsockopt(raw, option, &value, MemoryLayout<Value>.size)
  }

  /// Listens at an address and returns it with the port that was chosen, if it left that open.
  func bind(_ address: String) throws(TransportError) -> String {
    if address.contains("[") { set(ZMQ_IPV6, Int32(1)) }
    guard zmq_bind(raw, address) == 0 else { throw TransportError("listen at \(address)") }
    var text = [CChar](repeating: 0, count: 1_024)
    var count = text.count
    guard zmq_getsockopt(raw, ZMQ_LAST_ENDPOINT, &text, &count) == 0 else { return address }
    return String(
      decoding: text.prefix(max(0, count - 1)).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// The frames of the next message; nil if none is there.
  ///
  /// Of a message with very many frames only the first are kept, and enough to see that.
  func receive() -> [Data]? {
    var parts: [Data] = []
    var frame = zmq_msg_t()
    repeat {
      zmq_msg_init(&frame)
      defer { zmq_msg_close(&frame) }
      // Later frames of a message are there as soon as its first one is.
      while zmq_msg_recv(&frame, raw, ZMQ_DONTWAIT) < 0 {
        guard zmq_errno() == EINTR else { return nil }
      }
      guard parts.count <= Frames.limit else { continue }
      if let bytes = zmq_msg_data(&frame) {
        parts.append(Data(bytes: bytes, count: zmq_msg_size(&frame)))
      } else {
        parts.append(Data())
      }
    } while zmq_msg_more(&frame) != 0
    return parts
  }

  /// Sends a message; one to a peer that has left is dropped.
  func send(_ parts: [Data]) {
    for (index, part) in parts.enumerated() {
      let flags = ZMQ_DONTWAIT | (index + 1 < parts.count ? ZMQ_SNDMORE : 0)
      let count = part.withUnsafeBytes { bytes in
        var result: Int32
        repeat {
          result = zmq_send(raw, bytes.baseAddress, bytes.count, flags)
        } while result < 0 && zmq_errno() == EINTR
        return result
      }
      if count < 0 { return }
    }
  }

  /// Sends back every message as it came, until the context is stopped.
  func echo() {
    // Ends with an error: ETERM once the context is stopped, EINTR at a signal.
    while zmq_proxy(raw, raw, nil) != 0, zmq_errno() == EINTR {}
  }

  func close() {
    guard isOpen else { return }
    isOpen = false
    zmq_close(raw)
  }
}
