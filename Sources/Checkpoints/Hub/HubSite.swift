import Foundation

/// The Hugging Face Hub, or a mirror of it: what is asked there and what the answers mean.
struct HubSite {
  /// A file of a model as the Hub announces it.
  struct Announcement {
    let name: String
    /// The commit it was found in.
    let commit: String
    /// What the cache calls its content: SHA-256 of large files, git's hash of others.
    let tag: String
    /// Bytes.
    let size: Int
  }

  let endpoint: String
  let model: String
  private let token: String?
  private let client: HTTPClient

  private static let redirectLimit = 10
  /// What may stand in a URL as it is; RFC 3986, section 2.3.
  private static let unreserved = CharacterSet(
    charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

  init(
    model: String, environment: [String: String], isCancelled: @escaping () -> Bool
  ) throws(HubError) {
    func value(_ key: String) -> String? {
      let text = environment[key]?.trimmingCharacters(in: .whitespacesAndNewlines)
      return text?.isEmpty == false ? text : nil
    }
    var endpoint = value("HF_ENDPOINT") ?? "https://huggingface.co"
    while endpoint.hasSuffix("/") { endpoint.removeLast() }
    self.endpoint = endpoint
    self.model = model
    // A line break would smuggle in another line of the header.
    token = value("HF_TOKEN").flatMap { $0.contains(where: \.isNewline) ? nil : $0 }
    client = try HTTPClient(
      certificates: value("SSL_CERT_FILE") ?? value("CURL_CA_BUNDLE")
        ?? value("REQUESTS_CA_BUNDLE"), isCancelled: isCancelled)
  }

  /// What the Hub says of a file; nil if the model has none of that name.
  ///
  /// - Parameter revision: a branch or a commit.
  func announcement(
    of file: String, revision: String
  ) throws(HubError) -> Announcement? {
    let start = url(file, revision)
    var headers: [String: String] = [:]
    var place = start
    for _ in 0...Self.redirectLimit {
      let response: HTTPClient.Response
      do {
        response = try client.head(place, self.headers(for: place))
      } catch {
        throw explain(error, place)
      }
      headers.merge(response.headers) { _, new in new }
      // Large files are elsewhere, and the Hub's own answer tells all of them.
      if let next = response.redirect, headers["x-linked-etag"] == nil {
        place = try checked(next, after: place)
        continue
      }
      guard response.redirect != nil || response.status == 200 else {
        guard response.status == 404, response.headers["x-error-code"] != "RepoNotFound" else {
          throw refusal(response, place)
        }
        return nil
      }
      return try Self.announcement(file, headers, url: start)
    }
    throw .answer(url: start, reason: "it sends on from one place to the next")
  }

  /// Fetches a file, or the rest of it.
  ///
  /// - Parameters:
  ///   - offset: bytes that are there already.
  ///   - receive: takes the pieces in order; `start` is the offset of the first of the pieces, which
  ///     is 0 if the Hub sends all of the file once more.
  func fetch(
    _ file: Announcement, from offset: Int,
    receive: @escaping (_ start: Int, UnsafeRawBufferPointer) throws(HubError) -> Void
  ) throws(HubTransferError) {
    let start = url(file.name, file.commit)
    var place = start
    for _ in 0...Self.redirectLimit {
      let range = offset > 0 ? ["Range: bytes=\(offset)-"] : []
      let response: HTTPClient.Response
      do {
        response = try client.get(place, headers(for: place) + range) {
          response, bytes throws(HubError) in
          switch response.status {
          case 200: try receive(0, bytes)
          case 206: try receive(offset, bytes)
          default: break
          }
        }
      } catch {
        if case .cutOff(let reason) = error { throw .cutOff(reason) }
        throw .hub(explain(error, place))
      }
      switch response.status {
      case 200, 206: return
      case 416: throw .hub(.size(file: file.name, expected: file.size, found: offset))
      case 429, 500...599: throw .cutOff("status \(response.status)")
      default: break
      }
      guard let next = response.redirect else { throw .hub(refusal(response, place)) }
      do { place = try checked(next, after: place) } catch { throw .hub(error) }
    }
    throw .hub(.answer(url: start, reason: "it sends on from one place to the next"))
  }
}

/// Why a file did not arrive whole: worth another try, or not.
enum HubTransferError: Error {
  case cutOff(String)
  case hub(HubError)
}

// MARK: - Asking

extension HubSite {
  private func url(_ file: String, _ revision: String) -> String {
    let name = file.addingPercentEncoding(withAllowedCharacters: Self.unreserved) ?? file
    return "\(endpoint)/\(model)/resolve/\(revision)/\(name)"
  }

  /// The token is for the Hub alone, not for where it keeps large files.
  private func headers(for url: String) -> [String] {
    var headers = ["Accept-Encoding: identity"]
    if let token, Origin(url) == Origin(endpoint) {
      headers.append("Authorization: Bearer \(token)")
    }
    return headers
  }

  /// Where an answer sends on to; not from a connection that is encrypted to one that is not.
  private func checked(_ next: String, after url: String) throws(HubError) -> String {
    guard let from = Origin(url), let to = Origin(next), ["http", "https"].contains(to.scheme),
      to.scheme == "https" || from.scheme == "http"
    else { throw .answer(url: url, reason: "it sends on to \(next)") }
    return next
  }

  /// What two URLs share that belong to one site.
  private struct Origin: Equatable {
    let scheme: String
    let host: String
    let port: Int

    init?(_ url: String) {
      guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased(),
        let host = parts.host?.lowercased()
      else { return nil }
      self.scheme = scheme
      self.host = host
      port = parts.port ?? (scheme == "https" ? 443 : 80)
    }
  }
}

// MARK: - Understanding

extension HubSite {
  private static func announcement(
    _ file: String, _ headers: [String: String], url: String
  ) throws(HubError) -> Announcement {
    func required(_ names: String...) throws(HubError) -> String {
      for name in names {
        if let value = headers[name] { return value }
      }
      throw .answer(url: url, reason: "it has no \(names.joined(separator: " or "))")
    }
    let commit = try required("x-repo-commit")
    var tag = try required("x-linked-etag", "etag")
    if tag.hasPrefix("W/") { tag.removeFirst(2) }
    tag = tag.trimmingCharacters(in: CharacterSet(charactersIn: "\""))
    // Both become names of files.
    for name in [commit, tag] where !HubCache.isName(name) {
      throw .answer(url: url, reason: "its tag or commit is \(name.debugDescription)")
    }
    let length = try required("x-linked-size", "content-length")
    guard let size = Int(length), size >= 0 else {
      throw .answer(url: url, reason: "its length is \(length.debugDescription)")
    }
    return Announcement(name: file, commit: commit, tag: tag, size: size)
  }

  private func explain(_ failure: HTTPClient.Failure, _ url: String) -> HubError {
    let host = URLComponents(string: url)?.host ?? url
    return switch failure {
    case .unreachable(let reason): .unreachable(host: host, reason: reason)
    case .untrusted(let reason): .untrusted(host: host, reason: reason)
    case .cutOff(let reason): .unreachable(host: host, reason: reason)
    case .cancelled: .cancelled
    case .receiver(let error): error
    }
  }

  private func refusal(_ response: HTTPClient.Response, _ url: String) -> HubError {
    switch response.status {
    case 401, 403: .noAccess(model: model, endpoint: endpoint, hasToken: token != nil)
    case 404: .notFound(model: model, endpoint: endpoint)
    default: .status(response.status, url: url)
    }
  }
}
