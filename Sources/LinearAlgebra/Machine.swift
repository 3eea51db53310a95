import Foundation

/// The machine that Fathom runs on.
public enum Machine {
  /// Processors that may be used.
  public static let cores = ProcessInfo.processInfo.activeProcessorCount

  /// Bytes of main memory.
  public static let memory = Int(clamping: ProcessInfo.processInfo.physicalMemory)
}
