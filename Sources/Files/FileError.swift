import Foundation

/// A file that could not be read or written, and what the system said.
public struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was to be done with the file.
  public enum Operation: String, Sendable {
    case read, write
  }

  public let operation: Operation
  /// The file's path.
  public let path: String
  /// What the system said, or what is wrong with the file.
  public let reason: String
  /// The system's error number; 0 where the system raised none.
  public let code: Int32

  public var description: String { "cannot \(operation.rawValue) \(path): \(reason)" }

  public init(_ operation: Operation, _ path: String, reason: String) {
    self.operation = operation
    self.path = path
    self.reason = reason
    self.code = 0
  }

  /// Takes the reason from an `errno` value.
  public init(_ operation: Operation, _ path: String, code: Int32) {
    self.operation = operation
    self.path = path
    self.reason = String(cString: strerror(code))
    self.code = code
  }
}
