import CCurl
import Foundation

/// Transfers over HTTP by libcurl, one after the other, over connections that stay open.
///
/// libcurl is loaded by the first client: linking it would add some 15 ms to every start of the
/// program, and URLSession about as much.
final class HTTPClient {
  struct Response {
    var status = 0
    /// By name in lower case.
    var headers: [String: String] = [:]
    /// Where to ask instead.
    var redirect: String?
  }

  /// Why there is no answer.
  enum Failure: Error {
    case unreachable(String), untrusted(String), cutOff(String), cancelled
    case receiver(HubError)
  }

  private let client: OpaquePointer
  private let certificates: String?
  private let isCancelled: () -> Bool

  /// - Parameters:
  ///   - certificates: a file of certificates to trust instead of the system's.
  ///   - isCancelled: asked at least twenty times a second while something is under way.
  /// - Throws: ``HubError/noLibrary``.
  init(certificates: String?, isCancelled: @escaping () -> Bool) throws(HubError) {
    guard let client = curl_client_create() else { throw .noLibrary }
    self.client = client
    self.certificates = certificates
    self.isCancelled = isCancelled
  }

  deinit { curl_client_destroy(client) }

  /// Asks for the header of what is at a URL.
  func head(_ url: String, _ headers: [String]) throws(Failure) -> Response {
    try perform(url, headers, onlyHead: true) { _, _ in }
  }

  /// Asks for what is at a URL.
  ///
  /// - Parameter receive: takes each piece of the answer as it arrives, with the header.
  func get(
    _ url: String, _ headers: [String],
    receive: @escaping (Response, UnsafeRawBufferPointer) throws(HubError) -> Void
  ) throws(Failure) -> Response {
    try perform(url, headers, onlyHead: false, receive: receive)
  }

  private func perform(
    _ url: String, _ headers: [String], onlyHead: Bool,
    receive: @escaping (Response, UnsafeRawBufferPointer) throws(HubError) -> Void
  ) throws(Failure) -> Response {
    let transfer = Transfer(receive: receive, isCancelled: isCancelled)
    let outcome = Self.withTexts([url] + headers, certificates) { texts, certificates in
      var request = curl_request()
      request.url = texts[0]
      // The list after the URL ends with a nil of its own.
      request.headers = texts.baseAddress.map { $0 + 1 }
      request.only_head = onlyHead
      request.certificates = certificates
      request.context = Unmanaged.passUnretained(transfer).toOpaque()
      request.take_header = { Transfer.at($0)?.takeHeader($1, count: $2) ?? false }
      request.take_body = { Transfer.at($0)?.takeBody($1, count: $2) ?? false }
      request.is_cancelled = { Transfer.at($0)?.isCancelled() ?? true }
      return withExtendedLifetime(transfer) { curl_client_perform(client, &request) }
    }
    var response = transfer.response
    response.status = outcome.status
    response.redirect = outcome.redirect.map { String(cString: $0) }
    if let error = transfer.error { throw .receiver(error) }
    if outcome.code != 0 { throw failure(outcome) }
    return response
  }

  private func failure(_ outcome: curl_outcome) -> Failure {
    let message = withUnsafeBytes(of: outcome.message) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    // The numbers of curl/curl.h.
    return switch outcome.code {
    case _ where isCancelled(): .cancelled
    case 5, 6, 7: .unreachable(message)  // no proxy, no host, no connection
    case 35, 51, 58, 59, 60, 77, 83, 91: .untrusted(message)
    case 28 where outcome.status == 0: .unreachable(message)  // too slow to connect
    default: .cutOff(message)
    }
  }

  /// Runs something with texts as C has them, a nil behind the last one.
  private static func withTexts<Result>(
    _ texts: [String], _ other: String?,
    _ body: (UnsafeBufferPointer<UnsafePointer<CChar>?>, UnsafePointer<CChar>?) -> Result
  ) -> Result {
    let copies = texts.map { strdup($0) }
    let otherCopy = other.map { strdup($0) } ?? nil
    defer {
      for copy in copies { free(copy) }
      free(otherCopy)
    }
    let pointers = copies.map { UnsafePointer($0) } + [nil]
    return pointers.withUnsafeBufferPointer { body($0, otherCopy.map { UnsafePointer($0) }) }
  }
}

/// What libcurl calls back into while a transfer is under way.
private final class Transfer {
  var response = HTTPClient.Response()
  var error: HubError?
  let isCancelled: () -> Bool
  private let receive: (HTTPClient.Response, UnsafeRawBufferPointer) throws(HubError) -> Void

  init(
    receive: @escaping (HTTPClient.Response, UnsafeRawBufferPointer) throws(HubError) -> Void,
    isCancelled: @escaping () -> Bool
  ) {
    self.receive = receive
    self.isCancelled = isCancelled
  }

  /// - Parameter context: the one that `perform` gave, which outlives the transfer.
  static func at(_ context: UnsafeMutableRawPointer?) -> Transfer? {
    context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
  }

  func takeHeader(_ bytes: UnsafePointer<CChar>?, count: Int) -> Bool {
    let line = String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
    if line.hasPrefix("HTTP/") {
      // An answer may come after a provisional one.
      response = HTTPClient.Response()
      response.status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    } else if let colon = line.firstIndex(of: ":") {
      response.headers[line[..<colon].lowercased()] = line[line.index(after: colon)...]
        .trimmingCharacters(in: .whitespacesAndNewlines)
    }
    return true
  }

  func takeBody(_ bytes: UnsafeRawPointer?, count: Int) -> Bool {
    do throws(HubError) {
      try receive(response, UnsafeRawBufferPointer(start: bytes, count: count))
      return true
    } catch {
      self.error = error
      return false
    }
  }
}
