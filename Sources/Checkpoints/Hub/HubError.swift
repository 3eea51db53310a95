import Files

/// Why a model could not be fetched, and what would help.
public enum HubError: Error, Sendable, Equatable {
  /// libcurl is not installed.
  case noLibrary
  /// `HF_HUB_OFFLINE` forbids it.
  case offline(model: String)
  case notFound(model: String, endpoint: String)
  /// The model's owner gives it only to some.
  case noAccess(model: String, endpoint: String, hasToken: Bool)
  case noWeights(model: String)
  case unreachable(host: String, reason: String)
  case untrusted(host: String, reason: String)
  /// The connection broke again and again; what has arrived is kept.
  case cutOff(file: String, received: Int, size: Int, reason: String)
  case status(Int, url: String)
  /// An answer that is not the Hub's; `reason` says in what.
  case answer(url: String, reason: String)
  case checksum(file: String)
  case size(file: String, expected: Int, found: Int)
  /// Too little room for what is missing; in bytes, `free` where it is known.
  case diskFull(folder: String, needed: Int, free: Int?)
  case file(FileError)
  case index(CheckpointError)
  /// The person asked to stop; what has arrived is kept.
  case cancelled
}

extension HubError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noLibrary:
      "fetching a model needs libcurl, which is not installed: apt-get install libcurl4"
    case .offline(let model):
      "\(model) is not, or not whole, in Hugging Face's cache, and HF_HUB_OFFLINE forbids to fetch it; "
        + "unset it, or give a folder that holds the model's config.json"
    case .notFound(let model, let endpoint):
      "there is no model \(model) at \(endpoint), nor a folder of that name here; look for typing "
        + "errors, and if it is a private model set HF_TOKEN"
    case .noAccess(let model, let endpoint, false):
      "\(endpoint)/\(model) is for those who have access: accept its terms on that page, then set "
        + "HF_TOKEN to a token from \(endpoint)/settings/tokens (or the name is mistyped)"
    case .noAccess(let model, let endpoint, true):
      "the token in HF_TOKEN has no access to \(endpoint)/\(model): accept its terms on that page "
        + "with the account of the token, or use another token"
    case .noWeights(let model):
      "\(model) has neither safetensors nor pytorch_model.bin, so that there is nothing to fetch; "
        + "download a .gguf file by itself, and load it by its path"
    case .unreachable(let host, let reason):
      "cannot reach \(host) (\(reason)); check the network, or name a mirror in HF_ENDPOINT"
    case .untrusted(let host, let reason):
      "the identity of \(host) cannot be verified (\(reason)); install ca-certificates, or name your "
        + "network's certificates in SSL_CERT_FILE"
    case .cutOff(let file, let received, let size, let reason):
      "the connection broke at byte \(received) of \(size) of \(file) (\(reason)); the part is kept, "
        + "so that the same command goes on from there"
    case .status(let status, let url): "\(url) answers with status \(status); try again later"
    case .answer(let url, let reason): "\(url) does not answer as the Hub does: \(reason)"
    case .checksum(let file):
      "what arrived as \(file) is not what the Hub announced (SHA-256); it was removed, so fetch again"
    case .size(let file, let expected, let found):
      "\(file) has \(found) bytes instead of the \(expected) announced; it was removed, so fetch again"
    case .diskFull(let folder, let needed, let free):
      "there is no room for \(needed) more bytes in \(folder)"
        + (free.map { " (\($0) are free)" } ?? "")
        + "; make room, or name another place in HF_HUB_CACHE"
    case .file(let error): error.description
    case .index(let error): error.description
    case .cancelled: "stopped; what has arrived is kept"
    }
  }
}
