import CThreads
import Dispatch

/// A number of threads that work on one thing together.
///
/// All parallelism of the engine goes through here; OpenBLAS itself always runs on the calling
/// thread. Its own threads lose on the many small products of attention (half the speed of two
/// threads of ours, measured at 60 to 400 tokens), and two kinds of threads would fight for cores.
public struct Team: Sendable {
  public let size: Int

  /// One thread: the caller.
  public static let alone = Team(size: 1)

  public init(size: Int) {
    self.size = max(1, size)
    BLAS.useCallingThread()
  }

  /// Runs `body(0)` … `body(count - 1)`, in parallel if the team has several members. Which member
  /// runs which index is not fixed, so a body must write only what belongs to its index.
  public func forEach(_ count: Int, _ body: @Sendable (Int) -> Void) {
    if size == 1 || count <= 1 {
      for index in 0..<count { body(index) }
    } else if !runByCrew(count, body) {
      DispatchQueue.concurrentPerform(iterations: count, execute: body)
    }
  }

  /// Runs the parts on threads that do not sleep between one task and the next. There is one crew, and
  /// it serves one team at a time.
  ///
  /// - Returns: whether the crew was free.
  private func runByCrew(_ count: Int, _ body: @Sendable (Int) -> Void) -> Bool {
    withoutActuallyEscaping(body) { body in
      var body: @Sendable (Int) -> Void = body
      return withUnsafeMutablePointer(to: &body) { pointer in
        fathom_crew_perform(
          size, count,
          { context, index in
            context?.assumingMemoryBound(to: (@Sendable (Int) -> Void).self).pointee(index)
          }, pointer) != 0
      }
    }
  }

  /// Splits `0..<count` into one contiguous part a member, cut at multiples of `grain`. The parts
  /// depend on the size of the team alone, so that sums within them come out the same every time.
  public func parts(of count: Int, grain: Int = 1) -> [Range<Int>] {
    let grains = (count + grain - 1) / grain
    let members = min(size, max(grains, 1))
    return (0..<members).map { member in
      let lower = grains * member / members * grain
      let upper = min(grains * (member + 1) / members * grain, count)
      return lower..<upper
    }
  }

  /// Whether a product is so much work that waking other threads costs less than it saves.
  func isWorthSharing(_ target: Matrix, inner: Int) -> Bool {
    size > 1 && 2 * target.rows * target.columns * inner > 1_000_000
  }

  /// Runs `body` on consecutive parts, one a member, cut at multiples of `grain`.
  func forEachPart(of count: Int, grain: Int, _ body: @Sendable (Range<Int>) -> Void) {
    let parts = parts(of: count, grain: grain)
    forEach(parts.count) { body(parts[$0]) }
  }

  /// Runs `body` on consecutive ranges of rows, one a member.
  public func forEachRange(of count: Int, _ body: @Sendable (Range<Int>) -> Void) {
    guard size > 1, count >= 2 * size else { return body(0..<count) }
    let parts = parts(of: count)
    forEach(parts.count) { body(parts[$0]) }
  }
}
