import Foundation

/// Reads many wrong files, and watches time and memory.
///
/// `FATHOM_FUZZ` in the environment is the number of cases of each run, and memory is then watched
/// as well, which only tells something while no other test runs (`make fuzz`). Without it a run is
/// short. The file of a case that stops the process stays behind.
public struct FuzzRun {
  /// What a run has seen.
  public struct Report: CustomStringConvertible {
    public let name: String
    public internal(set) var cases = 0
    /// How many of them were read without complaint.
    public internal(set) var accepted = 0
    /// Seconds of processor time that the slowest case took.
    public internal(set) var slowest = 0.0
    /// Bytes of memory that a case took beyond twice its file, at most, and which case that was.
    public internal(set) var memory = 0
    public internal(set) var memoryCase = 0

    public var description: String {
      let milliseconds = String(format: "%.1f", slowest * 1e3)
      return "\(name): \(cases) cases, \(accepted) read; slowest \(milliseconds) ms; "
        + "\(memory / 1024) kB beyond twice the file (case \(memoryCase))"
    }
  }

  /// Cases of each run where the environment says nothing.
  private static let usualCases = 400
  private static let asked = ProcessInfo.processInfo.environment["FATHOM_FUZZ"].flatMap { Int($0) }

  /// Whether memory is watched.
  public static let isFull = asked != nil

  /// Makes files and reads them.
  ///
  /// - Parameters:
  ///   - name: for the report, and of the file.
  ///   - make: makes the file of a case.
  ///   - read: reads it; throws if the file is refused.
  public static func run(
    _ name: String, make: (_ case: Int, inout Mutator) throws -> [UInt8],
    read: (URL) throws -> Void
  ) throws -> Report {
    // Where there is a file system in memory, the disk need not write every case.
    let memory = URL(fileURLWithPath: "/dev/shm", isDirectory: true)
    let place =
      FileManager.default.isWritableFile(atPath: memory.path)
      ? memory : FileManager.default.temporaryDirectory
    let folder =
      place
      .appendingPathComponent("fathom-fuzz-\(ProcessInfo.processInfo.processIdentifier)-\(name)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let url = folder.appendingPathComponent(name)
    var report = Report(name: name)
    for number in 0..<(asked ?? usualCases) {
      var mutator = Mutator(seed: number)
      let bytes = try make(number, &mutator)
      try Data(bytes).write(to: url)
      let before = isFull ? Memory.restartPeak() : 0
      let start = processorTime()
      do {
        try read(url)
        report.accepted += 1
      } catch {
        // The text of an error is code as well.
        precondition(!"\(error)".isEmpty)
      }
      report.slowest = max(report.slowest, processorTime() - start)
      let memory = isFull ? Memory.peak() - before - 2 * bytes.count : 0
      if memory > report.memory { (report.memory, report.memoryCase) = (memory, number) }
      report.cases += 1
    }
    if isFull { print(report) }
    return report
  }

  /// Seconds of processor time of this thread, which others on the machine do not lengthen.
  private static func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

/// The memory of this process, as Linux tells it.
private enum Memory {
  /// Forgets the peak so far; returns the bytes in use.
  static func restartPeak() -> Int {
    let descriptor = open("/proc/self/clear_refs", O_WRONLY)
    if descriptor >= 0 {
      write(descriptor, "5", 1)
      close(descriptor)
    }
    return status("VmRSS:")
  }

  static func peak() -> Int { status("VmHWM:") }

  private static func status(_ key: String) -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix(key) }
    return (line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0) * 1024
  }
}
