import Foundation

/// The header of a message (messaging protocol, "Message header").
struct Header: Codable, Sendable, Equatable {
  var messageID: String
  var type: String
  var session: String
  var username: String
  var date: String
  var version: String

  enum CodingKeys: String, CodingKey {
    case messageID = "msg_id"
    case type = "msg_type"
    case session, username, date, version
  }

  init(
    messageID: String, type: String, session: String, username: String, date: String,
    version: String = ProtocolVersion.text
  ) {
    self.messageID = messageID
    self.type = type
    self.session = session
    self.username = username
    self.date = date
    self.version = version
  }

  /// Only the id and the type are needed; old clients leave out some of the others.
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    messageID = try container.decode(String.self, forKey: .messageID)
    type = try container.decode(String.self, forKey: .type)
    session = try container.decodeIfPresent(String.self, forKey: .session) ?? ""
    username = try container.decodeIfPresent(String.self, forKey: .username) ?? ""
    date = try container.decodeIfPresent(String.self, forKey: .date) ?? ""
    version = try container.decodeIfPresent(String.self, forKey: .version) ?? ""
  }
}

/// The version of the messaging protocol that this kernel speaks.
enum ProtocolVersion {
  static let text = "5.5"
}

/// Writes points in time as ISO 8601 in UTC with microseconds, as Jupyter clients do.
enum Timestamp {
  static func now() -> String {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return text(seconds: time.tv_sec, microseconds: time.tv_nsec / 1_000)
  }

  static func text(seconds: Int, microseconds: Int) -> String {
    var seconds = time_t(seconds)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func padded(_ number: Int, _ width: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
    let day = [
      padded(Int(parts.tm_year) + 1900, 4), padded(Int(parts.tm_mon) + 1, 2),
      padded(Int(parts.tm_mday), 2),
    ]
    let clock = [padded(Int(parts.tm_hour), 2), padded(Int(parts.tm_min), 2)]
    let second = "\(padded(Int(parts.tm_sec), 2)).\(padded(microseconds, 6))"
    return "\(day.joined(separator: "-"))T\((clock + [second]).joined(separator: ":"))Z"
  }
}
